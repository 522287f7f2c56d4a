// Trees watched by the system. Rule: real folders; a test waits for what it is told, never for time.

package org.coffre.host.jvm

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
        JvmTreeWatch.observe(root.toString()) { told += it ?: ANYWHERE }.use {
            // The root is watched from a moment on that nobody tells.
            awaitTold("") { Files.createFile(root.resolve("file $it")) }
            val path = List(COMPONENTS) { "a" }.joinToString("/")
            val deepest = Files.createDirectories(root.resolve(path))
            awaitTold(path) { Files.createDirectory(deepest.resolve("folder $it")) }
            told.clear()
            awaitTold("") { Files.createFile(root.resolve("later $it")) }
        }
    }

    /** Makes changes, numbered, until [folder] is told of. */
    private fun awaitTold(
        folder: String,
        change: (Int) -> Unit,
    ) {
        var number = 0
        do change(number++) while (generateSequence { told.poll(LOOK_MS, TimeUnit.MILLISECONDS) }.none { it == folder })
    }

    private companion object {
        const val ANYWHERE = "anywhere"

        /** More than a path may have (docs/format.md F-65). */
        const val COMPONENTS = 600
        const val LOOK_MS = 200L
    }
}
