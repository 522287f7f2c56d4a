// The look of every screen: colours, one column, one thing to do. Rule: nothing here knows what a screen is about.

package org.coffre.app.screens

import androidx.compose.foundation.isSystemInDarkTheme
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ColumnScope
import androidx.compose.foundation.layout.PaddingValues
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.Spacer
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.safeDrawingPadding
import androidx.compose.foundation.layout.widthIn
import androidx.compose.foundation.lazy.LazyColumn
import androidx.compose.foundation.lazy.LazyListScope
import androidx.compose.foundation.rememberScrollState
import androidx.compose.foundation.verticalScroll
import androidx.compose.material3.Button
import androidx.compose.material3.Card
import androidx.compose.material3.CardDefaults
import androidx.compose.material3.HorizontalDivider
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedButton
import androidx.compose.material3.Surface
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.material3.darkColorScheme
import androidx.compose.material3.lightColorScheme
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.semantics.LiveRegionMode
import androidx.compose.ui.semantics.clearAndSetSemantics
import androidx.compose.ui.semantics.heading
import androidx.compose.ui.semantics.liveRegion
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.text.font.FontWeight
import androidx.compose.ui.text.style.TextAlign
import androidx.compose.ui.unit.dp

private val LIGHT =
    lightColorScheme(
        primary = Color(0xFF1B6B43),
        onPrimary = Color.White,
        primaryContainer = Color(0xFFD3EBDC),
        onPrimaryContainer = Color(0xFF06351D),
        secondaryContainer = Color(0xFFE3EDE6),
        onSecondaryContainer = Color(0xFF17251D),
        background = Color(0xFFF7FAF7),
        surface = Color(0xFFF7FAF7),
        surfaceContainerHighest = Color(0xFFEAF1EC),
        onSurface = Color(0xFF17201B),
        onSurfaceVariant = Color(0xFF46524B),
        errorContainer = Color(0xFFFBE3DD),
        onErrorContainer = Color(0xFF5C1606),
    )

private val DARK =
    darkColorScheme(
        primary = Color(0xFF7BD6A2),
        onPrimary = Color(0xFF00391F),
        primaryContainer = Color(0xFF124D30),
        onPrimaryContainer = Color(0xFFC9F2D9),
        secondaryContainer = Color(0xFF24332B),
        onSecondaryContainer = Color(0xFFDBE8E0),
        background = Color(0xFF101512),
        surface = Color(0xFF101512),
        surfaceContainerHighest = Color(0xFF1C2520),
        onSurface = Color(0xFFE3EAE5),
        onSurfaceVariant = Color(0xFFB4C1B9),
        errorContainer = Color(0xFF5A2417),
        onErrorContainer = Color(0xFFFFDAD1),
    )

/** The app's colours, light or dark as the phone is. */
@Composable
fun CoffreTheme(content: @Composable () -> Unit) =
    MaterialTheme(if (isSystemInDarkTheme()) DARK else LIGHT) {
        Surface(Modifier.fillMaxSize(), color = MaterialTheme.colorScheme.background) { content() }
    }

/** A screen: a title, what it says, and at the bottom what can be done. It scrolls, whatever the size of the letters. */
@Composable
fun Page(
    title: String?,
    actions: @Composable ColumnScope.() -> Unit,
    content: @Composable ColumnScope.() -> Unit,
) = Column(
    Modifier.fillMaxSize().safeDrawingPadding(),
    horizontalAlignment = Alignment.CenterHorizontally,
) {
    val column = Modifier.widthIn(max = 560.dp).fillMaxWidth().padding(horizontal = 24.dp)
    Column(
        column.weight(1f).verticalScroll(rememberScrollState()).padding(vertical = 24.dp),
        verticalArrangement = Arrangement.spacedBy(16.dp),
    ) {
        if (title != null) {
            Title(title)
        }
        content()
        Spacer(Modifier)
    }
    Actions(column, actions)
}

