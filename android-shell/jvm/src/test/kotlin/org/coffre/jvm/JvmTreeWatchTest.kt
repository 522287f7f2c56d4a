// Trees watched by the system. Rule: real folders; a test waits for what it is told, never for time.

package org.coffre.jvm

import org.coffre.host.ports.TreeListener
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit

@Timeout(60)
class JvmTreeWatchTest {
    @TempDir
    lateinit var root: Path
    private val told = LinkedBlockingQueue<String>()

    @Test
    fun `goes on telling of changes when folders lie deeper than a path may`() {
        JvmTreeWatch.observe(root.toString(), listener).use {
            // The root is watched from a moment on that nobody tells.
            var number = 0
            do {
                Files.createFile(root.resolve("file ${number++}"))
            } while (told.poll(LOOK_MS, TimeUnit.MILLISECONDS) == null)
            val path = List(COMPONENTS) { "a" }.joinToString("/")
            val deepest = Files.createDirectories(root.resolve(path))
            awaitTold(path)
            // One of them may be found by listing; the other one is told by the watch.
            for (name in listOf("first", "second")) {
                Files.createDirectory(deepest.resolve(name))
                awaitTold("$path/$name")
            }
        }
    }

    @Test
    fun `watches a root again that was replaced, and one that came`() {
        val watched = root.resolve("root")
        JvmTreeWatch.observe(watched.toString(), listener).use {
            for (number in 0..2) {
                Files.createDirectories(watched.resolve("d"))
                awaitTold(ANYWHERE)
                // Its folders are watched from a moment on that nobody tells.
                var file = 0
                do {
                    Files.createFile(watched.resolve("d/file ${file++}"))
                } while (told.poll(LOOK_MS, TimeUnit.MILLISECONDS) != "d")
                if (number == 0) Files.move(watched, root.resolve("before")) else watched.toFile().deleteRecursively()
                awaitTold(ANYWHERE)
                told.clear()
            }
        }
    }

    private val listener =
        object : TreeListener {
            override fun changed(folder: String?) {
                told += folder ?: ANYWHERE
            }

            override fun unwatched(isUnwatched: Boolean) = Unit
        }

    private fun awaitTold(folder: String) {
        while (told.take() != folder) continue
    }

    private companion object {
        const val ANYWHERE = "anywhere"

        /** More than a path may have (docs/format.md F-65). */
        const val COMPONENTS = 600
        const val LOOK_MS = 200L
    }
}
