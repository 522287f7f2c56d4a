// The long story as Node told it (conformance-tests/test/scenarios/record-story.ts). Rule: it is read line by line, and never
// held whole.

package org.coffre.jvm.story

import java.io.BufferedReader
import java.nio.file.Files
import java.nio.file.Path
import java.util.zip.GZIPInputStream

/** One line: its word and its text. */
data class StoryLine(
    val word: String,
    val text: String,
)

/** The lines of a story, in order. */
class RecordedStory private constructor(
    private val reader: BufferedReader,
) : AutoCloseable {
    private var ahead: StoryLine? = read()

    /** The line that comes next, or null at the end. */
    fun peek(): StoryLine? = ahead

    /** Takes the next line. */
    fun take(): StoryLine {
        val line = checkNotNull(ahead) { "the story has ended" }
        ahead = read()
        return line
    }

    /** Takes the next line, which has this [word]. */
    fun take(word: String): String {
        val line = take()
        check(line.word == word) { "expected $word, and the story goes on with ${line.word}" }
        return line.text
    }

    override fun close() = reader.close()

    private fun read(): StoryLine? =
        reader.readLine()?.let { StoryLine(it.substringBefore(' '), it.substringAfter(' ')) }

    companion object {
        /** Opens the story that Maven has had recorded. */
        fun open(): RecordedStory {
            val file = Path.of(System.getProperty("coffre.story"))
            check(Files.exists(file)) { "Maven has the story recorded before it runs tests" }
            return RecordedStory(GZIPInputStream(Files.newInputStream(file)).bufferedReader(Charsets.US_ASCII))
        }
    }
}
