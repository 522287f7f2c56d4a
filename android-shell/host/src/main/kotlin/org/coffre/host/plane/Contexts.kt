// The closed table of contexts (docs/format.md F-22). Rule: what is not in it is refused before any key is made.

package org.coffre.host.plane

private const val NUMBER = "(0|[1-9][0-9]{0,15})"
private const val ID = "[0-9a-f]{64}"
private const val LARGEST = 9_007_199_254_740_991

private val ROWS =
    listOf(
        "(?:chunk|list|padding|record|base|segment|recovery-wrap)/$ID",
        "name/$ID/$ID",
        "(?:epoch|checkpoint)/$ID/$ID/$NUMBER",
        "wrap/$ID/$NUMBER/$NUMBER/$NUMBER/[0-9a-f]{32}",
        "index/$ID/$NUMBER/$NUMBER",
    ).map { Regex("coffre/1/$it") }

private val CONTENT = Regex("coffre/1/(?:chunk|list|segment)/($ID)")

/** The keyed digest that a context names (F-23), in hex, or null for a context that names no content. */
fun contentId(context: String): String? = CONTENT.matchEntire(context)?.groupValues?.get(1)

/** Whether [text] is a row of the table, with numbers up to 2^53 - 1. */
fun isContext(text: String): Boolean {
    val match = ROWS.firstNotNullOfOrNull { it.matchEntire(text) } ?: return false
    return match.groupValues.drop(1).all { it.toLong() <= LARGEST }
}
