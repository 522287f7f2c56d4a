// Pictures of screens, written for people to look at. Rule: what is drawn is what a phone would draw, without its system bars.

package org.coffre.app.screens

import android.content.ComponentName
import android.graphics.Bitmap
import android.os.Handler
import android.os.Looper
import android.view.PixelCopy
import android.view.View
import androidx.activity.ComponentActivity
import androidx.activity.compose.setContent
import androidx.compose.runtime.CompositionLocalProvider
import androidx.compose.ui.platform.LocalLayoutDirection
import androidx.compose.ui.unit.LayoutDirection
import org.coffre.app.R
import org.coffre.app.restore.FileVersion
import org.coffre.app.restore.RestoreActions
import org.coffre.app.restore.VaultPlace
import org.coffre.app.session.Policy
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController
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
        direction: LayoutDirection = LayoutDirection.Ltr,
    ): Int {
        val controller = Robolectric.buildActivity(ComponentActivity::class.java)
        try {
            return copy(open(controller, state, direction), name)
        } finally {
            controller.pause().stop().destroy()
        }
    }

    /** Shows [state] and gives what [look] sees of the window; then the window goes, with all that moves in it. */
    fun <T> look(
        state: AppState,
        look: (View) -> T,
    ): T {
        val controller = Robolectric.buildActivity(ComponentActivity::class.java)
        try {
            return look(open(controller, state, LayoutDirection.Ltr).window.decorView)
        } finally {
            controller.pause().stop().destroy()
        }
    }

    private fun open(
        controller: ActivityController<ComponentActivity>,
        state: AppState,
        direction: LayoutDirection,
    ): ComponentActivity {
        val context = RuntimeEnvironment.getApplication()
        shadowOf(context.packageManager).addActivityIfNotPresent(ComponentName(context, ComponentActivity::class.java))
        val activity = controller.get().apply { setTheme(R.style.App) }
        controller.setup()
        activity.setContent {
            CompositionLocalProvider(LocalLayoutDirection provides direction) { CoffreScreen(state, NoActions) }
        }
        ShadowLooper.idleMainLooper()
        return activity
    }

    /** Writes what a window shows and gives how many colours are in it. */
    private fun copy(
        activity: ComponentActivity,
        name: String,
    ): Int {
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
internal object NoActions : AppActions, PairingActions, SourceActions, RestoreActions {
    override val pairing get() = this
    override val sources get() = this
    override val restore get() = this

    override fun go(step: Step) = Unit

    override fun backUpNow() = Unit

    override fun pause(isPaused: Boolean) = Unit

    override fun watchAlways(isWanted: Boolean) = Unit

    override fun askAccess() = Unit

    override fun askCamera() = Unit

    override fun askWriting() = Unit

    override fun pickFolder() = Unit

    override fun chooseLanguage() = Unit

    override fun openBattery() = Unit

    override fun openSettings() = Unit

    override fun fill(form: PairingForm) = Unit

    override fun scanned(text: String) = Unit

    override fun cameraFailed() = Unit

    override fun chooseServer() = Unit

    override fun pair(secret: CharArray) = Unit

    override fun showWords() = Unit

    override fun checkWords(typed: List<String>) = Unit

    override fun pairAgain() = Unit

    override fun choose(folder: String) = Unit

    override fun begin() = Unit

    override fun remove(name: String) = Unit

    override fun exclude(
        source: Source,
        patterns: List<String>,
    ) = Unit

    override fun setPolicy(policy: Policy) = Unit

    override fun open(secret: CharArray) = Unit

    override fun enter(place: VaultPlace) = Unit

    override fun showVersions(file: VaultPlace) = Unit

    override fun choose(place: VaultPlace) = Unit

    override fun bringBack(
        file: VaultPlace,
        version: FileVersion,
    ) = Unit

    override fun dropInterrupted() = Unit

    override fun stop() = Unit

    override fun goBack() = Unit

    override fun leave() = Unit
}
