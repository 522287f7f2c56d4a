// The portability suite against the app's ports, on the oldest Android and on a newer one. Rule: a host passes when no check fails
// and none was left out.

package org.coffre.app.suite

import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import java.io.File
import java.lang.management.ManagementFactory

class HostSuiteTest {
    @Test
    fun everyCheckPassesOnAndroid8() = runSuite(sdk = 26)

    @Test
    fun everyCheckPassesOnAndroid14() = runSuite(sdk = 34)

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
            listOf(java, "-Xmx1g", "-XX:+UseSerialGC") + options +
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
}
