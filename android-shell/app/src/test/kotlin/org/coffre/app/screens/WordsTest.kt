// Codes and sentences. Rule: every code of the closed lists has one in each language, and none of them speaks of a command line.

package org.coffre.app.screens

import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import java.io.File
import java.util.Locale
import javax.xml.parsers.DocumentBuilderFactory

private const val DAMAGE = "What is wrong with what a server gave, or with a place to restore to"

class WordsTest {
    private val repository = File(checkNotNull(System.getProperty("coffre.repository")))
    private val languages = listOf(Locale.ENGLISH, Locale.FRENCH)

    /** What only somebody at a terminal understands. */
    private val terminal =
        Regex(
            """['«`]\s?coffre\s|--[a-z]|\bmachines?\b|\bcommand|\bterminal|this user|this system|cet utilisateur|ce système""",
        )

    /** The closed list of docs/host-api.md §6. */
    private fun codesOf(heading: String): List<String> {
        val line = File(repository, "docs/host-api.md").readLines().first { it.startsWith("**$heading**") }
        return Regex("`([a-z-]+)`").findAll(line).map { it.groupValues[1] }.toList()
    }

    /** The [codes] whose sentence is the code itself, or speaks of a command line. */
    private fun lackingIn(
        codes: List<String>,
        say: (Words, String) -> String,
    ): List<String> =
        languages.flatMap { locale ->
            val words = Words.of(locale)
            codes.filter { code -> say(words, code).let { it.isBlank() || code in it || terminal.containsMatchIn(it) } }
        }

    @Test
    fun everyReasonForWaitingHasASentenceForPhones() =
        assertEquals(emptyList<String>(), lackingIn(codesOf("Why a file waits"), Words::waiting))

    @Test
    fun everyFailureHasASentenceForPhones() =
        assertEquals(emptyList<String>(), lackingIn(codesOf("Why an ask fails"), Words::failure))

    @Test
    fun everyDamageHasASentenceForPhones() =
        assertEquals(emptyList<String>(), lackingIn(codesOf(DAMAGE), Words::damage))

    @Test
    fun everyNoticeHasASentenceForPhones() {
        val reasons = listOf("io", "not-a-folder", "own-folder", "permission", "replaced")
        val codes = codesOf("Notices").filter { it != "untilMs" }
        assertEquals(emptyList<String>(), lackingIn(codes) { words, code -> words.notice(code, null) })
        for (reason in reasons) {
            val lacking = lackingIn(listOf("root-unavailable")) { words, code -> words.notice(code, reason) }
            assertEquals(reason, emptyList<String>(), lacking)
        }
    }

    @Test
    fun whatIsWrongWithAFolderHasASentenceForPhones() {
        val codes = listOf("permission", "io", "vanished", "not-a-folder", "too-long", "own-folder", "replaced")
        assertEquals(emptyList<String>(), lackingIn(codes) { words, code -> words.root(code).replace(code, "") })
    }

    @Test
    fun theAppsOwnFailuresHaveSentences() {
        val own =
            org.coffre.app.pairing.PairingFault.entries
                .map { it.code } + listOf("app-words-wrong", "app-target")
        for (locale in languages) for (code in own) assertTrue(code, code !in Words.of(locale).failure(code))
    }

    @Test
    fun aCodeOfANewerEngineIsShownAsItIs() {
        assertEquals("brand-new", Words.of(Locale.FRENCH).waiting("brand-new"))
        assertTrue("brand-new" in Words.of(Locale.FRENCH).failure("brand-new"))
    }

    @Test
    fun bothLanguagesOfTheScreensHaveTheSameNames() {
        fun namesIn(folder: String): List<String> {
            val file = File(repository, "android-shell/app/src/main/res/$folder/strings.xml")
            val nodes =
                DocumentBuilderFactory
                    .newInstance()
                    .newDocumentBuilder()
                    .parse(file)
                    .documentElement.childNodes
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
