// `scan` where a file system is not like the others. Rule: files are real; what a test's file system says otherwise is written
// here.

package org.coffre.host.effects

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.jsonObject
import org.coffre.host.jvm.JvmFiles
import org.coffre.host.ports.Files
import org.coffre.host.ports.Place
import org.coffre.host.runtime.Cancellation
import org.coffre.host.runtime.json
import org.coffre.host.runtime.textOf
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import java.nio.file.Files as Nio

class ScanEffectTest {
    @TempDir
    lateinit var folder: Path

    @Test
    fun `lists names of more bytes than a path may have, as some file systems hold them, beside the others`() {
        Nio.createFile(folder.resolve("file"))
        val long = "é".repeat(200)
        val real = JvmFiles()
        val files =
            object : Files by real {
                override fun list(folder: Place) = real.list(folder) + long
            }
        val effect = json("""{"root":"$folder","folders":[{"path":"","after":null}],"entries":10}""")
        val answer = ScanEffect(files, FolderListings()).perform(effect, Cancellation())
        val (listed) = answer["folders"] as JsonArray
        val names = (listed.jsonObject["entries"] as JsonArray).map { textOf(it.jsonObject["name"]) }
        assertEquals(listOf("file", long), names)
    }
}
