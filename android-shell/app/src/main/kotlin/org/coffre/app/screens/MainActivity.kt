// The one activity. Rule: it shows the model's state, asks Android for what the model cannot, and keeps the recovery words and the
// passphrase out of screenshots and of the list of recent apps.

package org.coffre.app.screens

import android.Manifest.permission.CAMERA
import android.Manifest.permission.WRITE_EXTERNAL_STORAGE
import android.content.ActivityNotFoundException
import android.content.Intent
import android.net.Uri
import android.os.Build
import android.os.Bundle
import android.provider.Settings
import android.view.WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON
import android.view.WindowManager.LayoutParams.FLAG_SECURE
import androidx.activity.ComponentActivity
import androidx.activity.compose.BackHandler
import androidx.activity.compose.setContent
import androidx.activity.enableEdgeToEdge
import androidx.activity.result.contract.ActivityResultContracts
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import kotlinx.coroutines.delay
import org.coffre.app.CoffreApp
import org.coffre.app.files.MediaAccess
import org.coffre.app.restore.RestoreStage

/** While the app is seen, what it shows is looked at again this often. */
private const val LOOK_MS = 3_000L

/** Screens that show what changes by itself. */
private val LIVE = setOf(Step.STATUS, Step.HEALTH, Step.SETTINGS)
private val SECRET = setOf(Step.WORDS, Step.CHECK, Step.PASSPHRASE)

class MainActivity : ComponentActivity() {
    private val model by lazy { CoffreApp.of(this).model }
    private val access =
        registerForActivityResult(ActivityResultContracts.RequestMultiplePermissions()) { model.refresh() }
    private val folder = registerForActivityResult(ActivityResultContracts.OpenDocumentTree()) { it?.let(::addTree) }

    private val actions by lazy {
        object : AppActions by model {
            override fun askAccess() = access.launch(MediaAccess.permissions().toTypedArray())

            override fun askCamera() = access.launch(arrayOf(CAMERA))

            override fun askWriting() = access.launch(arrayOf(WRITE_EXTERNAL_STORAGE))

            override fun pickFolder() = folder.launch(null)

            override fun chooseLanguage() {
                if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) show(Settings.ACTION_APP_LOCALE_SETTINGS)
            }

            override fun openBattery() = show(Intent(Settings.ACTION_IGNORE_BATTERY_OPTIMIZATION_SETTINGS))

            override fun openSettings() = show(Settings.ACTION_APPLICATION_DETAILS_SETTINGS)
        }
    }

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        enableEdgeToEdge()
        setContent {
            val state by model.state.collectAsState()
            val words by CoffreApp
                .of(this)
                .engine.words.words
                .collectAsState()
            LaunchedEffect(words) { words?.let(model::takeWords) }
            val isSecret =
                state.step in SECRET || (state.step == Step.RESTORE && state.restore.stage == RestoreStage.Closed)
            LaunchedEffect(isSecret) {
                if (isSecret) window.addFlags(FLAG_SECURE) else window.clearFlags(FLAG_SECURE)
            }
            val isRestoring = state.restore.stage is RestoreStage.Running
            LaunchedEffect(isRestoring) {
                if (isRestoring) window.addFlags(FLAG_KEEP_SCREEN_ON) else window.clearFlags(FLAG_KEEP_SCREEN_ON)
            }
            LaunchedEffect(state.step) {
                while (state.step in LIVE) {
                    model.refresh()
                    delay(LOOK_MS)
                }
            }
            BackHandler(wayBack(state) != null) { wayBack(state)?.invoke() }
            CoffreScreen(state, actions)
        }
    }

    override fun onResume() {
        super.onResume()
        model.refresh()
    }

    /** What the phone's own way back does; null leaves the app. */
    private fun wayBack(state: AppState): (() -> Unit)? =
        when (state.step) {
            Step.WELCOME, Step.STATUS, Step.WORDS, Step.SOURCES -> null
            Step.SERVER -> goTo(Step.WELCOME)
            Step.SCAN, Step.PASSPHRASE -> goTo(Step.SERVER)
            Step.CHECK -> goTo(Step.WORDS)
            Step.HEALTH, Step.SETTINGS -> goTo(Step.STATUS)
            Step.RESTORE -> if (state.restore.stage == RestoreStage.Closed) goTo(Step.STATUS) else model.restore::goBack
        }

    private fun goTo(step: Step): () -> Unit = { model.go(step) }

    private fun show(page: String) = show(Intent(page, Uri.fromParts("package", packageName, null)))

    private fun show(page: Intent) {
        try {
            startActivity(page)
        } catch (_: ActivityNotFoundException) {
            // Some makers' phones have no such page.
        }
    }

    private fun addTree(tree: Uri) {
        contentResolver.takePersistableUriPermission(tree, Intent.FLAG_GRANT_READ_URI_PERMISSION)
        model.addFolder(nameOf(tree), tree.toString())
    }

    /** `primary:Documents/Letters` is called Letters. */
    private fun nameOf(tree: Uri): String {
        val id = tree.lastPathSegment.orEmpty()
        return id
            .trimEnd('/', ':')
            .substringAfterLast('/')
            .substringAfterLast(':')
            .ifEmpty { "folder" }
    }
}
