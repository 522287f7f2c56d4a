// A QR code in a picture's grey values. Rule: what comes out is text from outside and nothing more; a picture without a code is the
// usual case, and no fault.

package org.coffre.app.pairing

import com.google.zxing.BarcodeFormat
import com.google.zxing.BinaryBitmap
import com.google.zxing.DecodeHintType
import com.google.zxing.LuminanceSource
import com.google.zxing.PlanarYUVLuminanceSource
import com.google.zxing.ReaderException
import com.google.zxing.common.GlobalHistogramBinarizer
import com.google.zxing.common.HybridBinarizer
import com.google.zxing.qrcode.QRCodeReader

private val HINTS =
    mapOf(
        DecodeHintType.TRY_HARDER to true,
        DecodeHintType.POSSIBLE_FORMATS to listOf(BarcodeFormat.QR_CODE),
        DecodeHintType.CHARACTER_SET to "UTF-8",
    )

/** Reads codes, one picture after the other. One thread. */
class CodePicture {
    private val reader = QRCodeReader()

    /**
     * The text of the code in a picture of [width] × [height] grey values, of which a row takes [rowBytes] of [grey]; null when none
     * is seen. Codes that are turned, askew, or light on dark are read as well.
     */
    fun read(
        grey: ByteArray,
        rowBytes: Int,
        width: Int,
        height: Int,
    ): String? {
        val source = PlanarYUVLuminanceSource(grey, rowBytes, height, 0, 0, width, height, false)
        // A terminal without colours shows a code the wrong way round when it is a light one.
        return decode(source) ?: decode(source.invert())
    }

    private fun decode(source: LuminanceSource): String? =
        // The first is good with shadows, the second with what is small and sharp.
        decode(BinaryBitmap(HybridBinarizer(source))) ?: decode(BinaryBitmap(GlobalHistogramBinarizer(source)))

    private fun decode(picture: BinaryBitmap): String? =
        try {
            reader.decode(picture, HINTS).text
        } catch (_: ReaderException) {
            null
        } finally {
            reader.reset()
        }
}
