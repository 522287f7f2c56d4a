// `scan` where a file system is not like the others. Rule: files are real; what a test's file system says otherwise is written
// here.

package org.coffre.jvm.effects

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.coffre.host.effects.FolderListings
import org.coffre.host.effects.ScanEffect
import org.coffre.host.effects.objectOf
import org.coffre.host.effects.statFields
import org.coffre.host.jvm.JvmFiles
import org.coffre.host.ports.Files
import org.coffre.host.ports.FolderListing
import org.coffre.host.ports.ListedName
import org.coffre.host.ports.Place
import org.coffre.host.runtime.Cancellation
import org.coffre.host.runtime.textOf
import org.coffre.jvm.runtime.json
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assumptions.assumeTrue
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
                override fun list(folder: Place) = FolderListing(real.list(folder).names + ListedName(long))
            }
        assertEquals(listOf("file", long), namesIn(scan(files)))
    }

    @Test
    fun `asks for no stat that a listing tells, and says when names may be missing`() {
        Nio.createFile(folder.resolve("asked for"))
        val stat = JvmFiles().let { checkNotNull(it.stat(it.locate(folder.resolve("asked for").toString()))) }
        val told = listOf("a", "b", "c").map { ListedName(it, stat.copy(sizeBytes = 7, identity = it)) }
        val real = JvmFiles()
        var asked = 0
        val files =
            object : Files by real {
                override fun list(folder: Place) = FolderListing(told + real.list(folder).names, isPartial = true)

                // The mark of Coffre's own, which is looked for in the root and above, is not there.
                override fun stat(place: Place) = real.stat(place)?.also { asked++ }
            }
        val listed = scan(files)
        assertEquals(listOf("a", "asked for", "b", "c"), namesIn(listed))
        assertEquals(
            listOf("7", "0", "7", "7"),
            entriesOf(listed).map { it.getValue("sizeBytes").jsonPrimitive.content },
        )
        assertEquals(listOf(1, "true"), listOf(asked, listed.getValue("partial").jsonPrimitive.content))
    }

    @Test
    fun `lists a folder once for as many names as are kept, however many it has`() {
        for (number in 100..199) Nio.createFile(folder.resolve("$number"))
        val real = JvmFiles()
        var lists = 0
        val files =
            object : Files by real {
                override fun list(folder: Place) = real.list(folder).also { lists++ }
            }
        val listings = FolderListings(mostNames = 40)
        val names = ArrayList<String?>()
        do {
            val after = names.lastOrNull()?.let { "\"$it\"" }
            val listed = scan(files, listings, """{"path":"","after":$after}""", 7)
            names += namesIn(listed)
        } while (listed.getValue("end").jsonPrimitive.content == "false")
        assertEquals((100..199).map { "$it" }, names)
        assertEquals(3, lists)
    }

    @Test
    fun `says of a folder which one it is, and of a disk inside the root that it is one`() {
        assumeTrue(Nio.isDirectory(Path.of("/dev/shm")))
        val effect =
            json("""{"root":"/dev","folders":[{"path":"","after":"~"},{"path":"shm","after":"~"}],"entries":10}""")
        val folders = ScanEffect(JvmFiles(), FolderListings()).perform(effect, Cancellation())["folders"] as JsonArray
        val (root, disk) = folders.map { it.jsonObject }
        val identity = JvmFiles().let { checkNotNull(it.stat(it.locate("/dev/shm"))).identity }
        assertEquals(identity, disk.getValue("identity").jsonPrimitive.content)
        assertEquals(listOf(false, true), listOf("mounted" in root, "mounted" in disk))
    }

    @Test
    fun `tells the stat of the root's own folder`() {
        val effect = json("""{"root":"$folder","folders":[{"path":"","after":null}],"entries":10}""")
        val told = ScanEffect(JvmFiles(), FolderListings()).perform(effect, Cancellation())
        val stat = JvmFiles().let { checkNotNull(it.stat(it.locate("$folder"))) }
        assertEquals(objectOf(*statFields(stat)), told.getValue("stat"))
        assertEquals(told.getValue("identity"), told.getValue("stat").jsonObject.getValue("identity"))
    }

    private fun scan(
        files: Files,
        listings: FolderListings = FolderListings(),
        asked: String = """{"path":"","after":null}""",
        entries: Int = 10,
    ): JsonObject {
        val effect = json("""{"root":"$folder","folders":[$asked],"entries":$entries}""")
        val (listed) = ScanEffect(files, listings).perform(effect, Cancellation())["folders"] as JsonArray
        return listed.jsonObject
    }

    private fun entriesOf(listed: JsonObject) = (listed["entries"] as JsonArray).map { it.jsonObject }

    private fun namesIn(listed: JsonObject) = entriesOf(listed).map { textOf(it["name"]) }
}
