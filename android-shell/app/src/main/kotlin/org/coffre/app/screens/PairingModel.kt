// From a server's address to a paired phone. Rule: where the phone is paired is written before the server is asked, and a passphrase
// or words are never in the state.

package org.coffre.app.screens

import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import org.coffre.app.pairing.NoPairing
import org.coffre.app.pairing.PairingText
import org.coffre.app.session.EngineState
import org.coffre.app.session.OneEngine
import org.coffre.app.session.Pairing
import org.coffre.app.session.text
import java.security.SecureRandom
import java.util.concurrent.Executor

private const val ASKED_WORDS = 3
private const val WORDS = 24

/** After these the phone is paired, or may be: the same ask goes on where it ended. */
private val GOES_ON = setOf("host-error", "user-stopped", "user-already-paired")

/** Changes [current] for what is done on the screens of onboarding. */
internal class PairingModel(
    private val one: OneEngine,
    private val work: Executor,
    private val current: MutableStateFlow<AppState>,
    private val refresh: () -> Unit,
) : PairingActions {
    override fun fill(form: PairingForm) = current.update { it.copy(form = form, failure = null) }

    override fun scanned(text: String) {
        // A code is seen many times a second, also after the screen has gone on.
        if (current.value.step != Step.SCAN) return
        when (val meaning = PairingText.judgeScanned(text)) {
            is NoPairing -> {
                current.update { it.copy(failure = meaning.fault.code) }
            }

            is PairingText -> {
                current.update {
                    it.copy(
                        step = Step.SERVER,
                        form = it.form.copy(address = text),
                        failure = null,
                    )
                }
            }
        }
    }

    override fun cameraFailed() = current.update { it.copy(camera = CameraState.FAILED) }

    override fun chooseServer() =
        current.update {
            when (val meaning = PairingText.judge(it.form.address)) {
                is NoPairing -> it.copy(failure = meaning.fault.code)
                is PairingText -> it.copy(step = Step.PASSPHRASE, failure = null)
            }
        }

    override fun pair(secret: CharArray) {
        current.update { it.copy(isBusy = true, failure = null) }
        work.execute {
            val form = current.value.form
            val given = checkNotNull(PairingText.parse(form.address)) { "the address was looked at before" }
            val words = String(secret).trim().split(Regex("\\s+"))
            val isByWords = !form.isNew && words.size == WORDS
            val ask = formatAsk(form, given, if (isByWords) words.joinToString(" ") { it.lowercase() } else null)
            // Written first: a process that ends after the server made the vault must still know where it is.
            one.home.writePairing(Pairing(given.server, form.login.trim(), form.deviceName.trim(), !form.isNew))
            when (val state = one.open()) {
                is EngineState.Running -> {
                    if (isByWords) secret.fill('\u0000') else state.engine.passphrase.type(secret)
                    state.engine.ask(ask).whenComplete { result, _ -> end(form, result) }
                }

                else -> {
                    current.update { it.copy(isBusy = false, status = it.status.copy(trouble = troubleOf(state))) }
                }
            }
        }
    }

    private fun formatAsk(
        form: PairingForm,
        given: PairingText,
        words: String?,
    ): JsonObject =
        buildJsonObject {
            put("kind", if (form.isNew) "create" else "join")
            put("server", formatServer(given.server))
            put("login", form.login.trim())
            put("deviceName", form.deviceName.trim())
            val invitation = given.invitation ?: form.invitation.trim()
            if (form.isNew && invitation.isNotEmpty()) put("invitation", invitation)
            words?.let { put("words", it) }
        }

    private fun end(
        form: PairingForm,
        result: JsonObject?,
    ) {
        val isPaired = result != null && result.text("outcome") != "failed"
        val code = result?.text("code") ?: "host-error"
        if (!isPaired && code !in GOES_ON) work.execute { one.home.removePairing() }
        // What the vault calls this phone: with a number where the name was taken.
        val name = result?.text("deviceName")
        if (isPaired && name != null) {
            work.execute { one.home.readPairing()?.let { one.home.writePairing(it.copy(deviceName = name)) } }
        }
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

    override fun pairAgain() =
        work.execute {
            val pairing = one.home.readPairing()
            one.close()
            one.home.setAside()
            current.update {
                val pin = pairing?.server?.pin
                val url = pairing?.server?.url.orEmpty()
                it.copy(
                    step = Step.SERVER,
                    form =
                        it.form.copy(
                            isNew = false,
                            address = if (pin == null) url else PairingText.format(pairing.server),
                            login = pairing?.login ?: it.form.login,
                        ),
                    status = BackupStatus(),
                    failure = null,
                    isReplaced = true,
                )
            }
        }

    /** Which words are asked for. */
    fun drawWords(): List<Int> {
        val random = SecureRandom()
        return generateSequence { random.nextInt(WORDS) }
            .distinct()
            .take(ASKED_WORDS)
            .toList()
            .sorted()
    }
}
