// Manifest and resources of the app: merged, compiled and linked. Rule: it runs before the Kotlin is compiled, which needs R.java.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runTool } from "../run-program.ts";
import type { Toolbox } from "./libraries.ts";

const PACKAGE = "org.coffre.app";
const LEAST_SDK = 26;
const TARGET_SDK = 36;

/** Which build of the app it is. */
export interface AppVersion {
  readonly name: string;
  readonly code: number;
}

/** Fills `target/` of the app's folder: `AndroidManifest.xml`, `resources.apk`, `generated/`, `test-config/`, `resources.pro`. */
export function buildResources(app: string, toolbox: Toolbox, version: AppVersion): void {
  const target = join(app, "target");
  const generated = join(target, "generated");
  const config = join(target, "test-config", "com", "android", "tools");
  rmSync(generated, { recursive: true, force: true });
  for (const folder of [generated, config]) mkdirSync(folder, { recursive: true });
  const manifest = mergeManifests(app, toolbox, version);
  const compiled = join(target, "resources.zip");
  const linked = join(target, "resources.apk");
  runTool(toolbox.aapt2, ["compile", "-o", compiled, "--dir", join(app, "src/main/res")]);
  const libraries = readdirSync(join(toolbox.libraries, "main")).filter((name) => name.endsWith(".res.zip"));
  runTool(toolbox.aapt2, [
    ...["link", "-I", toolbox.framework, "--manifest", manifest, "--java", generated, "--no-version-vectors"],
    ...["--extra-packages", readFileSync(join(toolbox.libraries, "main.packages"), "utf8")],
    ...["--proguard", join(target, "resources.pro"), "-o", linked],
    // Only what there are translations for, so that a screen is in one language.
    ...["-c", "en,fr"],
    ...libraries.toSorted().map((name) => join(toolbox.libraries, "main", name)),
    compiled,
  ]);
  const assets = join(target, "assets");
  mkdirSync(assets, { recursive: true });
  const lines = [
    `android_merged_manifest=${manifest}`,
    `android_resource_apk=${linked}`,
    `android_merged_assets=${assets}`,
    `android_custom_package=${PACKAGE}`,
  ];
  writeFileSync(join(config, "test_config.properties"), `${lines.join("\n")}\n`);
}

function mergeManifests(app: string, toolbox: Toolbox, version: AppVersion): string {
  const target = join(app, "target");
  const own = join(target, "own-manifest.xml");
  const merged = join(target, "AndroidManifest.xml");
  // As the Android Gradle plugin wants it, the app's manifest names no package; Google's merger wants one.
  const text = readFileSync(join(app, "src/main/AndroidManifest.xml"), "utf8");
  writeFileSync(own, text.replace("<manifest ", `<manifest package="${PACKAGE}" `));
  const folder = join(toolbox.libraries, "main");
  const others = readdirSync(folder)
    .toSorted()
    .map((name) => join(folder, name, "AndroidManifest.xml"))
    .filter((file) => existsSync(file));
  const properties = {
    PACKAGE,
    VERSION_CODE: String(version.code),
    VERSION_NAME: version.name,
    MIN_SDK_VERSION: String(LEAST_SDK),
    TARGET_SDK_VERSION: String(TARGET_SDK),
  };
  runTool("java", [
    ...["-cp", join(toolbox.libraries, "merger.jar"), "com.android.manifmerger.Merger"],
    ...["--main", own, "--libs", others.join(":")],
    ...Object.entries(properties).flatMap(([name, value]) => ["--property", `${name}=${value}`]),
    ...["--remove-tools-declarations", "--out", merged, "--log", "WARNING"],
  ]);
  return merged;
}
