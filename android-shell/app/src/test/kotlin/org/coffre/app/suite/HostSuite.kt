// The portability suite against the app's ports, on the oldest Android and on a newer one. Rule: a host passes when no check fails
// and none was left out.

package org.coffre.app.suite

import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import java.io.File
import java.lang.management.ManagementFactory

/** Two classes, so that they run beside each other: each takes minutes, most of them for starting an Android six times. */
class HostSuiteOnAndroid8Test {
    @Test
    fun everyCheckPasses() = runSuite(sdk = 26)
}

class HostSuiteOnAndroid14Test {
    @Test
    fun everyCheckPasses() = runSuite(sdk = 34)
}

/** A compiler that is quick to begin with: most of the time an Android starts. */
private val QUICK = listOf("-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")

private fun runSuite(sdk: Int) {
    val repository = File(checkNotNull(System.getProperty("coffre.repository")))
    val java = File(System.getProperty("java.home"), "bin/java").path
    // What this process runs with, the opened packages above all, and the Android that is wanted.
    val options =
        ManagementFactory.getRuntimeMXBean().inputArguments.filter { it.startsWith("--") } +
            listOf("robolectric.offline", "robolectric.dependency.dir", "robolectric.logging.enabled")
                .map { "-D$it=${System.getProperty(it)}" }
    val classPath = System.getProperty("surefire.test.class.path") ?: System.getProperty("java.class.path")
    val adapter =
        listOf(java) + QUICK + options +
            listOf("-Drobolectric.enabledSdks=$sdk", "-cp", classPath, "org.coffre.app.suite.PhoneAdapterKt")
    val suite =
        ProcessBuilder(listOf("npm", "run", "--silent", "host-suite", "--", "--") + adapter)
            .directory(repository)
            .redirectErrorStream(true)
            .start()
    suite.outputStream.close()
    val said = suite.inputStream.bufferedReader().readText()
    assertEquals(said, 0, suite.waitFor())
    assertTrue(said, Regex("""\d\d+ passed, 0 failed, 0 """).containsMatchIn(said))
}
