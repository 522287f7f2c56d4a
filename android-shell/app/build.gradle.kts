// The app under Gradle. Rule: the same sources, resources and dependencies as in pom.xml and libraries.txt beside it.

import org.jetbrains.kotlin.gradle.dsl.JvmTarget

plugins {
    alias(libs.plugins.android.application)
    alias(libs.plugins.kotlin.compose)
}

android {
    namespace = "org.coffre.app"
    compileSdk = 36
    defaultConfig {
        applicationId = "org.coffre.app"
        minSdk = 26
        targetSdk = 36
    }
    sourceSets["main"].kotlin.srcDir("src/main/kotlin")
    // The sentences for the engine's codes, where the app looks for them.
    sourceSets["main"].resources.srcDir(layout.buildDirectory.dir("words"))
    sourceSets["test"].kotlin.srcDir("src/test/kotlin")
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_11
        targetCompatibility = JavaVersion.VERSION_11
    }
    buildTypes {
        release {
            isMinifyEnabled = true
            proguardFiles("rules.pro")
        }
    }
    testOptions.unitTests.isIncludeAndroidResources = true
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
            "-Xwarning-level=DEPRECATION:disabled",
        )
    }
}

val packWords =
    tasks.register<Copy>("packWords") {
        from(rootDir.resolve("words")) { include("*.json") }
        into(layout.buildDirectory.dir("words/org/coffre/app/words"))
    }
tasks.named("preBuild") { dependsOn(packWords) }

dependencies {
    implementation(project(":android-shell:host")) {
        // The phone's own take their place.
        exclude(group = "com.squareup.okhttp3")
        exclude(group = "io.github.dokar3")
    }
    implementation(libs.coroutines.android)
    implementation(libs.serialization.json)
    implementation(libs.androidx.work)
    implementation(libs.androidx.activity.compose)
    implementation(libs.compose.ui)
    implementation(libs.compose.foundation)
    implementation(libs.compose.material3)
    implementation(libs.okhttp.android)
    implementation(libs.quickjs.android)
    implementation(libs.zxing)
    testImplementation(project(":android-shell:jvm"))
    testImplementation(libs.junit4)
    testImplementation(libs.robolectric)
    testImplementation(libs.androidx.work.testing)
    testImplementation(libs.compose.ui.test)
}
