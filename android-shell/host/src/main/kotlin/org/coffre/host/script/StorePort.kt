// The three Store calls as a script sees them (docs/host-api.md §1). Rule: text in, text out, within the step's transaction.

package org.coffre.host.script

/** What an engine may call while it handles a step: ASCII JSON both ways, a failure is a value. */
interface StorePort {
    fun run(text: String): String

    fun runMany(text: String): String

    fun all(text: String): String
}
