// What all Kotlin modules share under Gradle. Rule: versions stand in gradle/libs.versions.toml.

plugins {
    alias(libs.plugins.kotlin.jvm) apply false
    alias(libs.plugins.android.application) apply false
    alias(libs.plugins.kotlin.compose) apply false
}
