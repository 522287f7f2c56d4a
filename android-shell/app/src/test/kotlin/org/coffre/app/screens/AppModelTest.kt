// From an installed app to a backed-up phone, as a person goes through it, against a real server. Rule: the model is asked what a
// finger would ask it, and what it shows is what a screen would show.

package org.coffre.app.screens

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.filterNotNull
import kotlinx.coroutines.launch
import org.coffre.app.activity.ActivityKind
import org.coffre.app.activity.ActivityLog
import org.coffre.app.files.MediaAccess
import org.coffre.app.schedule.Schedule
import org.coffre.app.schedule.StopLog
import org.coffre.app.schedule.SystemReason
import org.coffre.app.session.Home
import org.coffre.app.session.Policy
import org.coffre.app.stage.PhoneStage
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import java.util.concurrent.Executors

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [26, 34])
class AppModelTest {
    private val stage = PhoneStage()
    private val work = Executors.newSingleThreadExecutor()
    private val screen = CoroutineScope(Dispatchers.Default)
    private lateinit var model: AppModel
    private val state get() = model.state.value

    private val phone =
        object : PhoneServices {
            override val deviceName = "Pixel"

            override fun readAccess() = MediaAccess.read(stage.app)

            override fun mayUseCamera() = false

            override fun givesOriginals() = MediaAccess.givesOriginals(stage.app)

            override fun schedule() {
                scheduled++
            }

            override fun readSystem() = Schedule(stage.app).readSystem()

            override fun setContinuous(isContinuous: Boolean) = Schedule(stage.app).setContinuous(isContinuous)
        }
    private var scheduled = 0

    @Before
    fun open() {
        stage.open()
        model = AppModel(stage.app.engine, phone, work)
        // What the activity does.
        screen.launch {
            stage.app.engine.words.words
                .filterNotNull()
                .collect(model::takeWords)
        }
    }

    @After
    fun close() {
        screen.cancel()
        work.shutdown()
        stage.close()
    }

    private fun typeServer(
        login: String,
        isNew: Boolean = true,
    ) {
        model.pairing.fill(PairingForm(isNew, stage.url, login, deviceName = "Pixel"))
        model.pairing.chooseServer()
        assertEquals(Step.PASSPHRASE, state.step)
    }

    @Test
    fun aPersonMakesAVaultWritesTheWordsDownAndHasTheirPhotosBackedUp() {
        stage.photo(1, "DCIM/Camera/", "a.jpg", 300_000)
        stage.photo(2, "Pictures/", "b.jpg", 20_000)
        typeServer("ada")
        model.pairing.pair("un cheval pile correct".toCharArray())
        stage.until { state.step == Step.WORDS && !state.isBusy }
        assertEquals(24, state.words.size)
        val words = state.words

        model.go(Step.CHECK)
        assertEquals(3, state.asked.size)
        model.pairing.checkWords(listOf("not", "these", "words"))
        assertEquals("app-words-wrong", state.failure)
        model.pairing.checkWords(state.asked.map { words[it] })
        assertEquals(Step.SOURCES, state.step)
        assertEquals(emptyList<String>(), state.words)

        model.sources.begin()
        stage.until { state.status.filesSynced == 2L && !state.status.isWorking }
        assertEquals(Step.STATUS, state.step)
        assertEquals(emptyList<Waiting>(), state.status.waiting)
        assertEquals(
            setOf("DCIM", "Pictures"),
            state.status.sources
                .map { it.name }
                .toSet(),
        )
        assertEquals(false, state.isWordsMissing)
        assertNull(state.failure)
    }

    @Test
    fun aWeakPassphraseIsRefusedAndTheNextOneIsTaken() {
        typeServer("bob")
        model.pairing.pair("passphrase".toCharArray())
        stage.until { !state.isBusy }
        assertEquals("user-passphrase-too-common", state.failure)
        model.pairing.pair("un cheval pile correct".toCharArray())
        stage.until { state.step == Step.WORDS && !state.isBusy }
    }

    @Test
    fun aServerThatIsNotThereIsSaidAndNothingIsPaired() {
        typeServer("ada")
        model.pairing.fill(state.form.copy(address = "http://127.0.0.1:9"))
        model.pairing.pair("un cheval pile correct".toCharArray())
        stage.until { !state.isBusy }
        assertEquals("peer-unreachable", state.failure)
        stage.until {
            stage.app.engine.home
                .readPairing() == null
        }
    }

    @Test
    fun anAddressThatIsNoneIsNotTried() {
        model.pairing.fill(PairingForm(true, "http://example.org", "ada", deviceName = "Pixel"))
        model.pairing.chooseServer()
        assertEquals("app-address", state.failure)
        assertEquals(Step.WELCOME, state.step)
    }

