// From the passphrase to files on this phone. Rule: backup stands still while a vault is open for reading, each step ends in a stage
// that a screen shows, and the reader is touched on the model's own thread alone.

package org.coffre.app.restore

import kotlinx.serialization.json.JsonObject
import org.coffre.app.ports.DatabaseDamaged
import org.coffre.app.schedule.LongWork
import org.coffre.app.schedule.LongWorkKind
import org.coffre.app.session.OneEngine
import org.coffre.app.session.Pairing
import org.coffre.app.session.text
import org.coffre.host.ports.DatabaseFailure
import java.io.File
import java.io.IOException
import java.time.LocalDate
import java.util.concurrent.CompletableFuture
import java.util.concurrent.Executor

private const val WORDS = 24
private const val MOST_LACKING = 200

/** The restore of [one]'s vault. [work] is a single thread. */
class RestoreModel(
    private val one: OneEngine,
    private val desk: RestoreDesk,
    private val work: Executor,
    private val today: () -> LocalDate = LocalDate::now,
) : RestoreActions {
    private val folder = RestoreTargetFolder(one.context)
    private val note = RestoreNote(File(one.home.folder, "restoring.json"))
    private val evidence = SeenEvidence(one)
    private var reader: VaultReader? = null

    /** Folders that were read, and lead back. */
    private val seen = ArrayList<RestoreStage.Folder>()
    private var isStopped = false

    /** The system ends the restore, and not its owner. */
    @Volatile
    private var isBrokenOff = false

    private var running = CompletableFuture<Unit>()

    /** Who takes what the engine tells; its own thread asks. */
    @Volatile
    private var taker: (JsonObject) -> Unit = {}

    /** Looks at what may have changed while the app was not seen. */
    fun refresh() {
        val left = if (reader == null) note.read() else null
        val interrupted = left?.let { Interrupted(folder.nameOf(it.date), it.items) }
        desk.change {
            it.copy(target = folder.nameOf(today()), mayWrite = folder.mayWrite(), interrupted = interrupted)
        }
    }

    override fun open(secret: CharArray) {
        show(RestoreStage.Reading(null))
        work.execute {
            val pairing = one.home.readPairing()
            if (pairing == null) close("user-not-paired") else openVault(pairing, secret)
        }
    }

    override fun enter(place: VaultPlace) {
        show(RestoreStage.Reading(null))
        work.execute { read(place) }
    }

    override fun showVersions(file: VaultPlace) {
        show(RestoreStage.Reading(null))
        work.execute {
            val versions = VersionList(file)
            list(file, "all", versions::take) { show(RestoreStage.Versions(versions.list())) }
        }
    }

    override fun choose(place: VaultPlace) =
        desk.change { it.copy(chosen = if (place in it.chosen) it.chosen - place else it.chosen + place) }

    override fun begin() {
        val chosen = desk.restore.chosen
        work.execute {
            start(chosen.groupBy { it.device }.map { (device, places) -> RestoreOrder(device, places, null) })
        }
    }

    override fun bringBack(
        file: VaultPlace,
        version: FileVersion,
    ) = work.execute { start(listOf(RestoreOrder(file.device, listOf(file), version.syncedAtMs))) }

    override fun dropInterrupted() =
        work.execute {
            note.erase()
            refresh()
        }

    override fun stop() =
        work.execute {
            isStopped = true
            reader?.requestStop()
        }

    override fun goBack() =
        work.execute {
            val stage = desk.restore.stage
            // What runs is ended by `stop`, and not by a press too many.
            if (stage is RestoreStage.Running) return@execute
            if (stage is RestoreStage.Folder) seen.removeAt(seen.lastIndex)
            val last = seen.lastOrNull()
            if (last == null) close(null) else show(last)
        }

    override fun leave() = work.execute { close(null) }

    private fun openVault(
        pairing: Pairing,
        secret: CharArray,
    ) {
        one.isHeld = true
        one.find()?.requestStop()
        taker = ::takeOpening
        val opened =
            try {
                VaultReader.open(one.context) { taker(it) }
            } catch (_: DatabaseDamaged) {
                return close("host-error")
            } catch (_: DatabaseFailure) {
                return close("host-no-space")
            } catch (_: IOException) {
                return close("host-no-space")
            }
        reader = opened
        val typed = String(secret).trim().split(Regex("\\s+"))
        val isByWords = typed.size == WORDS
        if (isByWords) secret.fill('\u0000') else opened.passphrase.type(secret)
        val words = if (isByWords) typed.joinToString(" ") { it.lowercase() } else null
        val ask = formatOpening(pairing, evidence.recall(pairing.login), words)
        await(ask) { result -> if (isFailed(result)) close(codeOf(result)) else read(VaultPlace.VAULT, ::goOn) }
    }

    /** What was broken off goes on as soon as the vault is open. */
    private fun goOn(vault: RestoreStage.Folder) {
        val left = note.read()
        if (left != null && folder.mayWrite()) run(left) else show(vault)
    }

    private fun takeOpening(view: JsonObject) {
        when (view.text("kind")) {
            "progress" -> desk.change { it.copy(stage = RestoreStage.Reading(parseProgress(view))) }
            "damage" -> addLacking(view)
            "evidence" -> evidence.learn(view)
        }
    }

    private fun read(
        place: VaultPlace,
        then: (RestoreStage.Folder) -> Unit = ::show,
    ) {
        val contents = FolderContents(place)
        list(place, "current", contents::take) {
            val stage = RestoreStage.Folder(place, contents.list())
            seen.removeAll { it.place == place }
            seen += stage
            then(stage)
        }
    }

    private fun list(
        place: VaultPlace,
        versions: String,
        take: (JsonObject) -> Unit,
        then: () -> Unit,
    ) {
        taker = { view -> if (view.text("kind") == "listing") take(view) else takeOpening(view) }
        await(formatList(place, versions)) { result ->
            if (isFailed(result) && codeOf(result) != "user-vault-empty") fail(codeOf(result)) else then()
        }
    }

    /** Brings [orders] to today's folder. */
    private fun start(orders: List<RestoreOrder>) {
        val devices =
            seen
                .firstOrNull()
                ?.items
                .orEmpty()
                .map { it.place.device }
        run(RestorePlan(today(), devices.distinct().size > 1, orders))
    }

    private fun run(plan: RestorePlan) {
        desk.change {
            val target = folder.nameOf(plan.date)
            it.copy(stage = RestoreStage.Running(null), failure = null, lacking = emptyList(), target = target)
        }
        isStopped = false
        isBrokenOff = false
        note.write(plan)
        running = CompletableFuture()
        desk.carryOn(LongWork(LongWorkKind.RESTORE, running, ::breakOff))
        runNext(plan, RestoreEnd(folder.nameOf(plan.date), 0, 0, 0, 0, null, emptyList()))
    }

    /** The component that carries on must end: so does the restore, which is offered again. Any thread. */
    private fun breakOff() {
        isBrokenOff = true
        stop()
    }

    private fun runNext(
        plan: RestorePlan,
        end: RestoreEnd,
    ) {
        val order = plan.orders.firstOrNull()
        val base = folder.at(plan.date)
        if (order == null || isStopped || isBrokenOff) {
            folder.announce(base)
            finish(if (order == null) end else end.copy(code = end.code ?: "user-stopped"))
            return
        }
        // Of two devices each may have a folder of the same name.
        val target =
            if (plan.isByDevice) {
                base.resolve(
                    RestoreTargetFolder.folderNameOf(order.device.orEmpty()),
                )
            } else {
                base
            }
        val own = folder.prepare(target)
        if (own == null) {
            leaveNote(isWhole = false)
            return fail("app-target")
        }
        taker = ::takeRunning
        await(formatRestore(order, target.path, own.path)) { result ->
            if (isWhole(result)) folder.clean(target)
            runNext(plan.copy(orders = plan.orders.drop(1)), addResult(end, result))
        }
    }

    private fun finish(end: RestoreEnd) {
        leaveNote(isWhole = end.code == null)
        desk.change {
            it.copy(
                stage = RestoreStage.Ended(end.copy(lacking = it.lacking)),
                chosen = if (end.code == null) emptySet() else it.chosen,
            )
        }
    }

    /** The restore has ended, and whoever carried it on hears that; its note stays when nobody decided that it should. */
    private fun leaveNote(isWhole: Boolean) {
        if (isWhole || !isBrokenOff) note.erase()
        running.complete(Unit)
    }

    private fun takeRunning(view: JsonObject) {
        when (view.text("kind")) {
            "progress" -> desk.change { it.copy(stage = RestoreStage.Running(parseProgress(view))) }
            "damage" -> addLacking(view)
            "evidence" -> evidence.learn(view)
        }
    }

    private fun addLacking(view: JsonObject) =
        desk.change { it.copy(lacking = (it.lacking + parseLacking(view)).take(MOST_LACKING)) }

    /** Asks the reader; [then] comes on the model's thread, with null when the reader broke. */
    private fun await(
        ask: JsonObject,
        then: (JsonObject?) -> Unit,
    ) {
        val asked = reader ?: return close("host-error")
        asked.ask(ask).whenComplete { result, _ -> work.execute { if (reader === asked) then(result) } }
    }

    private fun show(stage: RestoreStage) = desk.change { it.copy(stage = stage, failure = null) }

    /** Back to the folder that was seen last, with the reason. */
    private fun fail(code: String) {
        val last = seen.lastOrNull() ?: return close(code)
        desk.change { it.copy(stage = last, failure = code) }
    }

    private fun close(code: String?) {
        reader?.close()
        reader?.erase()
        reader = null
        seen.clear()
        one.isHeld = false
        running.complete(Unit)
        desk.change { RestoreState(failure = code, target = it.target, mayWrite = it.mayWrite) }
        if (code == null) desk.left()
    }
}
