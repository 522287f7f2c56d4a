// Codes and sentences. Rule: every reason for which a file may wait has a sentence, in each language.

package org.coffre.app.screens

import org.coffre.app.R
import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import java.io.File
import javax.xml.parsers.DocumentBuilderFactory

@RunWith(RobolectricTestRunner::class)
@Config(application = android.app.Application::class, sdk = [34])
class SentencesTest {
    private val repository = File(checkNotNull(System.getProperty("coffre.repository")))

    /** The closed list of docs/host-api.md §6. */
    private fun codesOf(heading: String): List<String> {
        val line = File(repository, "docs/host-api.md").readLines().first { it.startsWith("**$heading**") }
        return Regex("`([a-z-]+)`").findAll(line).map { it.groupValues[1] }.toList()
    }

    @Test
    fun everyReasonForWaitingHasASentence() {
        val lacking = codesOf("Why a file waits").filter { reasonWords(it) == R.string.why_other }
        assertEquals(emptyList<String>(), lacking)
    }

    @Test
    fun whatPairingCanFailOfHasASentence() {
        val ofPairing =
            listOf(
                "user-login",
                "user-passphrase",
                "user-words",
                "user-invitation",
                "user-registration",
                "peer-un",
                "peer-tls",
                "peer-pin",
                "peer-not-coffre",
                "peer-busy",
                "peer-full",
                "peer-error",
            )
        val lacking =
            codesOf("Why an ask fails")
                .filter { code -> ofPairing.any(code::startsWith) }
                .filter { failureSentence(it) == R.string.fail_other }
        assertEquals(emptyList<String>(), lacking)
    }

    @Test
    fun bothLanguagesHaveTheSameSentences() {
        fun namesIn(folder: String): List<String> {
            val file = File(repository, "android-shell/app/src/main/res/$folder/strings.xml")
            val root =
                DocumentBuilderFactory
                    .newInstance()
                    .newDocumentBuilder()
                    .parse(file)
                    .documentElement
            val nodes = root.childNodes
            return (0 until nodes.length).mapNotNull {
                nodes
                    .item(it)
                    .attributes
                    ?.getNamedItem("name")
                    ?.nodeValue
            }
        }
        assertEquals(namesIn("values"), namesIn("values-fr"))
    }
}
