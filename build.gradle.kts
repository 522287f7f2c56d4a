// What all Kotlin modules share under Gradle. Rule: versions stand in gradle/libs.versions.toml.

plugins {
    alias(libs.plugins.kotlin.jvm) apply false
}
