// How many rows with paths one question of the Store may ask for (docs/host-api.md H-1: 524,288 characters a message).
// Rule: the longest path of the table decides, since any page may hold nothing but such paths.

import type { Store } from "../store/store.ts";

/** Characters of one answer, with room for what stands around it. */
const MAX_ANSWER_CHARS = 480_000;
/** What a character becomes at the most: two escapes of six. */
const CHARS_A_POINT = 12;
/** The other columns of a row, with names of roots and devices. */
const OTHER_CHARS = 1_200;

/** At most `most` rows, and fewer where paths are long. */
export function pageRows(store: Store, table: "restore_file" | "index_version", most: number): number {
  const longest = Number(store.first(`SELECT coalesce(max(length(path)), 0) FROM ${table}`)?.[0]);
  return Math.max(1, Math.min(most, Math.floor(MAX_ANSWER_CHARS / (CHARS_A_POINT * longest + OTHER_CHARS))));
}