    @Test
    fun aScannedCodeIsShownBeforeAnythingIsAskedAndAnotherOneIsRefused() {
        model.go(Step.SCAN)
        model.pairing.scanned("WIFI:T:WPA;S:home;;")
        assertEquals("app-code-other", state.failure)
        assertEquals(Step.SCAN, state.step)
        model.pairing.scanned("coffre://pair?server=https%3A%2F%2Fexample.org&pin=12")
        assertEquals("app-code-pin", state.failure)
        val code = "coffre://pair?server=https%3A%2F%2Fexample.org&invitation=ABCD"
        model.pairing.scanned(code)
        assertEquals(listOf(Step.SERVER, code, null), listOf(state.step, state.form.address, state.failure))
        // The camera sees it again before it is closed.
        model.pairing.scanned("WIFI:T:WPA;S:home;;")
        assertNull(state.failure)
    }

    @Test
    fun whatWasDoneIsInTheActivityLogAlsoAfterTheProcessEnded() {
        stage.createVault()
        stage.addRoot("camera", "media:external_primary/DCIM")
        stage.photo(1, "DCIM/", "a.jpg", 10_000)
        model.backUpNow()
        stage.until { state.activity.firstOrNull()?.kind == ActivityKind.DONE }
        val done = state.activity.first()
        assertEquals(1L, done.files)
        assertEquals(true, done.bytes > 10_000)
        assertEquals(done, ActivityLog(stage.app.engine.home.activityFile).read().first())
    }

    @Test
    fun aPhoneWithoutItsKeysIsPairedAgainAndBacksUpAsANewDevice() {
        // The words of this vault were written down long ago.
        screen.cancel()
        stage.createVault()
        stage.endProcess()
        stage.loseKeys()
        model.refresh()
        stage.until { state.status.trouble == Trouble.KEY_GONE }
        assertEquals(Step.STATUS, state.step)
        model.pairing.pairAgain()
        stage.until { state.step == Step.SERVER }
        assertEquals(listOf(stage.url, "ada", false), state.form.run { listOf(address, login, isNew) })
        model.pairing.chooseServer()
        model.pairing.pair("un cheval pile correct".toCharArray())
        stage.until { state.step == Step.SOURCES && !state.isBusy }
        stage.photo(1, "DCIM/", "a.jpg", 10_000)
        model.sources.begin()
        stage.until { state.status.filesSynced == 1L && !state.status.isWorking }
        assertNull(state.status.trouble)
    }

    @Test
    fun hoursAndExclusionsReachTheEngine() {
        stage.createVault()
        stage.addRoot("DCIM", "media:external_primary/DCIM")
        stage.photo(1, "DCIM/", "a.jpg", 10_000)
        stage.photo(2, "DCIM/", "b.png", 10_000)
        model.refresh()
        stage.until { state.status.sources.size == 1 }
        model.sources.exclude(state.status.sources.single(), listOf("*.png"))
        stage.until {
            state.status.sources
                .single()
                .excludes == listOf("*.png")
        }
        model.backUpNow()
        stage.until { state.status.filesSynced == 1L && state.status.filesExcluded == 1L }
        val policy = Policy(false, roamingToo = true, meteredBytesPerMonth = 500_000_000, hours = 60 to 120)
        model.sources.setPolicy(policy)
        stage.until { state.policy == policy }
        assertEquals(policy, Home(stage.app).readPolicy())
        assertNull(state.failure)
    }

    @Test
    fun pausedNothingIsSentUntilItMayGoOn() {
        stage.createVault()
        stage.addRoot("camera", "media:external_primary/DCIM")
        stage.photo(1, "DCIM/", "a.jpg", 10_000)
        model.pause(true)
        stage.until { state.status.isPaused }
        model.backUpNow()
        stage.until { stage.app.engine.home.isPaused && !state.status.isWorking }
        assertEquals(0L, stage.readCounts()["filesSynced"])
        model.pause(false)
        stage.until { state.status.filesSynced == 1L }
    }

    @Test
    fun watchingAllTheTimeIsSwitchedOnAndOffAndAPauseEndsItOnlyForAsLongAsItLasts() {
        stage.createVault()
        model.watchAlways(true)
        stage.until { state.system.isContinuous }
        assertEquals(false, state.system.isWatching)
        model.pause(true)
        stage.until { state.status.isPaused }
        val before = scheduled
        model.pause(false)
        stage.until { !state.status.isPaused }
        // What is scheduled anew begins the watch again, which is the owner's choice still.
        assertEquals(before + 1, scheduled)
        assertEquals(true, state.system.isContinuous)
        model.watchAlways(false)
        stage.until { !state.system.isContinuous }
    }

    @Test
    fun whySomethingWasStoppedIsThereForTheScreenAlsoInTheNextProcess() {
        stage.createVault()
        StopLog(stage.app.engine.home).write(SystemReason.TIME_OVER)
        model.refresh()
        stage.until { state.system.lastStop?.reason == SystemReason.TIME_OVER }
    }
}