/** A screen whose middle is a list of any length; [head] stands above it and does not scroll. */
@Composable
fun ListPage(
    title: String,
    actions: @Composable ColumnScope.() -> Unit,
    head: @Composable ColumnScope.() -> Unit,
    rows: LazyListScope.() -> Unit,
) = Column(
    Modifier.fillMaxSize().safeDrawingPadding(),
    horizontalAlignment = Alignment.CenterHorizontally,
) {
    val column = Modifier.widthIn(max = 560.dp).fillMaxWidth().padding(horizontal = 24.dp)
    LazyColumn(column.weight(1f), contentPadding = PaddingValues(vertical = 24.dp)) {
        item {
            Column(Modifier.padding(bottom = 16.dp), verticalArrangement = Arrangement.spacedBy(12.dp)) {
                Title(title)
                head()
            }
        }
        rows()
    }
    Actions(column, actions)
}

/** The bottom of a screen: what scrolls ends at a line, so that a cut sentence is seen to go on. */
@Composable
private fun Actions(
    column: Modifier,
    actions: @Composable ColumnScope.() -> Unit,
) {
    HorizontalDivider(color = MaterialTheme.colorScheme.surfaceContainerHighest)
    Column(column.padding(top = 12.dp, bottom = 24.dp), verticalArrangement = Arrangement.spacedBy(8.dp)) { actions() }
}

/** What a screen is called. */
@Composable
fun Title(text: String) = Text(text, Modifier.semantics { heading() }, style = MaterialTheme.typography.headlineMedium)

/** What a part of a screen is called. */
@Composable
fun Section(text: String) = Text(text, Modifier.semantics { heading() }, style = MaterialTheme.typography.titleMedium)

/** A small thing that can be done. */
@Composable
fun LinkButton(
    text: String,
    modifier: Modifier = Modifier,
    onClick: () -> Unit,
) = TextButton(onClick, modifier.heightIn(min = 48.dp)) { Text(text) }

/** What the screen is there for. */
@Composable
fun MainButton(
    text: String,
    isEnabled: Boolean = true,
    onClick: () -> Unit,
) = Button(onClick, Modifier.fillMaxWidth().heightIn(min = 56.dp), enabled = isEnabled) { ButtonText(text) }

/** What else can be done. */
@Composable
fun OtherButton(
    text: String,
    isEnabled: Boolean = true,
    onClick: () -> Unit,
) = OutlinedButton(onClick, Modifier.fillMaxWidth().heightIn(min = 56.dp), enabled = isEnabled) { ButtonText(text) }

/** In large letters it takes two lines, which stand in the middle too. */
@Composable
private fun ButtonText(text: String) = Text(text, textAlign = TextAlign.Center)

/** A sentence that explains. */
@Composable
fun Explanation(text: String) =
    Text(text, style = MaterialTheme.typography.bodyLarge, color = MaterialTheme.colorScheme.onSurfaceVariant)

/** A thing of its own on a screen. */
@Composable
fun Panel(content: @Composable ColumnScope.() -> Unit) =
    Card(
        Modifier.fillMaxWidth(),
        colors = CardDefaults.cardColors(containerColor = MaterialTheme.colorScheme.surfaceContainerHighest),
    ) {
        Column(Modifier.padding(16.dp), verticalArrangement = Arrangement.spacedBy(8.dp), content = content)
    }

/** What must be read: TalkBack says it when it comes, and it is told from the rest by a sign as well as by its colour. */
@Composable
fun Warning(text: String) =
    Card(
        Modifier.fillMaxWidth().semantics { liveRegion = LiveRegionMode.Polite },
        colors =
            CardDefaults.cardColors(
                containerColor = MaterialTheme.colorScheme.errorContainer,
                contentColor = MaterialTheme.colorScheme.onErrorContainer,
            ),
    ) {
        Row(Modifier.padding(16.dp), Arrangement.spacedBy(12.dp)) {
            Text(
                "!",
                Modifier.clearAndSetSemantics {},
                style = MaterialTheme.typography.titleLarge,
                fontWeight = FontWeight.Bold,
            )
            Text(text, style = MaterialTheme.typography.bodyLarge)
        }
    }
