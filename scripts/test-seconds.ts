// Where a run's time went: seconds by suite, and the slowest files. Rule: it informs, and no test depends on it.

import { relative } from "node:path";

const SLOWEST = 10;
/** A suite is named by as many folders as say what it proves. */
const SUITE = /^(conformance-tests\/test\/[^/]+(?=\/)|conformance-tests\/[^/]+|[^/]+)/;

/** One file of tests, by its path below the root, and what it took. */
export interface FileTime {
  readonly file: string;
  readonly seconds: number;
}

/** The times of Vitest's JSON report, whose paths lie below `root`. */
export function vitestTimes(json: string, root: string): FileTime[] {
  const report = JSON.parse(json) as {
    readonly testResults: readonly { readonly name: string; readonly startTime: number; readonly endTime: number }[];
  };
  return report.testResults.map(({ name, startTime, endTime }) => ({
    file: relative(root, name),
    seconds: (endTime - startTime) / 1_000,
  }));
}

/** A table of suites and one of the slowest files, as lines. Files run side by side: their sum is more than what a clock shows. */
export function describeTimes(times: readonly FileTime[]): string[] {
  const suites = new Map<string, number>();
  for (const { file, seconds } of times) {
    const suite = SUITE.exec(file)?.[0] ?? file;
    suites.set(suite, (suites.get(suite) ?? 0) + seconds);
  }
  const sum = times.reduce((seconds, time) => seconds + time.seconds, 0);
  return [
    `Seconds by suite (${Math.round(sum)} in all, two files at a time):`,
    ...slowestFirst(suites),
    "The slowest files:",
    ...slowestFirst(times.map(({ file, seconds }) => [file, seconds] as const)).slice(0, SLOWEST),
  ];
}

function slowestFirst(seconds: Iterable<readonly [string, number]>): string[] {
  return [...seconds].sort(([, a], [, b]) => b - a).map(([name, s]) => `  ${s.toFixed(1).padStart(7)}  ${name}`);
}
