// How a database fails. Rule: three kinds, and no statement, value or path in the message.

package org.coffre.host.ports

/** A call that SQLite refused; [kind] is what the engine is told (docs/host-api.md §1). */
class DatabaseFailure(
    val kind: Kind,
    message: String,
    cause: Throwable? = null,
) : Exception(message, cause) {
    enum class Kind(
        /** The failure's name on the border. */
        val text: String,
    ) {
        FULL("full"),
        IO("io"),
        OTHER("other"),
        ;

        companion object {
            private const val SQLITE_IOERR = 10
            private const val SQLITE_FULL = 13

            /** The kind of an SQLite result code, primary or extended. */
            fun of(code: Int): Kind =
                when (code and 0xff) {
                    SQLITE_FULL -> FULL
                    SQLITE_IOERR -> IO
                    else -> OTHER
                }
        }
    }
}
