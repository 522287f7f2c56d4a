// The host's ports on a JVM under Gradle. Rule: the same sources, resources and dependencies as in pom.xml beside it.

import org.jetbrains.kotlin.gradle.dsl.JvmTarget

plugins {
    alias(libs.plugins.kotlin.jvm)
}

kotlin {
    compilerOptions {
        jvmTarget = JvmTarget.JVM_11
        allWarningsAsErrors = true
        freeCompilerArgs.addAll(
            "-Xjdk-release=11",
            "-Xlambdas=class",
            "-Xsam-conversions=class",
            "-Xstring-concat=inline",
        )
    }
}

dependencies {
    implementation(project(":android-shell:host"))
    implementation(libs.serialization.json)
    implementation(libs.conscrypt)
    implementation(libs.sqlite)
    testImplementation(libs.javet)
    testImplementation(libs.javet.v8)
    testImplementation(libs.junit)
}

val oldestSqlite = configurations.create("oldestSqlite")

dependencies {
    oldestSqlite(libs.sqlite.oldest)
}

tasks.test {
    useJUnitPlatform()
    systemProperty("coffre.repository", rootDir)
    systemProperty("coffre.sqlite.oldest", oldestSqlite.singleFile)
}
