// A tree of folders over an observer of single ones, on real folders. Rule: events come from the test, one after the other.

package org.coffre.app.ports

import org.coffre.host.ports.TreeListener
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Test
import java.io.File
import java.nio.file.Files
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit

private const val LONGEST_S = 30L

class FolderTreeTest {
    private val root = Files.createTempDirectory("coffre-folders").toFile()
    private val tellers = HashMap<File, (FolderEvent) -> Unit>()
    private val begun = LinkedBlockingQueue<String>()
    private val said = LinkedBlockingQueue<String>()
    private val closed = CopyOnWriteArrayList<String>()
    private var tree: FolderTree? = null

    private val observer =
        FolderObserver { folder, tell ->
            tellers[folder] = tell
            begun += folder.relativeTo(root).path
            AutoCloseable { closed += folder.relativeTo(root).path }
        }
    private val listener =
        object : TreeListener {
            override fun changed(folder: String?) {
                said += "changed ${folder ?: "anywhere"}"
            }

            override fun unwatched(isUnwatched: Boolean) {
                said += if (isUnwatched) "unwatched" else "watched"
            }
        }

    @After
    fun close() {
        tree?.close()
        root.deleteRecursively()
    }

    private fun begin(mostFolders: Int = 100) {
        tree = FolderTree(root, observer, listener, mostFolders).also { it.begin() }
    }

    private fun LinkedBlockingQueue<String>.next() = checkNotNull(poll(LONGEST_S, TimeUnit.SECONDS))

    private fun tell(
        folder: String,
        event: FolderEvent,
    ) = tellers.getValue(if (folder.isEmpty()) root else File(root, folder))(event)

    @Test
    fun everyFolderIsObservedAndAChangeNamesItsFolder() {
        File(root, "a/b").mkdirs()
        begin()
        assertEquals(setOf("", "a", "a/b"), List(3) { begun.next() }.toSet())
        tell("a/b", FolderEvent.Entry("photo.jpg"))
        assertEquals("changed a/b", said.next())
    }

    @Test
    fun aFolderThatComesIsObservedBeforeItIsCalledChanged() {
        begin()
        assertEquals("", begun.next())
        // Behind the first look, which would find the folder by itself.
        tell("", FolderEvent.Entry("nothing"))
        assertEquals("changed ", said.next())
        File(root, "new/deep").mkdirs()
        tell("", FolderEvent.Entry("new"))
        assertEquals(listOf("new", "new/deep"), List(2) { begun.next() })
        assertEquals(listOf("changed ", "changed new"), List(2) { said.next() })
    }

    @Test
    fun lostEventsMeanAnywhereAndTheTreeIsObservedAnew() {
        File(root, "a").mkdirs()
        begin()
        repeat(2) { begun.next() }
        tell("a", FolderEvent.Lost)
        assertEquals("changed anywhere", said.next())
        assertEquals(setOf("", "a"), List(2) { begun.next() }.toSet())
        assertEquals(setOf("", "a"), closed.toSet())
    }

    @Test
    fun aTreeWithTooManyFoldersIsCalledUnwatched() {
        repeat(5) { File(root, "folder $it").mkdirs() }
        begin(mostFolders = 3)
        assertEquals(listOf("changed anywhere", "unwatched"), List(2) { said.next() })
    }

    @Test
    fun aRootThatComesLaterIsObservedThenAndCalledChanged() {
        root.delete()
        begin()
        assertEquals("changed anywhere", said.next())
        root.mkdirs()
        assertEquals("", begun.next())
        assertEquals("changed anywhere", said.next())
    }

    @Test
    fun linksAreNotFollowed() {
        val elsewhere = Files.createTempDirectory("coffre-elsewhere")
        Files.createSymbolicLink(File(root, "link").toPath(), elsewhere)
        File(root, "folder").mkdirs()
        begin()
        assertEquals(setOf("", "folder"), List(2) { begun.next() }.toSet())
        tell("", FolderEvent.Entry("link"))
        assertEquals("changed ", said.next())
        tell("folder", FolderEvent.Entry("x"))
        assertEquals("changed folder", said.next())
        assertEquals(0, begun.size)
        Files.delete(elsewhere)
    }
}
