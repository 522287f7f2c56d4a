// Pictures of screens, written for people to look at. Rule: what is drawn is what a phone would draw, without its system bars.

package org.coffre.app.screens

import android.content.ComponentName
import android.graphics.Bitmap
import android.os.Handler
import android.os.Looper
import android.view.PixelCopy
import androidx.activity.ComponentActivity
import androidx.activity.compose.setContent
import org.coffre.app.R
import org.coffre.app.files.MediaAccess
import org.coffre.app.session.Policy
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowLooper
import java.io.File
import java.io.FileOutputStream

private const val BEST = 100

internal object Shots {
    private val folder = File(checkNotNull(System.getProperty("coffre.shots"))).apply { mkdirs() }

    /** Draws [state] into a file and gives how many colours are in it. */
    fun take(
        state: AppState,
        name: String,
    ): Int {
        val context = RuntimeEnvironment.getApplication()
        shadowOf(context.packageManager).addActivityIfNotPresent(ComponentName(context, ComponentActivity::class.java))
        val controller = Robolectric.buildActivity(ComponentActivity::class.java)
        val activity = controller.get().apply { setTheme(R.style.App) }
        controller.setup()
        activity.setContent { CoffreScreen(state, NoActions) }
        ShadowLooper.idleMainLooper()
        val view = activity.window.decorView
        val picture = Bitmap.createBitmap(view.width, view.height, Bitmap.Config.ARGB_8888)
        var outcome = -1
        PixelCopy.request(activity.window, picture, { outcome = it }, Handler(Looper.getMainLooper()))
        ShadowLooper.idleMainLooper()
        check(outcome == PixelCopy.SUCCESS) { "the screen could not be copied" }
        FileOutputStream(File(folder, "$name.png")).use { picture.compress(Bitmap.CompressFormat.PNG, BEST, it) }
        val pixels = IntArray(picture.width * picture.height)
        picture.getPixels(pixels, 0, picture.width, 0, 0, picture.width, picture.height)
        return pixels.toSet().size
    }
}

/** Nobody touches a picture. */
internal object NoActions : AppActions {
    override fun go(step: Step) = Unit

    override fun fill(form: PairingForm) = Unit

    override fun chooseServer() = Unit

    override fun pair(secret: CharArray) = Unit

    override fun showWords() = Unit

    override fun checkWords(typed: List<String>) = Unit

    override fun choose(folder: String) = Unit

    override fun askAccess() = Unit

    override fun pickFolder() = Unit

    override fun startBackup() = Unit

    override fun backUpNow() = Unit

    override fun pause(isPaused: Boolean) = Unit

    override fun setPolicy(policy: Policy) = Unit

    override fun removeSource(name: String) = Unit
}

/** States as a person meets them. */
internal object Scenes {
    private const val LAST_MS = 1_780_000_000_000
    private val form =
        PairingForm(address = "http://192.168.1.20:8080", login = "ada", deviceName = "Pixel 9")
    private val words =
        (
            "abandon ability able about above absent absorb abstract absurd abuse access accident " +
                "account accuse achieve acid acoustic acquire across act action actor actress actual"
        ).split(' ')
    private val sources =
        listOf(Source("DCIM", "media:external_primary/DCIM"), Source("Letters", "content://tree/letters"))
    private val calm =
        AppState(
            step = Step.STATUS,
            form = form,
            access = MediaAccess.FULL,
            server = "http://192.168.1.20:8080",
            status = BackupStatus(LAST_MS, 12_408, 48_213_000_000, sources = sources),
        )
    private val waiting =
        calm.status.copy(
            waiting = listOf(Waiting("network-metered", 37), Waiting("still-changing", 1), Waiting("unreadable", 2)),
        )

    val all: Map<String, AppState> =
        mapOf(
            "welcome" to AppState(form = form),
            "server" to AppState(Step.SERVER, form),
            "server-wrong" to AppState(Step.SERVER, form.copy(address = "http://example.org"), failure = "app-address"),
            "passphrase" to AppState(Step.PASSPHRASE, form),
            "passphrase-weak" to AppState(Step.PASSPHRASE, form, failure = "user-passphrase-too-common"),
            "join" to AppState(Step.PASSPHRASE, form.copy(isNew = false)),
            "words" to AppState(Step.WORDS, form, words = words),
            "check" to AppState(Step.CHECK, form, words = words, asked = listOf(2, 11, 20)),
            "sources" to AppState(Step.SOURCES, form),
            "sources-partial" to AppState(Step.SOURCES, form, access = MediaAccess.PARTIAL),
            "status" to calm,
            "status-first" to
                calm.copy(
                    status =
                        BackupStatus(
                            sources = sources,
                            isWorking = true,
                            waiting = listOf(Waiting("next-in-line", 4_210)),
                        ),
                ),
            "status-waiting" to calm.copy(status = waiting, isWordsMissing = true),
            "status-paused" to calm.copy(status = waiting.copy(isPaused = true)),
            "status-cloned" to calm.copy(status = calm.status.copy(trouble = Trouble.CLONED)),
            "settings" to calm.copy(step = Step.SETTINGS),
        )
}
