// The Kotlin suites: what Maven builds and tests below android-shell. Rule: where they cannot run, that is said loudly and
// counted as skipped; on a machine that must run everything (CI) it is a failure.

import { spawnSync } from "node:child_process";
import { globSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runProgram } from "./run-program.ts";
import { type Counts, countSurefire, failedSurefire, judgeRun } from "./test-counts.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const REPORTS = "android-shell/*/target/surefire-reports";
const LEAST_JAVA = 17;
const STAR_LINE = "*".repeat(78);

/** Builds and tests with Maven, its output going to ours, and returns what it counted. */
export async function runMaven(): Promise<Counts> {
  const why = findHindrance();
  if (why !== null) return sayUntested(why);
  for (const folder of globSync(REPORTS, { cwd: ROOT })) rmSync(join(ROOT, folder), { recursive: true });
  // The compiler's daemon would outlive the run by hours.
  const options = ["-B", "-q", "-ntp", "-Dkotlin.compiler.daemon=false"];
  const exitCode = await runProgram("mvn", [...options, "-f", "android-shell/pom.xml", "verify"]);
  const files = globSync(`${REPORTS}/TEST-*.xml`, { cwd: ROOT });
  const reports = files.map((file) => readFileSync(join(ROOT, file), "utf8"));
  const counts = countSurefire(reports);
  for (const name of failedSurefire(reports)) process.stdout.write(`failed: ${name}\n`);
  if (exitCode !== 0 && counts.failed === 0) {
    process.stdout.write(
      `failed: Maven ended with ${exitCode} and no failed test: its lint or a compiler, see above\n`,
    );
  }
  process.stdout.write(`Maven: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  return judgeRun(counts, exitCode);
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
