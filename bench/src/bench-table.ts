// The tables of `npm run bench`. Rule: ours and theirs stand one below the other, and a ratio says how ours compares.

import type { Flushes } from "./contender.ts";
import type { CourseResult } from "./rounds.ts";
import { formatBytes, formatNumber, formatTable } from "./table.ts";

const OURS = "coffre";
const HEAD = [
  "",
  "seconds",
  "ours/theirs",
  "MB/s",
  "files/s",
  "client CPU s",
  "per GB",
  "per 1000 files",
  "client MB",
  "server CPU s",
  "server MB",
  "requests",
  "stored",
];

/** All of it as text. */
export function formatResults(
  results: readonly CourseResult[],
  flushes: Readonly<Record<string, Readonly<Record<string, Flushes>>>>,
  exponents: Readonly<Record<string, number>>,
): string {
  const parts = [formatTable([HEAD, ...results.map((result) => formatRow(result, results))])];
  for (const [input, counts] of Object.entries(flushes)) {
    const client = Object.entries(counts).filter(([course]) => course !== "all");
    const said = client.map(([course, { client: calls }]) => `${course} ${formatNumber(calls)}`).join(", ");
    parts.push(`fsyncs, ${input}: client ${said}; server ${formatNumber(counts["all"]?.server ?? null)} in all`);
  }
  for (const [course, exponent] of Object.entries(exponents)) {
    parts.push(`${course} of tiny files: seconds grow with files to the power of ${exponent.toFixed(2)}`);
  }
  return parts.join("\n\n");
}

function formatRow(result: CourseResult, results: readonly CourseResult[]): readonly string[] {
  const { input, contender, course, files, bytes, median } = result;
  const ours = results.find((each) => each.input === input && each.course === course && each.contender === OURS);
  const ratio = contender === OURS || ours === undefined ? null : ours.median.seconds / median.seconds;
  const megabytes = (value: number | null): string => formatNumber(value === null ? null : value / 1e6);
  return [
    `${input}, ${course}, ${contender}`,
    formatNumber(median.seconds, 2),
    formatNumber(ratio, 2),
    formatNumber(bytes / 1e6 / median.seconds, 1),
    formatNumber(files / median.seconds),
    formatNumber(median.clientCpuS, 2),
    formatNumber(median.clientCpuS / (bytes / 1e9), 2),
    formatNumber(median.clientCpuS / (files / 1000), 3),
    megabytes(median.clientPeakBytes),
    formatNumber(median.serverCpuS, 2),
    megabytes(median.serverPeakBytes),
    formatNumber(median.requests),
    median.storedBytes === null ? "-" : formatBytes(median.storedBytes),
  ];
}
