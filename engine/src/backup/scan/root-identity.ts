// What a root is, and whether it is the folder that it was. Rule: another folder in its place that lacks most of what was known
// is a disk that is not there, or another one, and no owner who deleted everything: nothing in it is looked at.

import type { Answers } from "../../border/answers.ts";
import { invariant } from "../../errors.ts";
import type { Pattern } from "../../exclusion/patterns.ts";
import { parsePatterns } from "../../exclusion/patterns.ts";
import type { Context } from "../../runtime/context.ts";
import { namesAtTop, readRoot } from "../tables/root-rows.ts";

/** A root as its row has it. */
export interface ScanRoot {
  readonly id: number;
  readonly name: string;
  readonly locator: string;
  readonly patterns: readonly Pattern[];
  readonly identity: string | null;
}

type Scanned = Extract<Answers["scan"], { kind: "scanned" }>;

/** Reads the row of a root. */
export function readScanRoot({ store }: Context, id: number): ScanRoot {
  const root = readRoot(store, id);
  invariant(root !== null, "a folder without its root");
  const { name, locator, identity, excludes } = root;
  return { id, name, locator, identity, patterns: parsePatterns(excludes) };
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
  const known = namesAtTop(store, root.id, upTo);
  const names = new Set(top.entries.map(({ name }) => name));
  const missing = known.filter((name) => !names.has(name)).length;
  return missing * 2 > known.length ? "replaced" : "usual";
}
