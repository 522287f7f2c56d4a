// Codes of the engine as sentences, from `words` of the repository. Rule: a sentence stands there once for each language; what a phone
// says otherwise than a command line stands in the section of the same name with `phone-` before it, and a code without a sentence
// is shown as it is rather than not at all.

package org.coffre.app.screens

import androidx.compose.runtime.Composable
import androidx.compose.ui.platform.LocalConfiguration
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import java.util.Locale
import java.util.concurrent.ConcurrentHashMap

/** The sentences of one language. */
class Words private constructor(
    private val sections: JsonObject,
) {
    /** Why files wait. */
    fun waiting(reason: String): String = find("waiting", reason) ?: reason

    /** Why an ask failed; also codes of the app's own, which begin with `app-`. */
    fun failure(code: String): String =
        find("failure", code) ?: checkNotNull(find("form", "unknown-failure")).replace("{code}", code)

    /** What is wrong with something that was to come back. */
    fun damage(code: String): String = find("damage", code) ?: code

    /** What the owner should read, once; [reason] where a code has several causes. */
    fun notice(
        code: String,
        reason: String?,
    ): String = find("notice", "$code/$reason") ?: find("notice", code) ?: code

    /** What is wrong with a folder that is backed up. */
    fun root(failure: String): String = find("root", failure) ?: failure

    private fun find(
        section: String,
        key: String,
    ): String? = text("phone-$section", key) ?: text(section, key)

    private fun text(
        section: String,
        key: String,
    ): String? = ((sections[section] as? JsonObject)?.get(key) as? JsonPrimitive)?.content

    companion object {
        private val LANGUAGES = setOf("en", "fr")
        private val read = ConcurrentHashMap<String, Words>()

        /** The sentences for [locale]; English where there are none. */
        fun of(locale: Locale): Words =
            read.getOrPut(locale.language.takeIf { it in LANGUAGES } ?: "en") { Words(readFile(locale.language)) }

        private fun readFile(language: String): JsonObject {
            val name = if (language in LANGUAGES) language else "en"
            val file = checkNotNull(Words::class.java.getResourceAsStream("/org/coffre/app/words/$name.json"))
            return Json.parseToJsonElement(file.reader().use { it.readText() }) as JsonObject
        }
    }
}

/** The sentences in the language of the screen. */
@Composable
fun words(): Words = Words.of(LocalConfiguration.current.locales[0])
