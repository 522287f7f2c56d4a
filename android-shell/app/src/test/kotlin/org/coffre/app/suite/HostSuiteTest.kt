// The portability suite against the app's ports, on the oldest Android and on a newer one. Rule: a host passes when no check fails
// and none was left out.

package org.coffre.app.suite

import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import java.io.File
import java.lang.management.ManagementFactory
import java.util.concurrent.Future
import java.util.concurrent.FutureTask

/** Both run beside each other: most of their time Androids start, and that uses one processor each. */
class HostSuiteTest {
    @Test
    fun everyCheckPassesOnAndroid8() = expectPassed(runs.getValue(OLDEST_SDK))

    @Test
    fun everyCheckPassesOnAndroid14() = expectPassed(runs.getValue(NEWER_SDK))

    private fun expectPassed(run: Future<SuiteEnd>) {
        val (code, said) = run.get()
        assertEquals(said, 0, code)
        assertTrue(said, Regex("""\d\d+ passed, 0 failed, 0 """).containsMatchIn(said))
    }

    private companion object {
        const val OLDEST_SDK = 26
        const val NEWER_SDK = 34

        /** Begun together, by whichever test is the first. */
        val runs: Map<Int, Future<SuiteEnd>> by lazy {
            listOf(OLDEST_SDK, NEWER_SDK).associateWith { sdk ->
                FutureTask { runSuite(sdk) }.also { Thread(it, "suite-$sdk").start() }
            }
        }
    }
}

private data class SuiteEnd(
    val code: Int,
    val said: String,
)

/** A compiler that is quick to begin with: most of the time an Android starts. */
private val QUICK = listOf("-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")

private fun runSuite(sdk: Int): SuiteEnd {
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
    return SuiteEnd(suite.waitFor(), said)
}
