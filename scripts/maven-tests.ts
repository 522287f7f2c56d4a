// The Kotlin suites: what Maven builds and tests below android-shell. Rule: where they cannot run, that is said loudly and
// counted as skipped; on a machine that must run everything (CI) it is a failure.

import { spawnSync } from "node:child_process";
import { globSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runProgram } from "./run-program.ts";
import { type Counts, countSurefire, failedSurefire, judgeRun, sayFailed } from "./test-counts.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const LEAST_JAVA = 17;
const STAR_LINE = "*".repeat(78);
/** Kotlin's compiler is not left behind as a daemon: that would outlive the run by hours. */
const MAVEN_OPTIONS = ["-B", "-q", "-ntp", "-Dkotlin.compiler.daemon=false", "-f", "android-shell/pom.xml"];

/** A run of Maven and what its tests came to. */
export interface MavenRun {
  readonly counts: Counts;
  readonly exitCode: number;
}

/** Runs Maven with `args`, its output going to ours; names what failed and counts the tests of `modules` (a glob). */
export async function runMavenTests(args: readonly string[], modules: string): Promise<MavenRun> {
  const pattern = `android-shell/${modules}/target/surefire-reports`;
  for (const folder of globSync(pattern, { cwd: ROOT })) rmSync(join(ROOT, folder), { recursive: true });
  const exitCode = await runProgram("mvn", [...MAVEN_OPTIONS, ...args]);
  const files = globSync(`${pattern}/TEST-*.xml`, { cwd: ROOT });
  const reports = files.map((file) => readFileSync(join(ROOT, file), "utf8"));
  const counts = countSurefire(reports);
  sayFailed(failedSurefire(reports));
  if (exitCode !== 0 && counts.failed === 0)
    sayFailed([`Maven ended with ${exitCode} and no failed test: its lint or a compiler, see above`]);
  return { counts: judgeRun(counts, exitCode), exitCode };
}

/** Builds and tests the Kotlin host with Maven, and returns what it counted. */
export async function runMaven(): Promise<Counts> {
  const why = findHindrance();
  if (why !== null) return sayUntested(why);
  const { counts } = await runMavenTests(["verify"], "*");
  process.stdout.write(`Maven: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  return counts;
}

/** Why the Kotlin suites cannot run here, or null. */
function findHindrance(): string | null {
  const java = spawnSync("java", ["-version"], { encoding: "utf8" });
  const [, version] = /version "(\d+)/.exec(java.stderr ?? "") ?? [];
  if (Number(version ?? 0) < LEAST_JAVA) return `a JDK of version ${LEAST_JAVA} or later is needed`;
  const compiler = spawnSync("javac", ["-version"]);
  if (compiler.status !== 0) return `java is there, and no JDK: javac of version ${LEAST_JAVA} or later is needed`;
  return spawnSync("mvn", ["-version"]).status === 0 ? null : "Maven 3 is needed";
}

function sayUntested(why: string): Counts {
  process.stdout.write(`\n${STAR_LINE}\n  THE KOTLIN HOST IS NOT TESTED: ${why}.\n${STAR_LINE}\n\n`);
  const isMust = process.env["CI"] === "true";
  return { passed: 0, failed: isMust ? 1 : 0, skipped: isMust ? 0 : 1 };
}
