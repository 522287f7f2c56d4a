// What a backup left out by its own word: files that wait for a reason, and what a rule of Coffre excludes. Rule: read from the
// summary of `coffre --json backup`, and from what its rules look for.

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ClientEnd } from "../../conformance-tests/end-to-end/client-process.ts";
import { formatName, walkTree } from "../../conformance-tests/end-to-end/tree-picture.ts";
import { formatNumber } from "./table.ts";

/** Paths below the root that nobody expects back, and the lines that say so. */
export type LeftOut = { readonly paths: ReadonlySet<string>; readonly lines: readonly string[] };

/** The rule of Coffre for its own folders (docs/host-api.md §6). */
const OWN_FOLDER = /^own-folder/;

/** What the backup of `source` left out. */
export function readLeftOut({ summary }: ClientEnd, source: string): LeftOut {
  const waiting = readList(summary["waiting"]).map(
    ({ reason, files }) => `${formatNumber(Number(files))} files wait: ${reason}`,
  );
  const rules = readList(summary["excluded"]).filter(({ rule }) => OWN_FOLDER.test(String(rule)));
  const excluded = rules.map(({ rule, files }) => `${formatNumber(Number(files))} left out by the rule ${rule}`);
  const named = readList(summary["files"]).map(({ path }) => formatName(Buffer.from(String(path))));
  const own = rules.length === 0 ? [] : findOwnFolders(source);
  return { paths: new Set([...named, ...own].filter((path) => path !== "")), lines: [...waiting, ...excluded] };
}

/** Folders that bear the mark of Coffre's own (docs/host-api.md H-36). */
function findOwnFolders(source: string): readonly string[] {
  return [...walkTree(source, () => {})]
    .filter((path) => existsSync(join(source, path.toString(), ".coffre-own")))
    .map(formatName);
}

function readList(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value : [];
}
