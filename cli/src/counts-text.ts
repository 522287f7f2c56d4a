// How many files are where, in words. Rule: a person sees every reason and every rule, and some names of what waits.

import type { RootView, StatusCounts, WaitingFileView } from "coffre-engine";
import { showPlace } from "./place-text.ts";
import { showBytes, showCount, showName } from "./printable.ts";
import { WAITING_WORDS } from "./words.ts";

const NAMES = 10;

/** Lines for synced, waiting (by reason) and excluded (by rule); a pattern of `roots` that leaves nothing out is named too. */
export function sayCounts(
  counts: StatusCounts,
  files: readonly WaitingFileView[],
  roots: readonly RootView[],
): string[] {
  const lines = [`Synced    ${showCount(counts.filesSynced, "file")}, ${showBytes(counts.bytesSynced)}`];
  if (counts.filesWaiting > 0) {
    lines.push(`Waiting   ${showCount(counts.filesWaiting, "file")}, ${showBytes(counts.bytesWaiting)}`);
    for (const { reason, files: count } of counts.waiting) {
      lines.push(`  ${showCount(count, "file")}: ${WAITING_WORDS[reason]}`);
      const named = files.filter((file) => file.reason === reason);
      for (const file of named.slice(0, NAMES)) lines.push(`    ${showPlace(file.root, file.path)}`);
      if (count > NAMES && named.length >= NAMES) lines.push("    …");
    }
  }
  const idle = findIdlePatterns(counts, roots);
  if (counts.filesExcluded > 0 || idle.length > 0) {
    lines.push(`Excluded  ${showCount(counts.filesExcluded, "file")}`);
    for (const { rule, files: count } of [...counts.excluded, ...idle.map((rule) => ({ rule, files: 0 }))])
      lines.push(`  ${showCount(count, "file")} by ${showName(rule)}`);
  }
  return lines;
}

/** Patterns that should leave something out and do not: maybe mistyped. */
function findIdlePatterns(counts: StatusCounts, roots: readonly RootView[]): string[] {
  const rules = new Set(counts.excluded.map(({ rule }) => rule));
  const patterns = new Set(roots.flatMap(({ excludes }) => excludes));
  return [...patterns].filter((pattern) => {
    const isOne = pattern.trim() !== "" && !/^[!#]/.test(pattern);
    // A rule is its pattern without the spaces at its end.
    return isOne && !rules.has(pattern) && !rules.has(pattern.trimEnd());
  });
}
