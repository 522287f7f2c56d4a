// What a restore is to bring, kept until it has ended, so that a process that begins after it was ended can say so and offer it again.
// Rule: what cannot be read is no note; the keys are never in it, so going on takes the passphrase.

package org.coffre.app.restore

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.longOrNull
import kotlinx.serialization.json.put
import org.coffre.app.session.text
import java.io.File
import java.io.IOException
import java.nio.file.Files
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import java.time.LocalDate
import java.time.format.DateTimeParseException

/** Where to and what; [isByDevice]: each device has a folder of its own. */
internal data class RestorePlan(
    val date: LocalDate,
    val isByDevice: Boolean,
    val orders: List<RestoreOrder>,
) {
    /** How many things were chosen. */
    val items: Int get() = orders.sumOf { it.places.size }
}

/** The note in [file], which lies with the vault's own files: a phone that is paired anew has none. */
internal class RestoreNote(
    private val file: File,
) {
    fun read(): RestorePlan? {
        val text =
            try {
                file.readText()
            } catch (_: IOException) {
                return null
            }
        val read = runCatching { Json.parseToJsonElement(text) as? JsonObject }.getOrNull() ?: return null
        val date =
            try {
                LocalDate.parse(read.text("date").orEmpty())
            } catch (_: DateTimeParseException) {
                return null
            }
        val orders = read.objects("orders").map(::parseOrder).filter { it.places.isNotEmpty() }
        return if (orders.isEmpty()) null else RestorePlan(date, read.text("isByDevice") == "true", orders)
    }

    /** Without room for it the restore goes on all the same. */
    fun write(plan: RestorePlan) {
        try {
            val draft = File(file.path + ".new")
            draft.writeText("${formatPlan(plan)}\n")
            Files.move(draft.toPath(), file.toPath(), ATOMIC_MOVE)
        } catch (_: IOException) {
            // Whoever asks again will have to choose again.
        }
    }

    fun erase() {
        file.delete()
    }

    private fun formatPlan(plan: RestorePlan): JsonObject =
        buildJsonObject {
            put("date", plan.date.toString())
            put("isByDevice", plan.isByDevice)
            put("orders", JsonArray(plan.orders.map(::formatOrder)))
        }

    private fun formatOrder(order: RestoreOrder): JsonObject =
        buildJsonObject {
            order.device?.let { put("device", it) }
            order.atMs?.let { put("atMs", it) }
            put(
                "places",
                JsonArray(
                    order.places.map {
                        buildJsonObject {
                            put("root", it.root.orEmpty())
                            put("path", it.path)
                        }
                    },
                ),
            )
        }

    private fun parseOrder(order: JsonObject): RestoreOrder {
        val device = order.text("device")
        val places = order.objects("places").map { VaultPlace(device, it.text("root"), it.text("path").orEmpty()) }
        return RestoreOrder(device, places, (order["atMs"] as? JsonPrimitive)?.longOrNull)
    }
}

private fun JsonObject.objects(name: String): List<JsonObject> =
    (this[name] as? JsonArray).orEmpty().filterIsInstance<JsonObject>()
