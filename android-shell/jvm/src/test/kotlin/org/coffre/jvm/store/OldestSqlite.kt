// SQLite 3.18, which Android 8 has: a second driver beside the one on the class path. Rule: it comes out of a class loader of
// its own, so that both can run in one test.

package org.coffre.jvm.store

import java.net.URLClassLoader
import java.nio.file.Files
import java.nio.file.Path
import java.sql.Driver

/** The driver of the oldest SQLite that the engine's SQL must run on. */
object OldestSqlite {
    val driver: Driver by lazy {
        val jar = Path.of(System.getProperty("coffre.sqlite.oldest"))
        check(Files.exists(jar)) { "Maven copies the old driver before it runs tests" }
        val loader = URLClassLoader(arrayOf(jar.toUri().toURL()), ClassLoader.getPlatformClassLoader())
        loader.loadClass("org.sqlite.JDBC").getDeclaredConstructor().newInstance() as Driver
    }
}
