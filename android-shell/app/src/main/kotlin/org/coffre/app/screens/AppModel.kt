// What stands between the screens and the engine. Rule: the state changes here and in the models that this one hands it to, the disk
// and the engine are never touched on the main thread, and the model lives as long as the process, whatever the phone is turned.

package org.coffre.app.screens

import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.update
import org.coffre.app.files.MediaAccess
import org.coffre.app.restore.RestoreDesk
import org.coffre.app.restore.RestoreModel
import org.coffre.app.restore.RestoreState
import org.coffre.app.schedule.LongWork
import org.coffre.app.schedule.LongWorkKind
import org.coffre.app.schedule.SystemState
import org.coffre.app.session.BackupEnd
import org.coffre.app.session.BackupMode
import org.coffre.app.session.BackupRun
import org.coffre.app.session.OneEngine
import java.util.concurrent.Executor
import java.util.concurrent.atomic.AtomicInteger

/** What the phone does for the model. */
interface PhoneServices {
    val deviceName: String

    fun readAccess(): MediaAccess

    fun givesOriginals(): Boolean

    fun mayUseCamera(): Boolean

    /** Schedules what a paired phone needs. */
    fun schedule()

    /** Has [work] go on when its owner leaves the app. */
    fun carryOn(work: LongWork) = Unit

    /** How the work in the background stands with the system; reads the disk. */
    fun readSystem() = SystemState()

    /** Watches all the time, or no more. */
    fun setContinuous(isContinuous: Boolean) = Unit
}

/** The app's state. [work] is a single thread, where it works; results of the engine come on any thread. */
class AppModel(
    private val one: OneEngine,
    private val phone: PhoneServices,
    private val work: Executor,
) : AppActions {
    private val current = MutableStateFlow(AppState(form = PairingForm(deviceName = phone.deviceName)))
    private val runs = AtomicInteger()
    private val ofPairing = PairingModel(one, work, current, ::refresh)
    private val ofSources = SourcesModel(one, work, current, ::refresh, ::begin)

    private val desk =
        object : RestoreDesk {
            override val restore get() = current.value.restore

            override fun change(next: (RestoreState) -> RestoreState) =
                current.update { it.copy(restore = next(it.restore)) }

            override fun left() {
                go(Step.STATUS)
                phone.schedule()
            }

            override fun carryOn(work: LongWork) = phone.carryOn(work)
        }

    val state: StateFlow<AppState> get() = current
    override val pairing: PairingActions get() = ofPairing
    override val sources: SourceActions get() = ofSources
    override val restore = RestoreModel(one, desk, work)

    /** Looks at everything that may have changed while the app was not seen. */
    fun refresh() =
        work.execute {
            val pairing = one.home.readPairing()
            val status = if (pairing == null) BackupStatus() else readStatus(one)
            val policy = one.home.readPolicy()
            val activity = one.activity.read()
            val system = phone.readSystem()
            restore.refresh()
            current.update { old ->
                old.copy(
                    step = if (old.step == Step.WELCOME && pairing != null) firstStep(status) else old.step,
                    form = pairing?.let { old.form.copy(login = it.login, deviceName = it.deviceName) } ?: old.form,
                    access = phone.readAccess(),
                    givesOriginals = phone.givesOriginals(),
                    camera = cameraNow(old.camera),
                    status = status.copy(isWorking = runs.get() > 0),
                    activity = activity,
                    isWordsMissing = pairing?.hasWords == false,
                    policy = policy,
                    server = pairing?.server?.url.orEmpty(),
                    system = system,
                )
            }
        }

    override fun go(step: Step) {
        if (step == Step.CHECK) current.update { it.copy(asked = ofPairing.drawWords()) }
        // A camera that another app had may be free again.
        if (step == Step.SCAN) current.update { it.copy(camera = CameraState.FORBIDDEN) }
        current.update { it.copy(step = step, failure = null) }
        refresh()
    }

    /** The screen has the words: the engine may go on. */
    fun takeWords(words: List<String>) {
        current.update { it.copy(step = Step.WORDS, words = words) }
        one.words.haveShown()
    }

    /** Adds a folder that the owner picked. */
    fun addFolder(
        name: String,
        locator: String,
    ) = ofSources.addFolder(name, locator)

    override fun backUpNow() =
        work.execute {
            val run = BackupRun.begin(one, BackupMode.ONCE)
            if (!run.end.isDone) phone.carryOn(LongWork(LongWorkKind.BACKUP, run.end, run::stop))
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
            // Who watches all the time ended with the pause, and begins again with its end.
            if (isPaused) one.find()?.requestStop() else phone.schedule()
            refresh()
        }
        if (!isPaused) backUpNow()
    }

    override fun watchAlways(isWanted: Boolean) =
        work.execute {
            phone.setContinuous(isWanted)
            refresh()
        }

    /** Asked by the activity, which knows how; so are those that follow. */
    override fun askAccess() = Unit

    override fun askCamera() = Unit

    override fun askWriting() = Unit

    override fun pickFolder() = Unit

    override fun chooseLanguage() = Unit

    override fun openBattery() = Unit

    override fun openSettings() = Unit

    private fun begin() {
        phone.schedule()
        current.update { it.copy(step = Step.STATUS, failure = null, isReplaced = false) }
        backUpNow()
    }

    private fun cameraNow(before: CameraState): CameraState =
        when {
            !phone.mayUseCamera() -> CameraState.FORBIDDEN
            before == CameraState.FAILED -> CameraState.FAILED
            else -> CameraState.ALLOWED
        }

    private fun firstStep(status: BackupStatus): Step =
        when {
            current.value.words.isNotEmpty() -> Step.WORDS
            status.sources.isEmpty() && status.trouble == null -> Step.SOURCES
            else -> Step.STATUS
        }
}
