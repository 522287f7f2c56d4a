// Places as java.nio has them. Rule: a name's bytes are kept exactly, whatever they are and whatever the locale is.
//
// java.nio holds paths as bytes, but its text form is lossy for bytes that the locale's encoding does not know. The URI form
// is not: it escapes each byte. So text is used where it is ASCII, and the URI everywhere else.

package org.coffre.host.jvm

import org.coffre.host.ports.Place
import org.coffre.host.ports.nameBytes
import org.coffre.host.ports.nameText
import org.coffre.host.ports.splitPath
import org.coffre.host.runtime.RefusedEffect
import java.net.URI
import java.nio.file.Path
import java.nio.file.Paths

/** A path of the system. */
data class JvmPlace(
    val path: Path,
) : Place {
    override fun below(name: String): Place = JvmPlace(path.resolve(pathOfName(name)))

    /** The bytes of the whole path. */
    fun bytes(): ByteArray = absoluteBytes(path)
}

/** The place of an absolute locator: `/` and a path's text. Throws RefusedEffect for any other text. */
fun placeOf(locator: String): JvmPlace {
    if (!locator.startsWith("/")) throw RefusedEffect("expected an absolute locator")
    var path = ROOT
    for (name in splitPath(locator.substring(1))) path = path.resolve(pathOfName(name))
    return JvmPlace(path)
}

/** A relative path of one name. */
private fun pathOfName(name: String): Path {
    val bytes = nameBytes(name)
    return if (isAscii(name) && name[0] != '/') Paths.get(name) else relativePath(bytes)
}

/** A relative path of these bytes, which begin and end with no slash and have no two in a row. */
fun relativePath(bytes: ByteArray): Path {
    val path = absolutePath("/".toByteArray() + bytes)
    return path.subpath(0, path.nameCount)
}

/** An absolute path of these bytes, which begin with a slash. */
fun absolutePath(bytes: ByteArray): Path = Paths.get(URI.create("file://" + escape(bytes)))

/** The bytes of a path that the system gave, as they are; what is relative is told so. */
fun pathBytes(path: Path): ByteArray {
    val text = path.toString()
    if (isAscii(text)) return text.toByteArray(Charsets.US_ASCII)
    // Text that was decoded without a loss; the mark may be a loss, or a name's own.
    if (IS_UTF8 && REPLACED !in text) return text.toByteArray(Charsets.UTF_8)
    val absolute = absoluteBytes(path)
    if (path.isAbsolute) return absolute
    val base = absoluteBytes(WORKING_FOLDER)
    return absolute.copyOfRange(if (base.size == 1) 1 else base.size + 1, absolute.size)
}

private val ROOT: Path = Paths.get("/")
private val WORKING_FOLDER: Path = Paths.get("").toAbsolutePath()
private const val ASCII_END = '\u0080'
private const val REPLACED = '\uFFFD'
private val IS_UTF8 = System.getProperty("sun.jnu.encoding").equals("UTF-8", ignoreCase = true)

private fun isAscii(text: String): Boolean = text.all { it < ASCII_END }

private fun absoluteBytes(path: Path): ByteArray {
    val escaped = path.toUri().rawPath
    // A folder's URI ends with a slash that its path does not have.
    val isPadded = escaped.length > 1 && escaped.endsWith("/") && !path.toString().endsWith("/")
    return unescape(if (isPadded) escaped.dropLast(1) else escaped)
}

private fun escape(bytes: ByteArray): String {
    val text = StringBuilder(3 * bytes.size)
    for (byte in bytes) {
        val code = byte.toInt() and 0xff
        if (code == '/'.code) {
            text.append('/')
        } else {
            text.append('%').append(Character.forDigit(code shr 4, 16)).append(Character.forDigit(code and 0xf, 16))
        }
    }
    return text.toString()
}

private fun unescape(text: String): ByteArray {
    val bytes = ByteArray(text.length)
    var length = 0
    var at = 0
    while (at < text.length) {
        val isEscape = text[at] == '%'
        bytes[length++] = (if (isEscape) text.substring(at + 1, at + 3).toInt(16) else text[at].code).toByte()
        at += if (isEscape) 3 else 1
    }
    return bytes.copyOf(length)
}

/** The text of an absolute path as the system has it: the locator that leads back to it. */
fun locatorOf(path: Path): String {
    val names = path.toAbsolutePath().normalize().map { nameText(pathBytes(it)) }
    return "/" + names.joinToString("/")
}
