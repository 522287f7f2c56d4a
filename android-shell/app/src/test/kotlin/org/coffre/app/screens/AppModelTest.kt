// From an installed app to a backed-up phone, as a person goes through it, against a real server. Rule: the model is asked what a
// finger would ask it, and what it shows is what a screen would show.

package org.coffre.app.screens

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.filterNotNull
import kotlinx.coroutines.launch
import org.coffre.app.files.MediaAccess
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

            override fun givesOriginals() = MediaAccess.givesOriginals(stage.app)

            override fun schedule() = Unit
        }

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
        model.fill(PairingForm(isNew, stage.url, login, deviceName = "Pixel"))
        model.chooseServer()
        assertEquals(Step.PASSPHRASE, state.step)
    }

    @Test
    fun aPersonMakesAVaultWritesTheWordsDownAndHasTheirPhotosBackedUp() {
        stage.photo(1, "DCIM/Camera/", "a.jpg", 300_000)
        stage.photo(2, "Pictures/", "b.jpg", 20_000)
        typeServer("ada")
        model.pair("un cheval pile correct".toCharArray())
        stage.until { state.step == Step.WORDS && !state.isBusy }
        assertEquals(24, state.words.size)
        val words = state.words

        model.go(Step.CHECK)
        assertEquals(3, state.asked.size)
        model.checkWords(listOf("not", "these", "words"))
        assertEquals("app-words-wrong", state.failure)
        model.checkWords(state.asked.map { words[it] })
        assertEquals(Step.SOURCES, state.step)
        assertEquals(emptyList<String>(), state.words)

        model.startBackup()
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
        model.pair("passphrase".toCharArray())
        stage.until { !state.isBusy }
        assertEquals("user-passphrase-too-common", state.failure)
        model.pair("un cheval pile correct".toCharArray())
        stage.until { state.step == Step.WORDS && !state.isBusy }
    }

    @Test
    fun aServerThatIsNotThereIsSaidAndNothingIsPaired() {
        typeServer("ada")
        model.fill(state.form.copy(address = "http://127.0.0.1:9"))
        model.pair("un cheval pile correct".toCharArray())
        stage.until { !state.isBusy }
        assertEquals("peer-unreachable", state.failure)
        stage.until {
            stage.app.engine.home
                .readPairing() == null
        }
    }

    @Test
    fun anAddressThatIsNoneIsNotTried() {
        model.fill(PairingForm(true, "http://example.org", "ada", deviceName = "Pixel"))
        model.chooseServer()
        assertEquals("app-address", state.failure)
        assertEquals(Step.WELCOME, state.step)
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
}
