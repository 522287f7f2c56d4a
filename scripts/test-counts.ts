// How a test run is counted. Rule: whatever went wrong without a failed test of its own still counts as one failure.

import { relative } from "node:path";

/** How much of a failure's first line is told again at the end of a log. */
const WHY_CHARS = 200;

/** How many tests ended which way. `skipped` includes tests that are only named (`todo`). */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The part of Vitest's JSON report that is read here. */
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

/** Counts the tests of a JSON report; a file that failed without a failed test (it did not load) is one failure. */
export function countReport(json: string): Counts {
  const report = JSON.parse(json) as Report;
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  for (const file of report.testResults) {
    const failedBefore = failed;
    for (const { status } of file.assertionResults) {
      if (status === "passed") passed += 1;
      else if (status === "failed") failed += 1;
      else skipped += 1;
    }
    if (file.status === "failed" && failed === failedBefore) failed += 1;
  }
  return { passed, failed, skipped };
}

/** The failed tests of a JSON report, each by its file (below `root`) its sentence and why; a file that did not load by itself. */
export function failedTests(json: string, root: string): string[] {
  return (JSON.parse(json) as Report).testResults.flatMap(({ name, status, assertionResults }) => {
    const file = relative(root, name);
    const failed = assertionResults.filter((test) => test.status === "failed");
    if (failed.length > 0) {
      return failed.map(({ fullName, failureMessages = [] }) => {
        const [why = ""] = (failureMessages[0] ?? "").split("\n");
        return `${file}: ${fullName}: ${why.slice(0, WHY_CHARS)}`;
      });
    }
    return status === "failed" ? [file] : [];
  });
}

/** The failed tests of Surefire's XML reports, each by its class and its name. */
export function failedSurefire(reports: readonly string[]): string[] {
  return reports.flatMap((xml) =>
    [...xml.matchAll(/<testcase\b([^>]*[^/])>\s*<(?:failure|error)\b/g)].map(([, head = ""]) => {
      const read = (name: string): string => new RegExp(`\\b${name}="([^"]*)"`).exec(head)?.[1] ?? "?";
      return `${read("classname")}: ${read("name")}`;
    }),
  );
}

/** Counts the tests of Surefire's XML reports, one text for each class. */
export function countSurefire(reports: readonly string[]): Counts {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const xml of reports) {
    const [head = ""] = /<testsuite\b[^>]*>/.exec(xml) ?? [];
    const read = (name: string): number => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(head)?.[1] ?? 0);
    const failed = read("failures") + read("errors");
    sum.failed += failed;
    sum.skipped += read("skipped");
    sum.passed += read("tests") - failed - read("skipped");
  }
  return sum;
}

/** The sum of two runs. */
export function addCounts(one: Counts, other: Counts): Counts {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
  };
}

/** What a run amounts to: no report, no test, or a non-zero exit code without a failure is itself a failure. */
export function judgeRun(counts: Counts | null, exitCode: number): Counts {
  if (counts === null) return { passed: 0, failed: 1, skipped: 0 };
  const ranNothing = counts.passed + counts.failed === 0;
  const failedUnseen = exitCode !== 0 && counts.failed === 0;
  return ranNothing || failedUnseen ? { ...counts, failed: counts.failed + 1 } : counts;
}

/** The closing line, without its newline: `12 passed, 0 failed, 1 skipped`. */
export function formatCounts({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** Names each failed test again, in a line of its own: the end of a long log is what is read first. */
export function sayFailed(names: readonly string[]): void {
  for (const name of names) process.stdout.write(`failed: ${name}\n`);
}
