// The host under Gradle. Rule: the same sources, resources and dependencies as in pom.xml beside it.

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
    implementation(libs.coroutines)
    implementation(libs.serialization.json)
    implementation(libs.quickjs)
    implementation(libs.okhttp)
    implementation(libs.bouncycastle)
    testImplementation(libs.conscrypt)
    testImplementation(libs.junit)
}

val bundleEngine =
    tasks.register<Exec>("bundleEngine") {
        workingDir = rootDir
        commandLine("npm", "run", "--silent", "bundle")
    }

tasks.processResources {
    dependsOn(bundleEngine)
    from(rootDir.resolve("engine/dist/engine.js")) { into("org/coffre/host/script") }
}

tasks.test {
    useJUnitPlatform()
    systemProperty("coffre.repository", rootDir)
}
