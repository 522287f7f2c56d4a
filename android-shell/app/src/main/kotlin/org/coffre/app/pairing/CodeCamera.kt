// The camera that looks for a code. Rule: it runs only while its screen is seen, keeps no picture, and whatever keeps it from
// running is told by name, since there is another way: typing.

package org.coffre.app.pairing

import android.annotation.SuppressLint
import android.content.Context
import android.graphics.ImageFormat
import android.graphics.SurfaceTexture
import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraCaptureSession
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraDevice
import android.hardware.camera2.CameraManager
import android.hardware.camera2.CaptureRequest
import android.media.Image
import android.media.ImageReader
import android.os.Handler
import android.os.HandlerThread
import android.util.Size
import android.view.Surface

/** Large enough for a code that fills a third of the picture, and cheap to look at. */
private val WANTED = Size(1_280, 720)
private const val PICTURES = 2

/** Who hears of a camera; on its own thread. */
interface CodeListener {
    /** A code was seen; it may come again. */
    fun seen(text: String)

    /** There is no camera, another app has it, or the owner's policy forbids it. */
    fun failed()
}

/** A camera that shows what it sees on a surface, and says what codes it sees. */
class CodeCamera(
    context: Context,
    private val listener: CodeListener,
) : AutoCloseable {
    private val cameras = checkNotNull(context.getSystemService(CameraManager::class.java))
    private val thread = HandlerThread("coffre-camera").apply { start() }
    private val handler = Handler(thread.looper)
    private val picture = CodePicture()
    private var device: CameraDevice? = null
    private var reader: ImageReader? = null
    private var isClosed = false

    /** Begins, with the picture on [preview]. The permission was granted before. */
    fun open(preview: SurfaceTexture) = handler.post { begin(preview) }

    override fun close() {
        handler.post {
            isClosed = true
            device?.close()
            reader?.close()
        }
        thread.quitSafely()
    }

    @SuppressLint("MissingPermission")
    private fun begin(preview: SurfaceTexture) {
        try {
            val id = findCamera() ?: return listener.failed()
            val size = chooseSize(id)
            preview.setDefaultBufferSize(size.width, size.height)
            val pictures = ImageReader.newInstance(size.width, size.height, ImageFormat.YUV_420_888, PICTURES)
            pictures.setOnImageAvailableListener({ it.acquireLatestImage()?.use(::look) }, handler)
            reader = pictures
            cameras.openCamera(id, Opening(Surface(preview), pictures.surface), handler)
        } catch (_: CameraAccessException) {
            listener.failed()
        } catch (_: SecurityException) {
            listener.failed()
        } catch (_: IllegalArgumentException) {
            listener.failed()
        }
    }

    private fun findCamera(): String? {
        val facing = { id: String -> cameras.getCameraCharacteristics(id).get(CameraCharacteristics.LENS_FACING) }
        val all = cameras.cameraIdList
        return all.firstOrNull { facing(it) == CameraCharacteristics.LENS_FACING_BACK } ?: all.firstOrNull()
    }

    private fun chooseSize(id: String): Size {
        val map = cameras.getCameraCharacteristics(id).get(CameraCharacteristics.SCALER_STREAM_CONFIGURATION_MAP)
        val sizes = map?.getOutputSizes(ImageFormat.YUV_420_888).orEmpty()
        return sizes.minByOrNull { Math.abs(it.width - WANTED.width) + Math.abs(it.height - WANTED.height) } ?: WANTED
    }

    private fun look(image: Image) {
        val plane = image.planes[0]
        val grey = ByteArray(plane.buffer.remaining()).also(plane.buffer::get)
        // The last row may lack its padding.
        val rows = minOf(image.height, (grey.size + plane.rowStride - image.width) / plane.rowStride)
        val whole = if (grey.size < rows * plane.rowStride) grey.copyOf(rows * plane.rowStride) else grey
        picture.read(whole, plane.rowStride, image.width, rows)?.let(listener::seen)
    }

    private inner class Opening(
        private val preview: Surface,
        private val pictures: Surface,
    ) : CameraDevice.StateCallback() {
        override fun onOpened(camera: CameraDevice) {
            device = camera
            if (isClosed) return camera.close()
            try {
                camera.createCaptureSession(listOf(preview, pictures), Running(camera, preview, pictures), handler)
            } catch (_: CameraAccessException) {
                listener.failed()
            }
        }

        override fun onDisconnected(camera: CameraDevice) = end(camera)

        override fun onError(
            camera: CameraDevice,
            error: Int,
        ) = end(camera)

        private fun end(camera: CameraDevice) {
            camera.close()
            if (!isClosed) listener.failed()
        }
    }

    private inner class Running(
        private val camera: CameraDevice,
        private val preview: Surface,
        private val pictures: Surface,
    ) : CameraCaptureSession.StateCallback() {
        override fun onConfigured(session: CameraCaptureSession) {
            try {
                val request = camera.createCaptureRequest(CameraDevice.TEMPLATE_PREVIEW)
                request.addTarget(preview)
                request.addTarget(pictures)
                request.set(CaptureRequest.CONTROL_AF_MODE, CaptureRequest.CONTROL_AF_MODE_CONTINUOUS_PICTURE)
                session.setRepeatingRequest(request.build(), null, handler)
            } catch (_: CameraAccessException) {
                listener.failed()
            } catch (_: IllegalStateException) {
                // Closed meanwhile.
                if (!isClosed) listener.failed()
            }
        }

        override fun onConfigureFailed(session: CameraCaptureSession) = listener.failed()
    }
}
