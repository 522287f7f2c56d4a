// Entries as a listing compares them with what it found. Rule: in the order of their names, as listings come.

import type { WaitingReason } from "../../border/reasons.ts";
import { columns, exists, flag, int, orNull, text, word } from "../../store/columns.ts";
import type { Store } from "../../store/store.ts";
import { STAT_READERS, type StatColumns } from "./entry-rows.ts";

/** Rows read for one comparison; a longer stretch is compared in several steps. */
export const ROWS_A_STRETCH = 600;

export interface KnownEntry extends StatColumns {
  readonly id: number;
  readonly name: string;
  readonly kind: number;
  readonly state: number;
  /** A change within the tick of its reading may have left no trace in its stat. */
  readonly isRacy: boolean;
  readonly rule: string | null;
  readonly unseen: WaitingReason | null;
  readonly reason: WaitingReason | null;
}

const KNOWN = columns({
  id: int,
  name: text,
  kind: int,
  state: int,
  ...STAT_READERS,
  isRacy: ["racy", flag],
  rule: orNull(text),
  unseen: orNull(word<WaitingReason>),
  reason: orNull(word<WaitingReason>),
});

/** The entries of a folder behind the name `after`, up to `upTo` (null: all): at most `ROWS_A_STRETCH`. */
export function readKnown(store: Store, folder: number, after: string, upTo: string | null): KnownEntry[] {
  const bound = upTo === null ? "" : " AND name <= ?";
  const rest = `FROM entry WHERE folder = ? AND name > ?${bound} ORDER BY name LIMIT ${ROWS_A_STRETCH}`;
  return KNOWN.all(store, rest, upTo === null ? [folder, after] : [folder, after, upTo]);
}

/** The entry of a root's own folder, whose name is ''. */
export function readRootEntry(store: Store, folder: number): KnownEntry | null {
  return KNOWN.first(store, "FROM entry WHERE folder = ? AND name = ''", [folder]);
}

export function isEmpty(store: Store, folder: number): boolean {
  return !exists(store, "FROM entry WHERE folder = ?", [folder]);
}
