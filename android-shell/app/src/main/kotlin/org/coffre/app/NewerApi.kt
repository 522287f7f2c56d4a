// Marks what calls Android newer than 8. Rule: whoever calls it has looked at the phone's version before.

package org.coffre.app

/** The API level check leaves this alone. */
@Target(AnnotationTarget.FUNCTION, AnnotationTarget.CLASS)
@Retention(AnnotationRetention.BINARY)
annotation class NewerApi
