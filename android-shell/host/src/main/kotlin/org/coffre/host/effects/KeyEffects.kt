// `seal`, `open`, `derive` and `secret` (docs/host-api.md H-24, H-26, H-27). Rule: what is not authentic never leaves this
// file, and a passphrase goes from the prompt into Argon2id and nowhere else.

package org.coffre.host.effects

import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import org.coffre.host.plane.HashedBytes
import org.coffre.host.plane.Opened
import org.coffre.host.plane.Sealing
import org.coffre.host.ports.Argon2Cost
import org.coffre.host.ports.ByteSlice

private const val MOST_BYTES = 262_144
private val MEMORY_KIB = 65_536L..1_048_576L
private val PASSES = 3L..16L
private val LANES = 1L..4L
private val ABSENT = answer("absent")
private val DONE = answer("done")

/** Effects of keys alone. [hashed] forgets what was hashed under a slot that gets another key. */
class KeyEffects(
    private val slots: Slots,
    private val sealing: Sealing,
    private val hashed: HashedBytes,
    private val passphrases: PassphraseSource,
) {
    fun seal(effect: JsonObject): JsonObject {
        val fromSlot = effect.textOrNull("fromSlot")
        val bytes = if (fromSlot == null) literal(effect.bytesOrNull("bytes") ?: ByteArray(0)) else slots.find(fromSlot)
        if (bytes == null) return ABSENT
        val context = effect.text("context")
        try {
            val sealed = slots.use(effect.text("slot")) { root -> sealing.seal(root, context, bytes) } ?: return ABSENT
            return answer("sealed", "bytes" to json(formatBase64(sealed)))
        } finally {
            bytes.fill(0)
        }
    }

    fun open(effect: JsonObject): JsonObject {
        val bytes = literal(effect.bytes("bytes"))
        val context = effect.text("context")
        val to = effect["toSlot"]?.let { effect.fields("toSlot") }
        val sealed = ByteSlice(bytes, 0, bytes.size)
        return slots.use(effect.text("slot")) { root ->
            val result =
                slots.useNamed(effect.textOrNull("key")) { sealing.openInPlace(root, it, context, sealed) }
                    ?: return ABSENT
            val opened =
                when (result) {
                    is Opened.Bytes -> result.slice
                    Opened.NotAuthentic -> return answer("not-authentic")
                    Opened.OtherContent -> return answer("other-content")
                }
            val content = opened.bytes.copyOfRange(opened.from, opened.from + opened.length)
            bytes.fill(0)
            answerOrKeep("opened", content, to)
        } ?: ABSENT
    }

    fun derive(effect: JsonObject): JsonObject {
        val to = effect["to"]
        val isAnswer = to is JsonPrimitive && to.isString && to.content == "answer"
        val target = if (isAnswer) null else effect.fields("to")
        return when (val derived = deriveKey(effect.fields("from"), effect.fields("how"))) {
            is Derived.Not -> {
                derived.answer
            }

            is Derived.Key -> {
                answerOrKeep("derived", derived.bytes, target)
            }
        }
    }

    fun keepSecret(effect: JsonObject): JsonObject {
        val slot = effect.text("slot")
        val storage = effect.storage()
        when (effect.text("op")) {
            "make" -> {
                slots.make(slot, storage)
            }

            "write" -> {
                slots.write(slot, storage, effect.bytes("bytes"))
                hashed.forget(slot)
            }

            "read" -> {
                val bytes = slots.read(slot, storage) ?: return ABSENT
                return answer("done", "bytes" to json(formatBase64(bytes))).also { bytes.fill(0) }
            }

            "erase" -> {
                hashed.forget(slot)
                slots.erase(slot, storage)
            }

            else -> {
                refuse("make, write, read or erase")
            }
        }
        return DONE
    }

    private sealed interface Derived {
        class Key(
            val bytes: ByteArray,
        ) : Derived

        class Not(
            val answer: JsonObject,
        ) : Derived
    }

    private fun deriveKey(
        from: JsonObject,
        how: JsonObject,
    ): Derived {
        val info = how.textOrNull("hkdf")
        val cost = if (info == null) readCost(how.fields("argon2id")) else null
        val slot = from.textOrNull("slot")
        if (slot != null) {
            val key =
                slots.use(slot) { key ->
                    val text = info.orEmpty().toByteArray()
                    if (cost == null) sealing.deriveKey(key, text) else sealing.crypto.argon2id(key, cost)
                }
            return if (key == null) Derived.Not(ABSENT) else Derived.Key(key)
        }
        if (cost == null) refuse("a passphrase to go into Argon2id")
        return stretchPassphrase(from.text("passphrase"), cost)
    }

    private fun stretchPassphrase(
        which: String,
        cost: Argon2Cost,
    ): Derived {
        if (which != "new" && which != "existing") refuse("a new or an existing passphrase")
        return when (val given = passphrases.ask(isNew = which == "new")) {
            is GivenPassphrase.None -> {
                Derived.Not(answer("no-passphrase"))
            }

            is GivenPassphrase.Weak -> {
                Derived.Not(answer("weak", "reason" to json(given.reason)))
            }

            is GivenPassphrase.Given -> {
                try {
                    Derived.Key(sealing.crypto.argon2id(given.utf8, cost))
                } finally {
                    given.utf8.fill(0)
                }
            }
        }
    }

    /** What docs/format.md F-11 allows, whatever a server says. */
    private fun readCost(cost: JsonObject): Argon2Cost {
        val memoryKiB = cost.number("memoryKiB")
        val passes = cost.number("passes")
        val lanes = cost.number("lanes")
        val isAffordable = memoryKiB in MEMORY_KIB && passes in PASSES && lanes in LANES
        if (!isAffordable) refuse("Argon2id's cost within the format's bounds")
        return Argon2Cost(cost.bytes("salt"), memoryKiB.toInt(), passes.toInt(), lanes.toInt())
    }

    /** Answers [bytes], or keeps them in a slot; no copy of them stays here. */
    private fun answerOrKeep(
        kind: String,
        bytes: ByteArray,
        to: JsonObject?,
    ): JsonObject {
        if (to == null) return answer(kind, "bytes" to json(formatBase64(bytes))).also { bytes.fill(0) }
        slots.write(to.text("slot"), to.storage(), bytes)
        hashed.forget(to.text("slot"))
        return answer(kind)
    }

    private fun literal(bytes: ByteArray): ByteArray {
        if (bytes.size > MOST_BYTES) refuse("at most $MOST_BYTES bytes")
        return bytes
    }
}
