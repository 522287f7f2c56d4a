// What a column holds. Rule: no reals, as docs/host-api.md §1 has it.

package org.coffre.host.ports

/** A value that goes into a statement or comes out of a row. */
sealed interface SqlValue {
    data object Null : SqlValue

    /** An integer; the Store lets through what lies within ±2^53. */
    data class Integer(
        val value: Long,
    ) : SqlValue

    data class Text(
        val value: String,
    ) : SqlValue

    /** Bytes, which nobody changes once they are in here. */
    class Bytes(
        val value: ByteArray,
    ) : SqlValue
}
