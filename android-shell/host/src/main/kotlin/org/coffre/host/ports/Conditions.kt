// What the platform says about link, power and time zone (docs/host-api.md §2, `conditions`). Rule: told, never judged.

package org.coffre.host.ports

/** The conditions at one moment. */
data class CurrentConditions(
    val network: Network,
    val charging: Boolean,
    /** Minutes that the device's time of day is ahead of UTC. */
    val utcOffsetMinutes: Int,
) {
    enum class Network(
        /** The name on the border. */
        val text: String,
    ) {
        NONE("none"),
        METERED("metered"),

        /** Metered, and another country's. */
        ROAMING("roaming"),
        UNMETERED("unmetered"),
    }
}

/** Where conditions come from. */
interface Conditions {
    /** The conditions now. */
    fun read(): CurrentConditions

    /** Calls [onChange] whenever they changed, on any thread, until what comes back is closed. */
    fun observe(onChange: (CurrentConditions) -> Unit): AutoCloseable
}
