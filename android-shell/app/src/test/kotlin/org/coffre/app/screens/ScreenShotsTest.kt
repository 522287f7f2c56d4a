// Every screen in both languages, light and dark, and in large letters. Rule: the pictures are for looking at; what is tested is that
// each screen draws something, and that no sentence is missing.

package org.coffre.app.screens

import androidx.compose.ui.unit.LayoutDirection
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

private const val PHONE = "w360dp-h720dp"
private const val SHARP = "480dpi"

@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(application = android.app.Application::class, sdk = [34])
class ScreenShotsTest {
    private fun takeAll(
        kind: String,
        direction: LayoutDirection = LayoutDirection.Ltr,
    ) {
        val empty = Scenes.all.filter { (name, state) -> Shots.take(state, "$name-$kind", direction) < 3 }
        assertTrue("nothing was drawn for ${empty.keys}", empty.isEmpty())
    }

    @Test
    @Config(qualifiers = "en-rUS-$PHONE-notnight-$SHARP")
    fun inEnglish() = takeAll("en")

    @Test
    @Config(qualifiers = "fr-rFR-$PHONE-notnight-$SHARP")
    fun inFrench() = takeAll("fr")

    @Test
    @Config(qualifiers = "fr-rFR-$PHONE-night-$SHARP")
    fun inTheDark() = takeAll("fr-dark")

    @Test
    @Config(qualifiers = "en-rUS-$PHONE-notnight-$SHARP", fontScale = 2f)
    fun inLargeLetters() = takeAll("en-large")

    @Test
    @Config(qualifiers = "fr-rFR-$PHONE-notnight-$SHARP", fontScale = 2f)
    fun inLargeFrenchLetters() = takeAll("fr-large")

    /** As a language that is written from the right would have it; there are no translations for one yet. */
    @Test
    @Config(qualifiers = "en-rUS-$PHONE-notnight-$SHARP")
    fun fromRightToLeft() = takeAll("en-rtl", LayoutDirection.Rtl)

    @Test
    @Config(sdk = [26], qualifiers = "en-rUS-$PHONE-notnight-$SHARP")
    fun onAndroid8() = takeAll("en-26")
}
