// Passphrases: the rule, and asking. Rule: the shared vectors decide what is weak.

package org.coffre.host.effects

import kotlinx.serialization.json.JsonArray
import org.coffre.host.plane.Vector
import org.coffre.host.plane.readVectorFile
import org.coffre.host.plane.readVectors
import org.coffre.host.plane.string
import org.coffre.host.plane.stringOrNull
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.MethodSource

class PassphraseTest {
    @ParameterizedTest(name = "{0}")
    @MethodSource("ruleVectors")
    fun `judges new passphrases as the vectors say`(vector: Vector) {
        assertEquals(vector.expected?.stringOrNull("weakness"), findWeakness(vector.input.string("passphrase")))
    }

    @Test
    fun `knows every common one of the vectors`() {
        for (common in readVectorFile("passphrase-rule")["common"] as JsonArray) {
            val letters = (common as kotlinx.serialization.json.JsonPrimitive).content
            if (letters.length >= 10) assertEquals("too-common", findWeakness(letters), letters)
        }
    }

    @Test
    fun `asks three times at most, for a strong one, twice the same`() {
        val good = "a long and good one"
        assertTrue(ask("2-short", good, good) is GivenPassphrase.Given)
        assertTrue(ask(good, "$good!", good, good) is GivenPassphrase.Given)
        assertEquals(GivenPassphrase.Weak("too-short"), ask("t0o-short", "2-short", "shortest", good, good))
        assertEquals(GivenPassphrase.None, ask(good, "1st", good, "2nd", good, "3rd", good, good))
        assertEquals(GivenPassphrase.None, ask("2-short", null))
        assertEquals(GivenPassphrase.None, ask(good, null))
        assertEquals(GivenPassphrase.None, ask(""))
    }

    @Test
    fun `gives the NFKD form, whichever was typed`() {
        val given = assertInstanceOf(GivenPassphrase.Given::class.java, ask("café ﬁn ① ガ", "cafe\u0301 fin 1 カ\u3099"))
        assertEquals("cafe\u0301 fin 1 カ\u3099", given.utf8.toString(Charsets.UTF_8))
    }

    @Test
    fun `takes an existing one as it is, and none for half a character`() {
        assertTrue(judgePassphrase("1", isNew = false) is GivenPassphrase.Given)
        assertEquals(GivenPassphrase.None, judgePassphrase("\ud800", isNew = false))
    }

    private fun ask(vararg types: String?): GivenPassphrase {
        val left = ArrayDeque(types.toList())
        val terminal =
            object : HiddenTerminal {
                override fun ask(question: String) = left.removeFirst()

                override fun say(line: String) =
                    assertTrue(types.filterNotNull().none { it.isNotEmpty() && it in line })
            }
        return PassphrasePrompt(terminal).ask(isNew = true)
    }

    companion object {
        @JvmStatic
        fun ruleVectors() = readVectors("passphrase-rule")
    }
}
