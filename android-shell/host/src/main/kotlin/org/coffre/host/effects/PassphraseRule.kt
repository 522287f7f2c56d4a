// The rule for a new passphrase (docs/host-api.md H-26). Rule: it is fixed and has vectors, so that every host refuses the
// same ones; an existing passphrase is never judged.

package org.coffre.host.effects

private const val FEWEST_POINTS = 10
private const val FEWEST_DIFFERENT = 5
private const val DIGITS = 10

private val COMMON =
    setOf(
        "abcdefghij",
        "abcdefghijkl",
        "administrator",
        "azertyuiop",
        "baseball",
        "coffre",
        "coffrecoffre",
        "football",
        "iloveyou",
        "letmeinletmein",
        "motdepasse",
        "passphrase",
        "password",
        "passwordpassword",
        "princess",
        "qwertyuiop",
        "qwertzuiop",
        "sunshine",
        "superman",
        "trustno",
        "welcome",
    )

/** The first reason to refuse [passphrase] as a new one, or null when there is none. */
fun findWeakness(passphrase: String): String? {
    val points = passphrase.codePoints().toArray()
    if (points.size < FEWEST_POINTS) return "too-short"
    if (points.distinct().size < FEWEST_DIFFERENT) return "too-few-different"
    val letters = passphrase.filter { it in 'a'..'z' || it in 'A'..'Z' }.lowercase()
    val isCommon = if (letters.isEmpty()) isRun(passphrase.filter { it in '0'..'9' }) else letters in COMMON
    return if (isCommon) "too-common" else null
}

/** Whether there are two digits or more, and each is one above, or each one below, the one before; 0 and 9 are neighbours. */
private fun isRun(digits: String): Boolean {
    val steps = digits.zipWithNext { first, second -> Math.floorMod(second - first, DIGITS) }.toSet()
    return steps == setOf(1) || steps == setOf(DIGITS - 1)
}
