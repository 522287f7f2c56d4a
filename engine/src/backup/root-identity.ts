// What a root is, and whether it is the folder that it was. Rule: another folder in its place that lacks most of what was known
// is a disk that is not there, or another one, and no owner who deleted everything: nothing in it is looked at.

import type { Answers } from "../border/answers.ts";
import { invariant } from "../errors.ts";
import type { Pattern } from "../exclusion/patterns.ts";
import { parsePatterns } from "../exclusion/patterns.ts";
import type { Context } from "../runtime/context.ts";
import { STATE } from "../store/schema.ts";
import type { StoreValue } from "../store/store.ts";
import { str } from "../store/store.ts";

/** A root as its row has it. */
export interface ScanRoot {
  readonly id: number;
  readonly name: string;
  readonly locator: string;
  readonly patterns: readonly Pattern[];
  readonly identity: string | null;
}

type Scanned = Extract<Answers["scan"], { kind: "scanned" }>;

/** Names that are compared at the most; a listing answers with fewer at a time. */
const MOST_NAMES = 1_000;

/** Reads the row of a root. */
export function readScanRoot({ store }: Context, id: number): ScanRoot {
  const row = store.first("SELECT locator, excludes, identity, name FROM root WHERE id = ?", [id]);
  invariant(row !== null, "a folder without its root");
  const patterns = parsePatterns(JSON.parse(str(row, 1)) as string[]);
  const identity = row[2] === null ? null : str(row, 2);
  return { id, name: str(row, 3), locator: str(row, 0), patterns, identity };
}

/**
 * Compares a root with what is known of it, by the first names of its listing, which began behind `after`. Without them it is
 * unclear, and all is to be listed again.
 */
export function compareRoot(
  { store }: Context,
  root: ScanRoot,
  { identity, folders }: Scanned,
  after: string | null | undefined,
): "usual" | "replaced" | "unclear" {
  if (root.identity === null || root.identity === identity) return "usual";
  const top = folders.find((folder) => folder.path === "");
  if (top === undefined || !("entries" in top) || after !== null) return "unclear";
  const upTo = top.end ? null : (top.entries.at(-1)?.name ?? null);
  const params: StoreValue[] = [root.id];
  if (upTo !== null) params.push(upTo);
  const known = store.all(
    `SELECT e.name FROM entry e JOIN folder f ON f.id = e.folder WHERE f.root = ? AND f.path = '' AND e.name <> '' AND f.believed = 0
     AND e.state NOT IN (${STATE.gone}, ${STATE.goneRecording})
     ${upTo === null ? "" : "AND e.name <= ?"} ORDER BY e.name LIMIT ${MOST_NAMES}`,
    params,
  );
  const names = new Set(top.entries.map(({ name }) => name));
  const missing = known.filter((row) => !names.has(str(row, 0))).length;
  return missing * 2 > known.length ? "replaced" : "usual";
}
