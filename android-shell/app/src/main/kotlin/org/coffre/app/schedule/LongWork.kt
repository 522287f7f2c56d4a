// What goes on while its owner does not look: a first backup, "back up now", a restore. Rule: the work belongs to whoever began it;
// a component only keeps the process alive as long as it lasts, and ends it when the system says so.

package org.coffre.app.schedule

import androidx.annotation.StringRes
import org.coffre.app.R
import java.util.concurrent.CompletableFuture
import java.util.concurrent.atomic.AtomicReference

/** What the notification says. */
enum class LongWorkKind(
    @StringRes val title: Int,
) {
    BACKUP(R.string.notice_backup),
    RESTORE(R.string.notice_restore),
    WATCH(R.string.notice_watch),
}

/** Work under way; [stop] has it end at its next safe point. */
class LongWork(
    val kind: LongWorkKind,
    val end: CompletableFuture<*>,
    val stop: () -> Unit,
)

/** Where a screen leaves its work for the component that carries on. Any thread. */
class LongWorkDesk {
    private val left = AtomicReference<LongWork?>()

    /** What is left here now. */
    val kind: LongWorkKind? get() = left.get()?.kind

    fun leave(work: LongWork) = left.set(work)

    /** What was left and has not ended; null in a process that began after it. */
    fun take(): LongWork? = left.getAndSet(null)?.takeUnless { it.end.isDone }
}
