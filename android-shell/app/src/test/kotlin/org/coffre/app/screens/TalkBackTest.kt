// What TalkBack is told of each screen. Rule: a look opens a window, lets the main looper end what it has, reads the tree once and closes
// the window; nothing is waited for, and all tests ask what was read.

package org.coffre.app.screens

import android.view.View
import android.view.ViewGroup
import androidx.compose.ui.geometry.Rect
import androidx.compose.ui.node.RootForTest
import androidx.compose.ui.semantics.SemanticsActions
import androidx.compose.ui.semantics.SemanticsConfiguration
import androidx.compose.ui.semantics.SemanticsNode
import androidx.compose.ui.semantics.SemanticsProperties
import androidx.compose.ui.semantics.SemanticsPropertyKey
import androidx.compose.ui.semantics.getAllSemanticsNodes
import androidx.compose.ui.semantics.getOrNull
import org.coffre.app.restore.RestoreStage
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

/** High enough that nothing has to be scrolled. */
private const val TALL = "w360dp-h6000dp-mdpi"
private const val LEAST_DP = 47.5f

@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(application = android.app.Application::class, sdk = [34], qualifiers = "en-rUS-$TALL")
class TalkBackTest {
    /** A thing on a screen, as it is told. */
    private class Told(
        node: SemanticsNode,
    ) {
        private val config: SemanticsConfiguration = node.config
        val bounds: Rect = node.touchBoundsInRoot

        /** Its own words, and those of what it holds. */
        val words: List<String> =
            (
                config.getOrNull(SemanticsProperties.ContentDescription).orEmpty() +
                    config.getOrNull(SemanticsProperties.Text).orEmpty().map { it.text }
            ).filter { it.isNotBlank() }

        fun <T> has(key: SemanticsPropertyKey<T>) = config.getOrNull(key) != null

        val role: String? get() = config.getOrNull(SemanticsProperties.Role)?.toString()
        val isPressed get() = has(SemanticsActions.OnClick)
        val isTouched
            get() = isPressed || has(SemanticsActions.SetText) || has(SemanticsProperties.ToggleableState)

        override fun toString() = "$words at $bounds"
    }

    private fun lookAtAll(): Map<String, List<Told>> =
        Scenes.all.mapValues { (_, state) -> Shots.look(state) { window -> read(window) } }

    private fun read(window: View): List<Told> {
        val root = checkNotNull(rootIn(window)) { "no screen in the window" }
        return root.semanticsOwner.getAllSemanticsNodes(mergingEnabled = true).map(::Told)
    }

    private fun rootIn(view: View): RootForTest? =
        when (view) {
            is RootForTest -> view
            is ViewGroup -> (0 until view.childCount).firstNotNullOfOrNull { rootIn(view.getChildAt(it)) }
            else -> null
        }

    /** What of each screen [isWrong], with the screen's name before it. */
    private fun wrongIn(
        screens: Map<String, List<Told>>,
        isWrong: (Told) -> Boolean,
    ): List<String> = screens.flatMap { (name, told) -> told.filter(isWrong).map { "$name: $it" } }

    private fun isTooSmall(told: Told) = told.isTouched && minOf(told.bounds.width, told.bounds.height) < LEAST_DP

    @Test
    fun everyScreenAndEachStageOfARestoreIsAmongThoseThatAreLookedAt() {
        assertEquals(
            emptySet<Step>(),
            Step.entries.toSet() -
                Scenes.all.values
                    .map { it.step }
                    .toSet(),
        )
        val stages =
            Scenes.all.values
                .map { it.restore.stage.javaClass }
                .toSet()
        val all = RestoreStage::class.java.declaredClasses.filter { RestoreStage::class.java.isAssignableFrom(it) }
        assertEquals(emptySet<Class<*>>(), all.toSet() - stages)
    }

    /** One look at every screen answers all of these: opening the windows is what takes the time. */
    @Test
    fun whatCanBeTouchedHasANameOfItsOwnARoleAStateAndRoomForAFinger() {
        val screens = lookAtAll()
        assertTrue(screens.values.all { told -> told.any { it.isPressed } })
        assertEquals("without a name", emptyList<String>(), wrongIn(screens) { it.isTouched && it.words.isEmpty() })
        assertEquals("too small", emptyList<String>(), wrongIn(screens, ::isTooSmall))
        val alike =
            screens.filterValues { told ->
                told.filter { it.isPressed }.groupBy { it.words }.any {
                    it.value.size >
                        1
                }
            }
        assertEquals("two of one name", emptySet<String>(), alike.keys)
        val stateless =
            wrongIn(screens) {
                (it.role == "Checkbox" || it.role == "Switch") != it.has(SemanticsProperties.ToggleableState)
            }
        assertEquals("whether it is on is not said", emptyList<String>(), stateless)
        val untitled =
            screens.filterValues { told ->
                told.firstOrNull { it.words.isNotEmpty() }?.has(SemanticsProperties.Heading) != true
            }
        assertEquals("without a heading at its top", emptySet<String>(), untitled.keys)
        val silent =
            screens.filterKeys(::mustSpeak).filterValues { told ->
                told.none { it.has(SemanticsProperties.LiveRegion) }
            }
        assertEquals("a failure is not read out", emptySet<String>(), silent.keys)
        val bars = screens.mapValues { (_, told) -> told.count { it.has(SemanticsProperties.ProgressBarRangeInfo) } }
        assertEquals(listOf(1, 1, 0), listOf("restore-running", "status-first", "status").map(bars::getValue))
    }

    @Test
    fun inLettersTwiceAsLargeThereIsRoomForAFingerToo() {
        RuntimeEnvironment.setFontScale(2f)
        assertEquals(emptyList<String>(), wrongIn(lookAtAll(), ::isTooSmall))
    }

    /** Whether a scene shows something that went wrong. */
    private fun mustSpeak(scene: String): Boolean {
        val state = Scenes.all.getValue(scene)
        val isOfRestore = state.step == Step.RESTORE
        val hasTrouble = state.step == Step.STATUS && state.status.trouble != null
        return hasTrouble || if (isOfRestore) state.restore.failure != null else state.failure != null
    }
}
