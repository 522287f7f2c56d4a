// `watch`: what is told of roots. Rule: the clock is turned by hand, and a test says what the system saw.

package org.coffre.jvm.effects

import org.coffre.host.effects.Watch
import org.coffre.host.effects.WatchListener
import org.coffre.host.ports.TreeWatch
import org.coffre.jvm.runtime.TestClock
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import java.io.IOException

class WatchTest {
    private val clock = TestClock()
    private val told = ArrayList<Pair<String, List<String>?>>()

    private val unwatched = ArrayList<Pair<String, Boolean>>()

    private fun watch(trees: TreeWatch) =
        Watch(
            trees,
            clock,
            object : WatchListener {
                override fun changed(
                    root: String,
                    folders: List<String>?,
                ) {
                    told += root to folders
                }

                override fun unwatched(
                    root: String,
                    isUnwatched: Boolean,
                ) {
                    unwatched += root to isUnwatched
                }
            },
        )

    @Test
    fun `gathers the folders in which something changed`() {
        watch { _, listener ->
            listOf("a", "b", "a").forEach(listener::changed)
            AutoCloseable {}
        }.use { watch ->
            watch.set(listOf("/root"))
            assertEquals(emptyList<Any>(), told)
            clock.advance(1_000)
            assertEquals(listOf("/root" to listOf("a", "b")), told)
        }
    }

    @Test
    fun `says anywhere of a root that the system cannot observe, and observes the others`() {
        val trees =
            TreeWatch { root, listener ->
                if (root == "/one too many") throw IOException("no watch left")
                listener.changed("a")
                AutoCloseable {}
            }
        watch(trees).use { watch ->
            watch.set(listOf("/one too many", "/other"))
            clock.advance(1_000)
            assertEquals(setOf("/one too many" to null, "/other" to listOf("a")), told.toSet())
            assertEquals(listOf("/one too many" to true), unwatched)
            // A new run forgot it.
            watch.set(listOf("/one too many", "/other"))
            assertEquals(2, unwatched.size)
        }
    }
}
