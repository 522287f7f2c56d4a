// The one engine of the app's process. Rule: workers, jobs and screens share it, so that two never run at once; why there is none
// is a state with a name.

package org.coffre.app.session

import android.content.Context
import kotlinx.coroutines.channels.BufferOverflow
import kotlinx.coroutines.flow.MutableSharedFlow
import kotlinx.coroutines.flow.SharedFlow
import kotlinx.serialization.json.JsonObject
import org.coffre.app.activity.Activity
import org.coffre.app.activity.ActivityKind
import org.coffre.app.activity.ActivityLog
import org.coffre.app.ports.DatabaseDamaged
import org.coffre.app.ports.DeviceKeyGone
import org.coffre.host.ports.DatabaseFailure
import org.coffre.host.runtime.Fault
import java.io.IOException

/** The engine, or why there is none. */
sealed interface EngineState {
    class Running(
        val engine: PhoneEngine,
    ) : EngineState

    /** The Keystore does not open the slots any more: pair anew, in the place of this device. */
    data object KeyGone : EngineState

    /** The database is damaged; it was left as it is. */
    data object Damaged : EngineState

    /** The phone is full, or its storage fails. */
    data object NoStorage : EngineState
}

private const val KEPT_VIEWS = 64

/** Opens the engine when somebody needs it, and keeps it for as long as the process lives. */
class OneEngine(
    internal val context: Context,
) : AutoCloseable {
    val home = Home(context)
    val words = WordsDesk()
    val activity = ActivityLog(home.activityFile)

    /** What the engine shows, but for the words. */
    val views: SharedFlow<JsonObject> get() = shownViews

    /** The last fault of the engine, for the screen. */
    @Volatile
    var lastFault: Fault? = null
        private set

    /** A restore has the phone: no backup begins until it is left. */
    @Volatile
    var isHeld = false

    private val shownViews =
        MutableSharedFlow<JsonObject>(extraBufferCapacity = KEPT_VIEWS, onBufferOverflow = BufferOverflow.DROP_OLDEST)
    private var running: PhoneEngine? = null

    private val listener =
        object : EngineListener {
            override fun shown(view: JsonObject) {
                when (view.text("kind")) {
                    "words" -> words.show(view.text("words").orEmpty())
                    "notice" -> addNotice(view).also { shownViews.tryEmit(view) }
                    else -> shownViews.tryEmit(view)
                }
            }

            override fun failed(fault: Fault) {
                lastFault = fault
            }
        }

    /** The engine, opened when it is not. */
    @Synchronized
    fun open(): EngineState {
        running?.let { return EngineState.Running(it) }
        return try {
            EngineState.Running(PhoneEngine.open(context, home, listener).also { running = it })
        } catch (_: DeviceKeyGone) {
            EngineState.KeyGone
        } catch (_: DatabaseDamaged) {
            EngineState.Damaged
        } catch (_: DatabaseFailure) {
            EngineState.NoStorage
        } catch (_: IOException) {
            EngineState.NoStorage
        }
    }

    /** The engine, when it is open. */
    @Synchronized
    fun find(): PhoneEngine? = running

    private fun addNotice(view: JsonObject) {
        val code = view.text("code") ?: return
        val reason = view.text("reason")?.let { "/$it" }.orEmpty()
        activity.add(Activity(System.currentTimeMillis(), ActivityKind.NOTICE, code + reason))
    }

    @Synchronized
    override fun close() {
        running?.close()
        running = null
    }
}
