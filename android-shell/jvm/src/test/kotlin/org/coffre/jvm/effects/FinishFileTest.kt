// `finish-file` where its user has few rights. Rule: modes count, also where a test is run by root.

package org.coffre.jvm.effects

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import org.coffre.host.effects.answer
import org.coffre.host.effects.finishFiles
import org.coffre.host.jvm.JvmFiles
import org.coffre.host.ports.FileFault
import org.coffre.host.ports.FileReason
import org.coffre.host.ports.Files
import org.coffre.host.ports.Place
import org.coffre.host.runtime.Cancellation
import org.coffre.jvm.runtime.json
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path

class FinishFileTest {
    @TempDir
    lateinit var folder: Path
    private val real = JvmFiles()

    @Test
    fun `folders that are closed to their owner are finished, with what is in them, and may be asked for again`() {
        val file =
            """{"kind":"file","from":null,"path":"a/b/file","sizeBytes":0,"mode":null,"mtimeS":7,"mtimeUs":0,
            "existing":"refuse"}"""
        val times = "${times("a/b", 0x40)},${times("a", 0x40)}"
        assertEquals(List(3) { answer("ok") }, finish("$file,$times"))
        assertEquals(List(2) { answer("ok") }, finish(times))
        val places = listOf("a", "a/b").map { real.locate("$folder/target/$it") }
        val stats = places.map { checkNotNull(real.stat(it)) }
        places.forEach { real.setMode(it, 0x1c0) }
        assertEquals(List(2) { 0x40 to 7L }, stats.map { it.mode to it.modified.seconds })
    }

    private fun times(
        path: String,
        mode: Int,
    ) = """{"kind":"folder-times","path":"$path","mode":$mode,"mtimeS":7,"mtimeUs":0}"""

    private fun finish(items: String): List<JsonObject> {
        val effect = json("""{"target":"$folder/target","work":"$folder/work","items":[$items]}""")
        return (finishFiles(Ordinary(real), effect, Cancellation())["items"] as JsonArray).map { it as JsonObject }
    }

    /** What root may do and others may not: opening a folder that is closed to its owner. */
    private class Ordinary(
        private val real: Files,
    ) : Files by real {
        override fun flushFolders(folders: Collection<Place>) {
            val isClosed = folders.any { checkNotNull(real.stat(it)?.mode) and 0x100 == 0 }
            if (isClosed) throw FileFault(FileReason.PERMISSION)
            real.flushFolders(folders)
        }
    }
}
