// Entries that a record may name: those that are ready, and files under way whose blobs no record names yet. Rule: questions
// alone, in pages that stay below the border's limit.

import { columns, flag, int, orNull, text } from "../../store/columns.ts";
import { STATE } from "../../store/schema.ts";
import type { Store } from "../../store/store.ts";

export const ENTRIES_A_PAGE = 200;

/** What a record says of an entry. */
export interface RecordableEntry {
  readonly id: number;
  readonly folder: number;
  readonly name: string;
  readonly kind: number;
  readonly isGone: boolean;
  readonly sizeBytes: number;
  readonly mtimeS: number;
  readonly mtimeUs: number;
  readonly mode: number | null;
  readonly target: string | null;
  /** The record says first that what was at this path is gone. */
  readonly isReplaced: boolean;
}

const RECORDABLE = columns({
  id: int,
  folder: int,
  name: text,
  kind: int,
  isGone: [`state = ${STATE.gone}`, flag],
  sizeBytes: ["size", int],
  mtimeS: ["mtime_s", int],
  mtimeUs: ["mtime_us", int],
  mode: orNull(int),
  target: orNull(text),
  isReplaced: ["replaces & 1", flag],
});

/** Ready and gone entries behind `after`, in the order in which they were found; at most `ENTRIES_A_PAGE`. */
export function readReady(store: Store, after: number): RecordableEntry[] {
  const which = `state IN (${STATE.ready}, ${STATE.gone}) AND id > ?`;
  return RECORDABLE.all(store, `FROM entry WHERE ${which} ORDER BY id LIMIT ${ENTRIES_A_PAGE}`, [after]);
}

/** Files under way of which some pieces lie in stored blobs that no record names yet; at most `most`. */
export function readInProgress(store: Store, most: number): RecordableEntry[] {
  return RECORDABLE.all(
    store,
    `FROM entry WHERE state IN (${STATE.new}, ${STATE.hashing}, ${STATE.pending})
       AND id IN (SELECT p.entry FROM blob b JOIN chunk c ON c.blob = b.id JOIN piece p ON p.chunk = c.id
       WHERE b.state = 1 AND b.record IS NULL AND p.idx >= 0) ORDER BY id LIMIT ${most}`,
  );
}
