// What stands between the screens and the engine. Rule: the state changes here alone, the disk and the engine are never touched on
// the main thread, and the model lives as long as the process, whatever the phone is turned.

package org.coffre.app.screens

import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.update
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import org.coffre.app.files.MediaAccess
import org.coffre.app.files.mediaLocator
import org.coffre.app.session.BackupEnd
import org.coffre.app.session.BackupMode
import org.coffre.app.session.BackupRun
import org.coffre.app.session.EngineState
import org.coffre.app.session.OneEngine
import org.coffre.app.session.Pairing
import org.coffre.app.session.PhoneEngine
import org.coffre.app.session.Policy
import org.coffre.app.session.text
import java.security.SecureRandom
import java.util.concurrent.Executor
import java.util.concurrent.atomic.AtomicInteger

private const val ASKED_WORDS = 3
private const val WORDS = 24

/** After these the phone is paired, or may be: the same ask goes on where it ended. */
private val GOES_ON = setOf("host-error", "user-stopped", "user-already-paired")

/** What the phone does for the model. */
interface PhoneServices {
    val deviceName: String

    fun readAccess(): MediaAccess

    fun givesOriginals(): Boolean

    /** Schedules what a paired phone needs. */
    fun schedule()
}

/** The app's state. [work] is where it works; results of the engine come on any thread. */
class AppModel(
    private val one: OneEngine,
    private val phone: PhoneServices,
    private val work: Executor,
) : AppActions {
    private val current = MutableStateFlow(AppState(form = PairingForm(deviceName = phone.deviceName)))
    private val runs = AtomicInteger()

    val state: StateFlow<AppState> get() = current

    /** Looks at everything that may have changed while the app was not seen. */
    fun refresh() =
        work.execute {
            val pairing = one.home.readPairing()
            val status = if (pairing == null) BackupStatus() else readStatus(one)
            val policy = one.home.readPolicy()
            current.update { old ->
                old.copy(
                    step = if (old.step == Step.WELCOME && pairing != null) firstStep(status) else old.step,
                    form =
                        if (pairing ==
                            null
                        ) {
                            old.form
                        } else {
                            old.form.copy(login = pairing.login, deviceName = pairing.deviceName)
                        },
                    access = phone.readAccess(),
                    givesOriginals = phone.givesOriginals(),
                    status = status.copy(isWorking = runs.get() > 0),
                    isWordsMissing = pairing?.hasWords == false,
                    policy = policy,
                    server = pairing?.server?.url.orEmpty(),
                )
            }
        }

    override fun go(step: Step) {
        if (step == Step.CHECK) current.update { it.copy(asked = drawWords()) }
        current.update { it.copy(step = step, failure = null) }
        refresh()
    }

    override fun fill(form: PairingForm) = current.update { it.copy(form = form, failure = null) }

    override fun chooseServer() =
        current.update {
            val isAddress = PairingText.parse(it.form.address) != null
            if (isAddress) it.copy(step = Step.PASSPHRASE, failure = null) else it.copy(failure = "app-address")
        }

    override fun pair(secret: CharArray) {
        current.update { it.copy(isBusy = true, failure = null) }
        work.execute {
            val form = current.value.form
            val given = checkNotNull(PairingText.parse(form.address)) { "the address was looked at before" }
            val words = String(secret).trim().split(Regex("\\s+"))
            val isByWords = !form.isNew && words.size == WORDS
            val ask =
                buildJsonObject {
                    put("kind", if (form.isNew) "create" else "join")
                    put("server", formatServer(given.server))
                    put("login", form.login.trim())
                    put("deviceName", form.deviceName.trim())
                    val invitation = given.invitation ?: form.invitation.trim()
                    if (form.isNew && invitation.isNotEmpty()) put("invitation", invitation)
                    if (isByWords) put("words", words.joinToString(" ") { it.lowercase() })
                }
            // Written first: a process that ends after the server made the vault must still know where it is.
            one.home.writePairing(Pairing(given.server, form.login.trim(), form.deviceName.trim(), !form.isNew))
            whenOpen { engine ->
                if (isByWords) secret.fill('\u0000') else engine.passphrase.type(secret)
                engine.ask(ask).whenComplete { result, _ -> endPairing(form, result) }
            }
        }
    }

    /** The screen has the words: the engine may go on. */
    fun takeWords(words: List<String>) {
        current.update { it.copy(step = Step.WORDS, words = words) }
        one.words.haveShown()
    }

    override fun showWords() = current.update { it.copy(step = Step.WORDS, failure = null) }

    override fun checkWords(typed: List<String>) {
        val state = current.value
        val isRight = state.asked.withIndex().all { (index, at) -> state.words[at] == typed[index].trim().lowercase() }
        if (!isRight) {
            current.update { it.copy(failure = "app-words-wrong") }
            return
        }
        one.words.forget()
        current.update { it.copy(words = emptyList(), asked = emptyList(), step = Step.SOURCES, failure = null) }
        work.execute { one.home.readPairing()?.let { one.home.writePairing(it.copy(hasWords = true)) } }
        refresh()
    }

    override fun choose(folder: String) =
        current.update { it.copy(chosen = if (folder in it.chosen) it.chosen - folder else it.chosen + folder) }

    /** Asked by the activity, which knows how. */
    override fun askAccess() = Unit

    /** Asked by the activity, which knows how. */
    override fun pickFolder() = Unit

    /** Adds a folder that the owner picked. */
    fun addFolder(
        name: String,
        locator: String,
    ) = work.execute {
        whenOpen { engine ->
            engine.ask(formatRoot(name, locator)).whenComplete { result, _ -> endChange(result) }
        }
    }

    override fun startBackup() =
        work.execute {
            whenOpen { engine ->
                val known =
                    current.value.status.sources
                        .map { it.locator }
                for (folder in current.value.chosen) {
                    val locator = mediaLocator(folder)
                    if (locator !in
                        known
                    ) {
                        engine.ask(formatRoot(folder, locator)).whenComplete { result, _ -> endChange(result) }
                    }
                }
                engine.ask(formatPolicy(one.home.readPolicy()))
            }
            phone.schedule()
            current.update { it.copy(step = Step.STATUS, failure = null) }
            backUpNow()
        }

    override fun backUpNow() =
        work.execute {
            val run = BackupRun.begin(one, BackupMode.ONCE)
            runs.incrementAndGet()
            refresh()
            run.end.thenAccept { end ->
                runs.decrementAndGet()
                current.update { it.copy(failure = (end as? BackupEnd.Failed)?.code) }
                refresh()
            }
        }

    override fun pause(isPaused: Boolean) {
        work.execute {
            one.home.setPaused(isPaused)
            if (isPaused) one.find()?.requestStop()
            refresh()
        }
        if (!isPaused) backUpNow()
    }

    override fun setPolicy(policy: Policy) =
        work.execute {
            one.home.writePolicy(policy)
            whenOpen { engine -> engine.ask(formatPolicy(policy)).whenComplete { result, _ -> endChange(result) } }
        }

    override fun removeSource(name: String) =
        work.execute {
            val ask =
                buildJsonObject {
                    put("kind", "remove-root")
                    put("name", name)
                }
            whenOpen { engine -> engine.ask(ask).whenComplete { result, _ -> endChange(result) } }
        }

    private fun endPairing(
        form: PairingForm,
        result: JsonObject?,
    ) {
        val isPaired = result != null && result.text("outcome") != "failed"
        val code = result?.text("code") ?: "host-error"
        if (!isPaired && code !in GOES_ON) work.execute { one.home.removePairing() }
        current.update {
            val step =
                if (!isPaired) {
                    it.step
                } else if (form.isNew) {
                    Step.WORDS
                } else {
                    Step.SOURCES
                }
            it.copy(isBusy = false, failure = if (isPaired) null else code, step = step)
        }
        refresh()
    }

    private fun endChange(result: JsonObject?) {
        val isDone = result != null && result.text("outcome") != "failed"
        if (!isDone) current.update { it.copy(failure = result?.text("code") ?: "host-error") }
        refresh()
    }

    /** Runs [use] with the engine, or says why there is none. */
    private fun whenOpen(use: (PhoneEngine) -> Unit) {
        when (val state = one.open()) {
            is EngineState.Running -> use(state.engine)
            else -> current.update { it.copy(isBusy = false, status = it.status.copy(trouble = troubleOf(state))) }
        }
    }

    private fun firstStep(status: BackupStatus): Step =
        when {
            current.value.words.isNotEmpty() -> Step.WORDS
            status.sources.isEmpty() && status.trouble == null -> Step.SOURCES
            else -> Step.STATUS
        }

    private fun drawWords(): List<Int> {
        val random = SecureRandom()
        return generateSequence { random.nextInt(WORDS) }
            .distinct()
            .take(ASKED_WORDS)
            .toList()
            .sorted()
    }

    private fun formatRoot(
        name: String,
        locator: String,
    ) = buildJsonObject {
        put("kind", "add-root")
        put("name", name)
        put("locator", locator)
        put("excludes", JsonArray(emptyList()))
    }
}
