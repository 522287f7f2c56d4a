// The Kotlin modules as Android Studio sees them. Rule: Maven (android-shell/pom.xml) builds and tests; this is for editing.

pluginManagement {
    repositories {
        google()
        mavenCentral()
        gradlePluginPortal()
    }
}

dependencyResolutionManagement {
    repositories {
        google()
        mavenCentral()
    }
}

rootProject.name = "coffre"
include(":android-shell:host", ":android-shell:jvm", ":android-shell:app")
