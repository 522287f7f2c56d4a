// What TalkBack is told of each screen. Rule: everything that can be pressed has a name and a role, everything that is typed into has a
// label, and each screen has a heading.

package org.coffre.app.screens

import android.content.ComponentName
import android.view.View
import android.view.ViewGroup
import androidx.activity.ComponentActivity
import androidx.activity.compose.setContent
import androidx.compose.ui.node.RootForTest
import androidx.compose.ui.semantics.SemanticsActions
import androidx.compose.ui.semantics.SemanticsNode
import androidx.compose.ui.semantics.SemanticsProperties
import org.coffre.app.R
import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode
import org.robolectric.shadows.ShadowLooper

private const val LEAST_TOUCH_DP = 40

@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(application = android.app.Application::class, sdk = [34], qualifiers = "fr-rFR-w360dp-h2400dp-mdpi")
class SemanticsTest {
    private fun nodesOf(state: AppState): List<SemanticsNode> {
        val context = RuntimeEnvironment.getApplication()
        shadowOf(context.packageManager).addActivityIfNotPresent(ComponentName(context, ComponentActivity::class.java))
        val controller = Robolectric.buildActivity(ComponentActivity::class.java)
        val activity = controller.get().apply { setTheme(R.style.App) }
        controller.setup()
        activity.setContent { CoffreScreen(state, NoActions) }
        ShadowLooper.idleMainLooper()
        val root = checkNotNull(findRoot(activity.window.decorView)) { "there is no Compose here" }
        return flatten(root.semanticsOwner.rootSemanticsNode)
    }

    private fun findRoot(view: View): RootForTest? =
        view as? RootForTest
            ?: (view as? ViewGroup)?.let { group ->
                (0 until group.childCount).firstNotNullOfOrNull { findRoot(group.getChildAt(it)) }
            }

    private fun flatten(node: SemanticsNode): List<SemanticsNode> = listOf(node) + node.children.flatMap(::flatten)

    private fun nameOf(node: SemanticsNode): String =
        (
            node.config.getOrElse(SemanticsProperties.ContentDescription) { emptyList() } +
                node.config.getOrElse(SemanticsProperties.Text) { emptyList() }.map { it.text }
        ).joinToString(" ")

    private fun faultsOf(
        name: String,
        state: AppState,
    ): List<String> {
        val nodes = nodesOf(state)
        val pressed = nodes.filter { SemanticsActions.OnClick in it.config && SemanticsActions.SetText !in it.config }
        val typed = nodes.filter { SemanticsActions.SetText in it.config }
        val names = pressed.map(::nameOf)
        return listOfNotNull(
            "$name: no heading".takeIf { nodes.none { SemanticsProperties.Heading in it.config } },
            "$name: a button without a name".takeIf { names.any { it.isBlank() } },
            "$name: a button without a role".takeIf { pressed.any { SemanticsProperties.Role !in it.config } },
            "$name: two buttons of one name: $names".takeIf { names.distinct().size < names.size },
            "$name: a field without a label".takeIf { typed.any { nameOf(it).isBlank() } },
            "$name: something small to press".takeIf { pressed.any { it.size.height < LEAST_TOUCH_DP } },
        )
    }

    @Test
    fun everythingThatCanBePressedOrTypedIntoIsNamedOnEveryScreen() =
        assertEquals(emptyList<String>(), Scenes.all.flatMap { (name, state) -> faultsOf(name, state) })
}
