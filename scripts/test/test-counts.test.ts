// The counts that close a test run: nothing that went wrong may be counted as nothing.

import { expect, test } from "vitest";
import {
  addCounts,
  countReport,
  countSurefire,
  failedSurefire,
  failedTests,
  formatCounts,
  judgeRun,
} from "../test-counts.ts";

/** A report of one file that ended as `status` and whose tests ended as `tests`. */
const report = (status: string, tests: readonly string[]): string =>
  JSON.stringify({ testResults: [{ status, assertionResults: tests.map((test) => ({ status: test })) }] });

test("tests are counted by how they ended", () => {
  const counts = countReport(report("failed", ["passed", "passed", "failed", "skipped", "pending", "todo"]));
  expect(counts).toEqual({ passed: 2, failed: 1, skipped: 3 });
});

test("a file that did not load is one failure", () => {
  expect(countReport(report("failed", []))).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test("a file whose hook failed after its tests passed is one failure", () => {
  expect(countReport(report("failed", ["passed"]))).toEqual({ passed: 1, failed: 1, skipped: 0 });
});

test("a run without a report has failed", () => {
  expect(judgeRun(null, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test("a run without a test has failed, also when some were skipped", () => {
  expect(judgeRun({ passed: 0, failed: 0, skipped: 3 }, 0)).toEqual({ passed: 0, failed: 1, skipped: 3 });
});

test("an exit code that no failed test explains is a failure", () => {
  expect(judgeRun({ passed: 9, failed: 0, skipped: 0 }, 1)).toEqual({ passed: 9, failed: 1, skipped: 0 });
  expect(judgeRun({ passed: 9, failed: 2, skipped: 0 }, 1)).toEqual({ passed: 9, failed: 2, skipped: 0 });
});

test("Surefire's reports are added up, errors with the failures", () => {
  const suite = (counts: string): string =>
    `<?xml version="1.0"?>\n<testsuite xmlns:xsi="x" name="a" time="1.5" ${counts}>\n<testcase errors="9"/></testsuite>`;
  const reports = ['tests="7" errors="1" skipped="2" failures="1"', 'tests="3" errors="0" skipped="0" failures="0"'];
  expect(countSurefire(reports.map(suite))).toEqual({ passed: 6, failed: 2, skipped: 2 });
  expect(judgeRun(countSurefire([]), 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  expect(addCounts({ passed: 1, failed: 2, skipped: 3 }, { passed: 4, failed: 5, skipped: 6 })).toEqual({
    passed: 5,
    failed: 7,
    skipped: 9,
  });
});

test("the closing line is three counts", () => {
  expect(formatCounts({ passed: 12, failed: 0, skipped: 1 })).toBe("12 passed, 0 failed, 1 skipped");
});

test("a failed test is named by its file and its sentence, a file that did not load by itself", () => {
  const json = JSON.stringify({
    testResults: [
      { name: "/a/b.test.ts", status: "passed", assertionResults: [{ status: "passed", fullName: "x" }] },
      {
        name: "/a/c.test.ts",
        status: "failed",
        assertionResults: [
          { status: "failed", fullName: "c does it", failureMessages: ["Error: 1 is not 2\n  at c"] },
          { status: "passed", fullName: "c stays" },
        ],
      },
      { name: "/a/d.test.ts", status: "failed", assertionResults: [] },
    ],
  });
  expect(failedTests(json, "/a")).toEqual(["c.test.ts: c does it: Error: 1 is not 2", "d.test.ts"]);
  const xml = `<testsuite><testcase name="holds" classname="A" time="1"/><testcase name="falls" classname="A" time="1">
    <failure message="m">text</failure></testcase></testsuite>`;
  expect(failedSurefire([xml])).toEqual(["A: falls"]);
});
