// `npm run android`: the app as an APK, or its tests. Rule: all that is fetched is pinned, and nothing of Android's SDK or Gradle is
// needed.
//
//   npm run android              builds android-shell/app/target/coffre.apk (four ABIs) and coffre-arm64.apk
//   npm run android -- test      runs the app's tests in Robolectric; more arguments go to Maven (-Dtest=…)

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ABIS, packApk, shrinkClasses } from "./android/apk.ts";
import { findApkFaults } from "./android/apk-check.ts";
import { openToolbox } from "./android/libraries.ts";
import { inspectMachine, type Machine } from "./android/machine.ts";
import { parsePins, verifyResolved } from "./android/pinned-files.ts";
import { buildResources } from "./android/resources.ts";
import { runProgram } from "./run-program.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const APP = join(ROOT, "android-shell/app");
/** Compiled against by all, shipped by Android itself. */
const FRAMEWORK_JAR = /\/android-all-[^/]+\.jar$/;
/** QuickJS for a desktop: the APK has the one for phones. */
const DESKTOP_JAR = /\/quickjs-kt-jvm-[^/]+\.jar$/;
/** What is built, and how large it may be. */
const PACKAGES = [
  { name: "coffre-arm64", abis: ["arm64-v8a"], mostMib: 4 },
  { name: "coffre", abis: ABIS, mostMib: 8 },
] as const;
const OWN_JAR = /\/android-shell\/\w+\/target\//;

/** Compiles host and app with Maven up to `phase`. Throws when that fails. */
async function runMaven(machine: Machine, phase: string, options: readonly string[]): Promise<void> {
  const settings = [`-Dcoffre.cache=${machine.cache}`, `-Djvm=${machine.java}`, "-Dkotlin.compiler.daemon=false"];
  const reactor = ["-f", "android-shell/pom.xml", "-Pandroid", "-pl", "app", "-am"];
  const code = await runProgram("mvn", ["-B", "-q", "-ntp", ...reactor, ...settings, ...options, phase]);
  if (code !== 0) throw new Error("Maven failed");
}

/** The jars of one of Maven's class paths, as the last build of the app wrote it. */
function readClassPath(name: string): readonly string[] {
  const jars = readFileSync(join(APP, "target", name), "utf8")
    .trim()
    .split(":");
  return jars.filter((jar) => !OWN_JAR.test(jar) && !jar.includes("/libraries/"));
}

async function main([task = "apk", ...options]: readonly string[]): Promise<void> {
  const machine = inspectMachine();
  const pins = parsePins(readFileSync(join(APP, "libraries.txt"), "utf8"));
  const toolbox = openToolbox(machine.cache, pins);
  const { version } = JSON.parse(readFileSync(join(ROOT, "engine/package.json"), "utf8")) as { version: string };
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  buildResources(APP, toolbox, { name: version, code: (major * 1_000 + minor) * 1_000 + patch });
  if (task === "test") {
    await runMaven(machine, "test", options);
    return;
  }
  await runMaven(machine, "package", ["-Dapp.tests.skip=true", ...options]);
  const testClassPath = readClassPath("test.classpath");
  verifyResolved(testClassPath, pins);
  const android = testClassPath.find((jar) => FRAMEWORK_JAR.test(jar));
  if (android === undefined) throw new Error("expected Android's classes among what Maven resolved");
  const resolved = readClassPath("runtime.classpath").filter((jar) => !DESKTOP_JAR.test(jar));
  const own = [
    ...globSync(join(APP, "target/app-*.jar")),
    ...globSync(join(ROOT, "android-shell/host/target/host-*.jar")),
  ];
  const parts = { app: APP, toolbox, jars: [...own, ...resolved], android, cache: machine.cache };
  shrinkClasses(parts);
  const engine = readFileSync(join(ROOT, "engine/dist/engine.js"));
  for (const { name, abis, mostMib } of PACKAGES) {
    const apk = readFileSync(packApk(parts, abis, name));
    const faults = findApkFaults(apk, engine, abis, mostMib);
    if (faults.length > 0) throw new Error(`${name}.apk: ${faults.join("; ")}`);
    process.stdout.write(`${name}.apk: ${apk.length} bytes\n`);
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
