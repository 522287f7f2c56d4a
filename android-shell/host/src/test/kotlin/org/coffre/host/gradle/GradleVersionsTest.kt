// Two builds, one set of versions. Rule: what Android Studio uses is what Maven builds and tests with.

package org.coffre.host.gradle

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.nio.file.Files
import java.nio.file.Path

class GradleVersionsTest {
    private val root = Path.of(System.getProperty("coffre.repository"))

    private fun read(path: String): String = Files.readString(root.resolve(path))

    /** The versions of Maven's parent: `a.b.version` is called `a-b`. */
    private val mavenVersions =
        Regex("<([a-z0-9.-]+)\\.version>([^<]+)</")
            .findAll(read("android-shell/pom.xml"))
            .associate { it.groupValues[1].replace('.', '-') to it.groupValues[2] }

    private val catalog = read("gradle/libs.versions.toml")
    private val versions = catalog.substringAfter("[versions]").substringBefore("[libraries]")
    private val libraries = catalog.substringAfter("[libraries]").substringBefore("[plugins]")

    /** Without those of the app alone, which stand behind the others. */
    private val gradleVersions = versionsIn(versions.substringBefore(APP))

    /** Coordinates of the catalog's libraries, each with its version. */
    private val gradleLibraries =
        Regex("module = \"([^\"]+)\", version.ref = \"([^\"]+)\"")
            .findAll(libraries)
            .associate { it.groupValues[1] to versionsIn(versions)[it.groupValues[2]] }

    private fun versionsIn(text: String): Map<String, String> =
        Regex("(?m)^([a-z0-9-]+) = \"([^\"]+)\"$").findAll(text).associate { it.groupValues[1] to it.groupValues[2] }

    private fun modulesIn(text: String): List<String> =
        Regex("module = \"([^\"]+)\"").findAll(text).map { it.groupValues[1] }.toList()

    @Test
    fun `every version of Gradle's is Maven's`() {
        assertTrue(gradleVersions.size > 8, "$gradleVersions")
        assertEquals(mavenVersions.filterKeys { it in gradleVersions }, gradleVersions)
    }

    @Test
    fun `every version is exact`() {
        val exact = Regex("[0-9]+(\\.[0-9]+)+")
        assertEquals(
            emptyMap<String, String>(),
            (mavenVersions + versionsIn(versions)).filterValues { !exact.matches(it) },
        )
    }

    @Test
    fun `both builds have the same libraries`() {
        val maven = Regex("<groupId>([^<]+)</groupId><artifactId>([^<]+)</artifactId>")
        val ours =
            MODULES
                .map {
                    read(
                        "android-shell/$it/pom.xml",
                    ).substringAfter("<dependencies>").substringBefore("</dependencies>")
                }.flatMap { pom -> maven.findAll(pom).map { "${it.groupValues[1]}:${it.groupValues[2]}" } }
                .filter { it != "org.jetbrains.kotlin:kotlin-stdlib" && it != "org.coffre:host" }
                .toSet()
        assertEquals(ours, modulesIn(libraries.substringBefore(APP)).toSet())
    }

    @Test
    fun `the app's libraries are those that are pinned`() {
        val pinned =
            Regex("(?m)^\\w+ ([^: ]+:[^: ]+):([^: ]+):")
                .findAll(read("android-shell/app/libraries.txt"))
                .map { it.groupValues[1] to it.groupValues[2] }
                .toSet()
        val theirs = modulesIn(libraries.substringAfter(APP))
        assertTrue(theirs.size > 8, "$theirs")
        assertEquals(emptyList<String>(), theirs.filter { (it to gradleLibraries[it]) !in pinned })
    }

    @Test
    fun `both compile for the same platform`() {
        val jvmTarget = Regex("<jvm.target>([0-9]+)</").find(read("android-shell/pom.xml"))?.groupValues?.get(1)
        for (module in MODULES + "app") {
            val gradle = read("android-shell/$module/build.gradle.kts")
            assertTrue("JVM_$jvmTarget\n" in gradle && "-Xjdk-release=$jvmTarget\"" in gradle, gradle)
        }
    }

    private companion object {
        val MODULES = listOf("host", "jvm")

        /** What stands above the part of the catalog that is the app's. */
        const val APP = "# The app's."
    }
}
