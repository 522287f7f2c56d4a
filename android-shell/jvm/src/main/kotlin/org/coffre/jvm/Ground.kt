// What watches cannot see: that a root has become another folder, and that disks came or went below it. Rule: one stat and one
// list of mounts; a system without such a list tells of roots alone.

package org.coffre.jvm

import org.coffre.host.jvm.absolutePath
import org.coffre.host.jvm.readStat
import java.io.IOException
import java.nio.file.Path
import java.nio.file.Paths
import java.nio.file.Files as Nio

private val MOUNTS: Path = Paths.get("/proc/self/mountinfo")
private const val ID_FIELD = 0
private const val PLACE_FIELD = 4
private val ESCAPED = Regex("\\\\([0-7]{3})")

/** What a root stands on at one moment. */
internal data class Ground(
    /** Which folder it is; null when it is none. */
    val identity: String?,
    /** The id of each mount below it, by its place. */
    val mounts: Map<Path, String>,
) {
    /** The places at which a disk came, went or was replaced since [before]. */
    fun changedSince(before: Ground): List<Path> =
        (before.mounts.keys + mounts.keys).filter { before.mounts[it] != mounts[it] }

    companion object {
        fun of(root: Path) = Ground(identityOf(root), mountsBelow(root))

        private fun identityOf(root: Path): String? =
            try {
                readStat(root).identity
            } catch (_: IOException) {
                null
            }

        private fun mountsBelow(root: Path): Map<Path, String> {
            val text =
                try {
                    String(Nio.readAllBytes(MOUNTS), Charsets.ISO_8859_1)
                } catch (_: IOException) {
                    return emptyMap()
                }
            val mounts = HashMap<Path, String>()
            for (line in text.lines()) {
                val fields = line.split(' ')
                val escaped = fields.getOrNull(PLACE_FIELD) ?: continue
                val plain =
                    ESCAPED.replace(escaped) {
                        it.groupValues[1]
                            .toInt(8)
                            .toChar()
                            .toString()
                    }
                val place = absolutePath(plain.toByteArray(Charsets.ISO_8859_1))
                if (place != root && place.startsWith(root)) mounts[place] = fields[ID_FIELD]
            }
            return mounts
        }
    }
}
