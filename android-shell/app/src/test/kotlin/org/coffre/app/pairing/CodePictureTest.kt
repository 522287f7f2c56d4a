// Codes in pictures as a camera gives them. Rule: another library's drawing, not the app's own, and each picture is made worse in one
// way that happens.

package org.coffre.app.pairing

import com.google.zxing.BarcodeFormat
import com.google.zxing.EncodeHintType
import com.google.zxing.qrcode.QRCodeWriter
import com.google.zxing.qrcode.decoder.ErrorCorrectionLevel
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Test
import java.util.Random
import kotlin.math.cos
import kotlin.math.roundToInt
import kotlin.math.sin

private const val WIDTH = 1_280
private const val HEIGHT = 720
private const val INK = 30
private const val PAPER = 210

class CodePictureTest {
    private val text =
        "coffre://pair?server=https%3A%2F%2F192.168.1.20%3A8484&pin=${"0123456789abcdef".repeat(
            4,
        )}&invitation=7QK2A-9MXNB-RT4CD-HJ8EF"
    private val code =
        QRCodeWriter().encode(
            text,
            BarcodeFormat.QR_CODE,
            1,
            1,
            mapOf(EncodeHintType.ERROR_CORRECTION to ErrorCorrectionLevel.M),
        )

    /** A picture in which the code's modules are [module] pixels wide, turned by [degrees] about the picture's middle. */
    private fun draw(
        module: Double,
        degrees: Double,
        ink: Int = INK,
        paper: Int = PAPER,
    ): ByteArray {
        val angle = Math.toRadians(degrees)
        return ByteArray(WIDTH * HEIGHT) { at ->
            val x = at % WIDTH - WIDTH / 2
            val y = at / WIDTH - HEIGHT / 2
            val column = ((x * cos(angle) + y * sin(angle)) / module + code.width / 2.0).toInt()
            val row = ((y * cos(angle) - x * sin(angle)) / module + code.height / 2.0).toInt()
            val isInside = column in 0 until code.width && row in 0 until code.height
            (if (isInside && code.get(column, row)) ink else paper).toByte()
        }
    }

    private fun read(picture: ByteArray) = CodePicture().read(picture, WIDTH, WIDTH, HEIGHT)

    @Test
    fun aCodeIsReadHoweverThePhoneIsHeld() {
        for (degrees in listOf(0, 7, 30, 45, 90, 135, 180, 200, 270)) {
            assertEquals("turned by $degrees°", text, read(draw(7.0, degrees.toDouble())))
        }
    }

    @Test
    fun aSmallCodeIsRead() = assertEquals(text, read(draw(3.0, 4.0)))

    @Test
    fun aCodeIsReadThroughNoiseAndInDimLight() {
        val random = Random(1)
        val noisy = draw(8.0, 3.0)
        for (at in noisy.indices) {
            val grey = (noisy[at].toInt() and 0xff) + (random.nextGaussian() * 15).roundToInt()
            noisy[at] = grey.coerceIn(0, 255).toByte()
        }
        assertEquals(text, read(noisy))
        val dim = draw(8.0, 3.0)
        // A shadow across the picture, and little contrast.
        for (at in dim.indices) dim[at] = ((dim[at].toInt() and 0xff) / 3 + at % WIDTH / 16).toByte()
        assertEquals(text, read(dim))
    }

    @Test
    fun aCodeOnALightTerminalIsReadTheWrongWayRound() = assertEquals(text, read(draw(7.0, 5.0, PAPER, INK)))

    @Test
    fun theRowsOfACameraMayBePadded() {
        val padded = ByteArray((WIDTH + 64) * HEIGHT)
        val picture = draw(7.0, 10.0)
        for (row in 0 until HEIGHT) picture.copyInto(padded, row * (WIDTH + 64), row * WIDTH, (row + 1) * WIDTH)
        assertEquals(text, CodePicture().read(padded, WIDTH + 64, WIDTH, HEIGHT))
    }

    @Test
    fun aPictureWithoutACodeIsNothing() {
        assertNull(read(ByteArray(WIDTH * HEIGHT) { PAPER.toByte() }))
        val random = Random(2)
        assertNull(read(ByteArray(WIDTH * HEIGHT).also(random::nextBytes)))
        // Half of a code.
        val torn = draw(7.0, 0.0)
        for (at in torn.indices) if (at % WIDTH > WIDTH / 2) torn[at] = PAPER.toByte()
        assertNull(read(torn))
    }
}
