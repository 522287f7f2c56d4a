// How many files are where, in words. Rule: a person sees every reason and every rule, and some names of what waits.

import type { RootView, StatusCounts, WaitingFileView } from "coffre-engine";
import { say } from "./language.ts";
import { showPlace } from "./place-text.ts";
import { showBytes, showCount, showName } from "./printable.ts";
import { waitingWords } from "./words.ts";

const NAMES = 10;
/** The rule that counts folders, since nothing looks into them. */
const OWN_FOLDER = "own-folder";

/** Lines for synced, waiting (by reason) and excluded (by rule); a pattern of `roots` that leaves nothing out is named too. */
export function sayCounts(
  counts: StatusCounts,
  files: readonly WaitingFileView[],
  roots: readonly RootView[],
  isRunning = true,
): string[] {
  const lines = [sayFiles("synced", counts.filesSynced, counts.bytesSynced)];
  if (counts.filesWaiting > 0) {
    lines.push(sayFiles("waiting", counts.filesWaiting, counts.bytesWaiting));
    for (const { reason, files: count } of counts.waiting) {
      // Nothing is on its way while nobody sends it.
      const why = reason === "uploading" && !isRunning ? say("counts", "sent-in-part") : waitingWords(reason);
      lines.push(say("counts", "waiting-for", { files: showCount(count, "file"), reason: why }));
      const named = files.filter((file) => file.reason === reason);
      for (const file of named.slice(0, NAMES)) lines.push(`    ${showPlace(file.root, file.path)}`);
      if (count > NAMES && named.length >= NAMES) lines.push("    …");
    }
  }
  const own = counts.excluded.reduce((sum, { rule, files: count }) => (rule === OWN_FOLDER ? sum + count : sum), 0);
  const rules = counts.excluded.filter(({ rule }) => rule !== OWN_FOLDER);
  const idle = findIdlePatterns(counts, roots).map((rule) => ({ rule, files: 0 }));
  if (rules.length > 0 || idle.length > 0) {
    lines.push(say("counts", "excluded", { files: showCount(counts.filesExcluded - own, "file") }));
    for (const { rule, files: count } of [...rules, ...idle])
      lines.push(say("counts", "excluded-by", { files: showCount(count, "file"), rule: showName(rule) }));
  }
  if (own > 0) lines.push(say("counts", "left-out", { folders: showCount(own, "folder"), rule: OWN_FOLDER }));
  return lines;
}

function sayFiles(key: "synced" | "waiting", files: number, bytes: number): string {
  return say("counts", key, { files: showCount(files, "file"), size: showBytes(bytes) });
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
