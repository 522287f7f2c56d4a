// Paths that a person gave, and what the system calls them. Rule: text is UTF-8 on its way to the file system, whatever the
// locale says.

package org.coffre.jvm

import org.coffre.host.jvm.locatorOf
import org.coffre.host.jvm.relativePath
import java.io.IOException
import java.nio.file.Path
import java.nio.file.Paths

/** The absolute path of [text], from the working folder on when it is relative. Throws IOException for a text with NUL. */
fun givenPath(text: String): Path {
    if ('\u0000' in text) throw IOException("expected a path without NUL")
    val names = text.split('/').filter { it.isNotEmpty() && it != "." }
    val base = if (text.startsWith("/")) Paths.get("/") else Paths.get("").toAbsolutePath()
    return names.fold(base) { path, name -> path.resolve(relativePath(name.toByteArray(Charsets.UTF_8))) }
}

/** The locator of what is at [path], with no link in it. Throws IOException when there is nothing. */
fun ownLocator(path: Path): String = locatorOf(path.toRealPath())
