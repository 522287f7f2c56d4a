// Names and paths as text, and their bytes (docs/host-api.md H-9). Rule: a name that is not UTF-8 is `/` and its hex; a text
// that is no path (docs/format.md F-65) goes no further than this file.

package org.coffre.host.ports

import org.coffre.host.runtime.RefusedEffect
import java.nio.ByteBuffer
import java.nio.CharBuffer
import java.nio.charset.CharacterCodingException
import java.nio.charset.CodingErrorAction

private const val NAME_BYTES = 255
private const val COMPONENTS = 512
private const val NUL: Byte = 0
private const val SLASH = '/'.code.toByte()
private const val HEX_DIGITS = "0123456789abcdef"

/** Names in the order of their text's UTF-8 bytes, which is that of their code points. */
val ORDER_OF_NAMES: Comparator<String> = Comparator { left, right -> compareNames(left, right) }

/** The texts of a path's components; none for the root itself. Throws RefusedEffect for a text that is no path. */
fun splitPath(path: String): List<String> {
    if (path.isEmpty()) return emptyList()
    val names = ArrayList<String>()
    var from = 0
    while (from <= path.length) {
        val isHex = from < path.length && path[from] == '/'
        val slash = path.indexOf('/', if (isHex) from + 1 else from)
        val to = if (slash < 0) path.length else slash
        val name = path.substring(from, to)
        if (!isCreatable(name)) throw RefusedEffect("expected the text of a path")
        names += name
        from = to + 1
    }
    if (names.size > COMPONENTS) throw RefusedEffect("expected a path of at most 512 components")
    return names
}

/** The path of [name] in [folder]. */
fun joinPath(
    folder: String,
    name: String,
): String = if (folder.isEmpty()) name else "$folder/$name"

/** Whether a path of ours may have this component: a name of at most 255 bytes (F-65). */
fun isCreatable(name: String): Boolean = (findNameBytes(name) ?: return false).size <= NAME_BYTES

/** The bytes of a name, as many as they are: some file systems have longer ones than a path of ours. Throws RefusedEffect. */
fun nameBytes(name: String): ByteArray = findNameBytes(name) ?: throw RefusedEffect("expected the text of a name")

/** The bytes of one name, none of them NUL or a slash, and no folder's own; null for a text that is none. */
private fun findNameBytes(name: String): ByteArray? {
    if (name.isEmpty() || name == "." || name == "..") return null
    val isHex = name[0] == '/'
    val bytes = (if (isHex) decodeHex(name.substring(1)) else encodeUtf8(name)) ?: return null
    if (bytes.isEmpty() || bytes.any { it == NUL || it == SLASH }) return null
    // A name that is UTF-8 has a text of its own: hex would be a second one.
    return bytes.takeUnless { isHex && decodeUtf8(bytes) != null }
}

/** The text of a name. */
fun nameText(bytes: ByteArray): String = decodeUtf8(bytes) ?: "/${formatHex(bytes)}"

/** Text as UTF-8, or null when it holds half a surrogate pair. */
fun encodeUtf8(text: String): ByteArray? =
    try {
        val encoder = Charsets.UTF_8.newEncoder().onMalformedInput(CodingErrorAction.REPORT)
        val bytes = encoder.encode(CharBuffer.wrap(text))
        ByteArray(bytes.remaining()).also { bytes.get(it) }
    } catch (_: CharacterCodingException) {
        null
    }

/** The text that [length] bytes from [from] on are in UTF-8, or null when they are not. */
fun decodeUtf8(
    bytes: ByteArray,
    from: Int = 0,
    length: Int = bytes.size - from,
): String? =
    try {
        Charsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .decode(ByteBuffer.wrap(bytes, from, length))
            .toString()
    } catch (_: CharacterCodingException) {
        null
    }

/** Lower-case hex. */
fun formatHex(bytes: ByteArray): String {
    val text = StringBuilder(2 * bytes.size)
    for (byte in bytes) text.append(HEX_DIGITS[byte.toInt() shr 4 and 0xf]).append(HEX_DIGITS[byte.toInt() and 0xf])
    return text.toString()
}

/** The bytes of lower-case hex, or null. */
fun decodeHex(text: String): ByteArray? {
    if (text.length % 2 != 0) return null
    val bytes = ByteArray(text.length / 2)
    for (at in bytes.indices) {
        val high = HEX_DIGITS.indexOf(text[2 * at])
        val low = HEX_DIGITS.indexOf(text[2 * at + 1])
        if (high < 0 || low < 0) return null
        bytes[at] = (high shl 4 or low).toByte()
    }
    return bytes
}

private fun compareNames(
    left: String,
    right: String,
): Int {
    val shared = minOf(left.length, right.length)
    for (at in 0 until shared) {
        val a = left[at]
        val b = right[at]
        if (a == b) continue
        // UTF-16 puts surrogates, which stand for what is above U+FFFF, below U+E000 to U+FFFF.
        return if (a.isSurrogate() != b.isSurrogate()) a.isSurrogate().compareTo(b.isSurrogate()) else a.compareTo(b)
    }
    return left.length.compareTo(right.length)
}
