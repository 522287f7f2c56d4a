// The camera that reads a pairing code. Rule: why it is asked for stands beside the button that asks, and whoever says no types
// instead.

package org.coffre.app.screens

import android.graphics.SurfaceTexture
import android.os.Handler
import android.os.Looper
import android.view.TextureView
import androidx.compose.foundation.background
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.aspectRatio
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.shape.RoundedCornerShape
import androidx.compose.material3.MaterialTheme
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.draw.clip
import androidx.compose.ui.res.stringResource
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.unit.dp
import androidx.compose.ui.viewinterop.AndroidView
import org.coffre.app.R
import org.coffre.app.pairing.CodeCamera
import org.coffre.app.pairing.CodeListener

/** As cameras see, turned upright. */
private const val UPRIGHT = 3f / 4

@Composable
fun ScanScreen(
    state: AppState,
    actions: AppActions,
) = Page(
    stringResource(R.string.scan_title),
    actions = {
        if (state.camera == CameraState.FORBIDDEN) {
            MainButton(stringResource(R.string.scan_allow), onClick = actions::askCamera)
        }
        OtherButton(stringResource(R.string.scan_type)) { actions.go(Step.SERVER) }
    },
) {
    Failure(state)
    when (state.camera) {
        CameraState.FORBIDDEN -> {
            Explanation(stringResource(R.string.scan_why))
            LinkButton(stringResource(R.string.access_settings), onClick = actions::openSettings)
        }

        CameraState.FAILED -> {
            Warning(stringResource(R.string.scan_failed))
        }

        CameraState.ALLOWED -> {
            Explanation(stringResource(R.string.scan_text))
            val label = stringResource(R.string.scan_picture)
            Box(
                Modifier
                    .fillMaxWidth()
                    .aspectRatio(UPRIGHT)
                    .clip(RoundedCornerShape(16.dp))
                    .background(MaterialTheme.colorScheme.surfaceContainerHighest)
                    .semantics { contentDescription = label },
            ) { Preview(actions.pairing) }
        }
    }
}

/** What the camera sees; it ends with the screen. */
@Composable
private fun Preview(actions: PairingActions) =
    AndroidView(
        { context -> TextureView(context).apply { surfaceTextureListener = CameraSurface(this, actions) } },
        Modifier.fillMaxSize(),
    )

private class CameraSurface(
    private val view: TextureView,
    private val actions: PairingActions,
) : TextureView.SurfaceTextureListener,
    CodeListener {
    private val main = Handler(Looper.getMainLooper())
    private var camera: CodeCamera? = null

    override fun onSurfaceTextureAvailable(
        surface: SurfaceTexture,
        width: Int,
        height: Int,
    ) {
        camera = CodeCamera(view.context, this).apply { open(surface) }
    }

    override fun onSurfaceTextureSizeChanged(
        surface: SurfaceTexture,
        width: Int,
        height: Int,
    ) = Unit

    override fun onSurfaceTextureUpdated(surface: SurfaceTexture) = Unit

    override fun onSurfaceTextureDestroyed(surface: SurfaceTexture): Boolean {
        camera?.close()
        camera = null
        return true
    }

    override fun seen(text: String) {
        main.post { actions.scanned(text) }
    }

    override fun failed() {
        main.post { actions.cameraFailed() }
    }
}
