// Android's numbers for why work stopped or waits. Rule: the newest Android's own constants are asked, so that none is forgotten.

package org.coffre.app.schedule

import android.app.job.JobParameters
import android.app.job.JobScheduler
import org.coffre.app.session.Home
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

@RunWith(RobolectricTestRunner::class)
@Config(application = android.app.Application::class, sdk = [36])
class SystemReasonTest {
    private fun numbersOf(
        owner: Class<*>,
        prefix: String,
    ): Map<String, Int> =
        owner.fields
            .filter { it.name.startsWith(prefix) && it.type == Int::class.javaPrimitiveType }
            .associate { it.name to it.getInt(null) }

    @Test
    fun eachOfAndroidsReasonsForAStopHasASentenceOfItsOwnKind() {
        val numbers = numbersOf(JobParameters::class.java, "STOP_REASON_")
        assertEquals(17, numbers.size)
        val unknown = numbers.filterValues { SystemReason.ofStopReason(it) == SystemReason.OTHER }.keys
        assertEquals(setOf("STOP_REASON_UNDEFINED"), unknown)
    }

    @Test
    fun soHasEachReasonForWaiting() {
        val numbers = numbersOf(JobScheduler::class.java, "PENDING_JOB_REASON_")
        assertEquals(19, numbers.size)
        val unknown = numbers.filterValues { SystemReason.ofPendingReason(it) == SystemReason.OTHER }.keys
        assertEquals(setOf("PENDING_JOB_REASON_UNDEFINED"), unknown)
        assertNull(SystemReason.ofPendingReason(JobScheduler.PENDING_JOB_REASON_EXECUTING))
        assertEquals(SystemReason.OTHER, SystemReason.ofPendingReason(4_711))
    }

    @Test
    @Config(qualifiers = "fr")
    fun everySentenceIsThereInFrenchToo() {
        val resources = RuntimeEnvironment.getApplication().resources
        val sentences = SystemReason.entries.map { resources.getString(it.sentence) }
        assertEquals(sentences.size, sentences.toSet().size)
        assertEquals("Le téléphone est peu chargé.", resources.getString(SystemReason.BATTERY_LOW.sentence))
    }

    @Test
    fun theLastStopIsKept() {
        val home = Home(RuntimeEnvironment.getApplication())
        assertNull(StopLog(home).read())
        home.make()
        StopLog(home).write(SystemReason.QUOTA)
        assertEquals(SystemReason.QUOTA, StopLog(home).read()?.reason)
        home.folder.resolve("stopped").writeText("yesterday NO_IDEA")
        assertNull(StopLog(home).read())
    }
}
