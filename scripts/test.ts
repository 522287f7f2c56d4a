// `npm test`: runs every suite and closes with one line of counts, `N passed, N failed, N skipped`.
// Rule: no way of failing (a crash, a file that does not load, no tests at all) may end in a zero exit code.
//
// Maven's suites run first (their jar is what some of Vitest's start), then Vitest's. Arguments go to Vitest, and Maven is left
// out then: `npm test -- --project engine`.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runMaven } from "./maven-tests.ts";
import { runProgram } from "./run-program.ts";
import { addCounts, type Counts, countReport, failedTests, formatCounts, judgeRun, sayFailed } from "./test-counts.ts";
import { describeTimes, vitestTimes } from "./test-seconds.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const VITEST = join(ROOT, "node_modules/vitest/vitest.mjs");

/** Runs Vitest with `args`, its output going to ours, and returns what it counted. */
async function runVitest(args: readonly string[]): Promise<Counts> {
  const folder = await mkdtemp(join(tmpdir(), "coffre-test-"));
  const reportFile = join(folder, "report.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`];
  try {
    const exitCode = await runProgram(process.execPath, [VITEST, "run", ...reporters, ...args]);
    const report = await readFile(reportFile, "utf8").catch(() => null);
    if (report !== null) {
      for (const line of describeTimes(vitestTimes(report, ROOT))) process.stdout.write(`${line}\n`);
    }
    sayFailed(report === null ? [] : failedTests(report, ROOT));
    return judgeRun(report === null ? null : countReport(report), exitCode);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const args = process.argv.slice(2);
const maven = args.length > 0 ? { passed: 0, failed: 0, skipped: 0 } : await runMaven();
const counts = addCounts(maven, await runVitest(args));
process.stdout.write(`${formatCounts(counts)}\n`);
process.exitCode = counts.failed > 0 ? 1 : 0;
