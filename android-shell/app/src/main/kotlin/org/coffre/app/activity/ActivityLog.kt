// What the phone did lately, for its owner to read: backups and how they ended, and what the engine wanted to be read. Rule: codes and
// counts alone, no names of files; the newest are kept, and a log that cannot be written keeps nobody from backing up.

package org.coffre.app.activity

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.contentOrNull
import kotlinx.serialization.json.longOrNull
import kotlinx.serialization.json.put
import java.io.File
import java.io.IOException
import java.nio.file.Files
import java.nio.file.StandardCopyOption.ATOMIC_MOVE

private const val MOST = 200

/** Written over again when it has this many lines more. */
private const val SLACK = 100

/** Something that was done. */
data class Activity(
    val atMs: Long,
    val kind: ActivityKind,
    /** Why it ended so, or what is to be read: a code of docs/host-api.md §6; null when all went well. */
    val code: String? = null,
    val bytes: Long = 0,
    val files: Long = 0,
)

enum class ActivityKind(
    val text: String,
) {
    /** All that was known is safe; [Activity.bytes] were sent, [Activity.files] are safe. */
    DONE("done"),

    /** Something waits. */
    WAITING("waiting"),
    STOPPED("stopped"),
    FAILED("failed"),
    NOTICE("notice"),
}

/** The log in [file]. Any thread. */
class ActivityLog(
    private val file: File,
) {
    private var known: ArrayDeque<Activity>? = null
    private var lines = 0

    /** The newest first. */
    @Synchronized
    fun read(): List<Activity> = open().reversed()

    @Synchronized
    fun add(activity: Activity) {
        val all = open()
        all.addLast(activity)
        while (all.size > MOST) all.removeFirst()
        try {
            if (lines > MOST + SLACK) rewrite(all) else file.appendText(format(activity))
            lines++
        } catch (_: IOException) {
            // It is still in memory, and the backup is what counts.
        }
    }

    private fun open(): ArrayDeque<Activity> {
        known?.let { return it }
        val text =
            try {
                file.readLines()
            } catch (_: IOException) {
                emptyList()
            }
        lines = text.size
        return ArrayDeque(text.mapNotNull(::parse).takeLast(MOST)).also { known = it }
    }

    private fun rewrite(all: Collection<Activity>) {
        val draft = File(file.path + ".new")
        draft.writeText(all.joinToString("", transform = ::format))
        Files.move(draft.toPath(), file.toPath(), ATOMIC_MOVE)
        lines = all.size
    }

    private fun format(activity: Activity): String {
        val line =
            buildJsonObject {
                put("atMs", activity.atMs)
                put("kind", activity.kind.text)
                activity.code?.let { put("code", it) }
                put("bytes", activity.bytes)
                put("files", activity.files)
            }
        return "$line\n"
    }

    /** null for a line that was cut by the end of a process, or is not ours. */
    private fun parse(line: String): Activity? {
        val read = runCatching { Json.parseToJsonElement(line) as? JsonObject }.getOrNull() ?: return null

        fun number(name: String) = (read[name] as? JsonPrimitive)?.longOrNull

        fun text(name: String) = (read[name] as? JsonPrimitive)?.contentOrNull

        val kind = ActivityKind.entries.firstOrNull { it.text == text("kind") } ?: return null
        return Activity(number("atMs") ?: return null, kind, text("code"), number("bytes") ?: 0, number("files") ?: 0)
    }
}
