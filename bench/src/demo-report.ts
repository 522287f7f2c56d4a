// What the demonstration prints at its end. Rule: only what was measured or read; a dash stands where there is no figure.

import type { Finding } from "./canaries.ts";
import type { ServerView } from "./server-view.ts";
import { formatBytes, formatNumber, formatTable, readWidth, wrapText } from "./table.ts";

/** One way of the journey. */
export type WayReport = {
  readonly files: number;
  readonly bytes: number;
  readonly elapsedMs: number;
  readonly requests: number | null;
};

export type SearchReport = {
  readonly names: number;
  readonly contents: number;
  /** How many of the contents the same search found in the restored folder. */
  readonly control: number;
  readonly findings: readonly Finding[];
};

const MOST_LINES = 20;

/** The table of both ways. */
export function formatWays(backup: WayReport, restore: WayReport): string {
  const row = (label: string, read: (way: WayReport) => string): string[] => [label, read(backup), read(restore)];
  return formatTable([
    ["", "backup", "restore"],
    row("files", ({ files }) => formatNumber(files)),
    row("bytes", ({ bytes }) => formatBytes(bytes)),
    row("seconds", ({ elapsedMs }) => formatNumber(elapsedMs / 1000, 2)),
    row("MB/s", ({ bytes, elapsedMs }) => formatNumber(bytes / 1000 / elapsedMs, 1)),
    row("requests", ({ requests }) => formatNumber(requests)),
  ]);
}

/** Sample rows and file names. */
export function formatServerView({ tables, folders }: ServerView): string {
  const width = readWidth();
  const lines = ["its database, the first row of each table:"];
  for (const { name, rows, first } of tables) {
    lines.push(`  ${name}, ${formatNumber(rows)} ${rows === 1 ? "row" : "rows"}`, wrapText(first, width, "    "));
  }
  lines.push("its files, the first of each folder:");
  for (const { name, files, bytes, sample } of folders) {
    lines.push(`  ${name} ${formatNumber(files)} files, ${formatBytes(bytes)}`, wrapText(sample, width, "    "));
  }
  return lines.join("\n");
}

/** Whether anything of the folder was found in the server's data. */
export function formatSearch({ names, contents, control, findings }: SearchReport): string {
  const width = readWidth();
  const counts = `searched for ${formatNumber(names)} ${names === 1 ? "name" : "names"} and ${formatNumber(contents)} pieces of content`;
  if (findings.length > 0) {
    const lines = findings
      .slice(0, MOST_LINES)
      .map(({ canary, where }) => `${canary.kind} of ${canary.of} in ${where}`);
    return [
      wrapText(`${counts}: ${findings.length} found`, width),
      ...lines.map((line) => wrapText(line, width, "  ")),
    ].join("\n");
  }
  const found = `(the same search finds ${formatNumber(control)} of the ${formatNumber(contents)} in the restored folder)`;
  return wrapText(`${counts}: none was found ${found}`, width);
}

/** The differences, the first of them in full. */
export function formatDifferences(differences: readonly string[]): string {
  const width = readWidth();
  const lines = differences.slice(0, MOST_LINES).map((line) => wrapText(line, width, "  "));
  const rest = differences.length - lines.length;
  return rest > 0 ? [...lines, `  and ${rest} more`].join("\n") : lines.join("\n");
}
