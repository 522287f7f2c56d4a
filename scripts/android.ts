// `npm run android`: the app as an APK, or its tests. Rule: all that is fetched is pinned, and nothing of Android's SDK or Gradle is
// needed.
//
//   npm run android                       builds android-shell/app/target/coffre.apk (four ABIs) and coffre-arm64.apk
//   npm run android -- test               tests the app in Robolectric, and builds both; the last line counts, as that of `npm test`
//   npm run android -- test -Dtest=…      only these tests, and nothing is packed; arguments go to Maven
//   npm run android -- again              builds in another folder what lies here and compares it, byte for byte, with the APKs that
//                                         the last build of the same sources left; counts as one test

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ABIS, packApk, shrinkClasses } from "./android/apk.ts";
import { findApkFaults } from "./android/apk-check.ts";
import { openToolbox, type Toolbox } from "./android/libraries.ts";
import { inspectMachine, type Machine } from "./android/machine.ts";
import { type PinnedFile, parsePins, verifyResolved } from "./android/pinned-files.ts";
import { buildResources } from "./android/resources.ts";
import { buildElsewhere } from "./android/second-build.ts";
import { type MavenRun, runMavenTests } from "./maven-tests.ts";
import { addCounts, type Counts, formatCounts, sayFailed } from "./test-counts.ts";

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

/** What a build works with. */
interface Workplace {
  readonly machine: Machine;
  readonly pins: readonly PinnedFile[];
  readonly toolbox: Toolbox;
}

/** Finds and fetches what is needed, and makes what the Kotlin is compiled against. */
function openWorkplace(): Workplace {
  const machine = inspectMachine();
  const pins = parsePins(readFileSync(join(APP, "libraries.txt"), "utf8"));
  const toolbox = openToolbox(machine.cache, pins);
  const { version } = JSON.parse(readFileSync(join(ROOT, "engine/package.json"), "utf8")) as { version: string };
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  buildResources(APP, toolbox, { name: version, code: (major * 1_000 + minor) * 1_000 + patch });
  return { machine, pins, toolbox };
}

/** Compiles host and app with Maven up to `phase`, which has its options before it. */
function runMaven(machine: Machine, phase: readonly string[]): Promise<MavenRun> {
  const settings = [`-Dcoffre.cache=${machine.cache}`, `-Djvm=${machine.java}`];
  return runMavenTests(["-Pandroid", "-pl", "app", "-am", ...settings, ...phase], "app");
}

/** The jars of one of Maven's class paths, as the last build of the app wrote it. */
function readClassPath(name: string): readonly string[] {
  const jars = readFileSync(join(APP, "target", name), "utf8")
    .trim()
    .split(":");
  return jars.filter((jar) => !OWN_JAR.test(jar) && !jar.includes("/libraries/"));
}

/** Makes the APKs of what Maven compiled, and opens each. Throws when one is not as it must be. */
function buildPackages({ machine, pins, toolbox }: Workplace): void {
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

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What `work` comes to as one test. */
function countOne(name: string, work: () => void): Counts {
  try {
    work();
    return { passed: 1, failed: 0, skipped: 0 };
  } catch (error) {
    process.stderr.write(`${describe(error)}\n`);
    sayFailed([name]);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/** Runs the tests that `options` leave; without options the APKs are built too, which counts as one test. */
async function test(options: readonly string[]): Promise<Counts> {
  const workplace = openWorkplace();
  const isWhole = options.length === 0;
  const phase = isWhole ? ["-Dmaven.test.failure.ignore=true", "package"] : [...options, "test"];
  const { counts, exitCode } = await runMaven(workplace.machine, phase);
  if (!isWhole || exitCode !== 0) return counts;
  return addCounts(
    counts,
    countOne("the APKs, see above", () => buildPackages(workplace)),
  );
}

async function build(options: readonly string[]): Promise<void> {
  const workplace = openWorkplace();
  const { exitCode } = await runMaven(workplace.machine, ["-Dapp.tests.skip=true", ...options, "package"]);
  if (exitCode !== 0) throw new Error("Maven failed");
  buildPackages(workplace);
}

/** Whether another folder gives the same APKs, as one test. */
async function buildAgain(): Promise<Counts> {
  const apks = PACKAGES.map(({ name }) => `android-shell/app/target/${name}.apk`);
  const differences = await buildElsewhere(ROOT, apks);
  if (differences.length === 0) return { passed: 1, failed: 0, skipped: 0 };
  sayFailed(differences);
  return { passed: 0, failed: 1, skipped: 0 };
}

const [task = "apk", ...options] = process.argv.slice(2);
if (task === "test" || task === "again") {
  let counts: Counts = { passed: 0, failed: 1, skipped: 0 };
  try {
    counts = task === "test" ? await test(options) : await buildAgain();
  } catch (error) {
    sayFailed([`the app's build: ${describe(error)}`]);
  }
  process.stdout.write(`${formatCounts(counts)}\n`);
  process.exitCode = counts.failed > 0 ? 1 : 0;
} else {
  try {
    await build(options);
  } catch (error) {
    process.stderr.write(`${describe(error)}\n`);
    process.exitCode = 1;
  }
}
