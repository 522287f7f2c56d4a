// The rights of what is Coffre's own, or not finished yet. Rule: it is its owner's alone from its first moment on, before
// anything is in it.

package org.coffre.host.jvm

import java.nio.file.attribute.FileAttribute
import java.nio.file.attribute.PosixFilePermission
import java.nio.file.attribute.PosixFilePermissions

/** For a file that is made. */
val OWNER_FILE = only("rw-------")

/** For a folder that is made. */
val OWNER_FOLDER = only("rwx------")

private fun only(rights: String): FileAttribute<Set<PosixFilePermission>> =
    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(rights))
