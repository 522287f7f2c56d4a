// The one activity. Rule: it shows the model's state, asks Android for what the model cannot, and keeps the recovery words out of
// screenshots and of the list of recent apps.

package org.coffre.app.screens

import android.content.Intent
import android.net.Uri
import android.os.Bundle
import android.view.WindowManager.LayoutParams.FLAG_SECURE
import androidx.activity.ComponentActivity
import androidx.activity.compose.setContent
import androidx.activity.enableEdgeToEdge
import androidx.activity.result.contract.ActivityResultContracts
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import kotlinx.coroutines.delay
import org.coffre.app.CoffreApp
import org.coffre.app.files.MediaAccess

/** While the app is seen, what it shows is looked at again this often. */
private const val LOOK_MS = 3_000L
private val SECRET = setOf(Step.WORDS, Step.CHECK, Step.PASSPHRASE)

class MainActivity : ComponentActivity() {
    private val model by lazy { CoffreApp.of(this).model }
    private val access =
        registerForActivityResult(ActivityResultContracts.RequestMultiplePermissions()) { model.refresh() }
    private val folder = registerForActivityResult(ActivityResultContracts.OpenDocumentTree()) { it?.let(::addTree) }

    private val actions by lazy {
        object : AppActions by model {
            override fun askAccess() = access.launch(MediaAccess.permissions().toTypedArray())

            override fun pickFolder() = folder.launch(null)
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
            LaunchedEffect(state.step) {
                if (state.step in SECRET) window.addFlags(FLAG_SECURE) else window.clearFlags(FLAG_SECURE)
                while (state.step == Step.STATUS) {
                    model.refresh()
                    delay(LOOK_MS)
                }
            }
            CoffreScreen(state, actions)
        }
    }

    override fun onResume() {
        super.onResume()
        model.refresh()
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
