// Files that are to be read, or are being read; small ones apart from large ones, so that neither wait for all of the others.
// Rule: questions alone; `entry-rows.ts` has the arrows.

import type { WaitingReason } from "../../border/reasons.ts";
import { columns, exists, flag, int, orNull, scalar, text, word } from "../../store/columns.ts";
import { STATE, UNREAD_LARGE, UNREAD_SMALL } from "../../store/schema.ts";
import type { Store } from "../../store/store.ts";
import { STAT_READERS, type StatColumns } from "./entry-rows.ts";

/** A file that may be read now; its first `hashed` chunks are known. */
export interface UnreadFile {
  readonly id: number;
  readonly folder: number;
  readonly name: string;
  readonly sizeBytes: number;
  readonly hashed: number;
}

/** A file that is being read, as a listing saw it, or its reading so far. */
export interface FileInReading extends StatColumns {
  readonly id: number;
  readonly folder: number;
  readonly hashed: number;
  readonly pending: number;
  readonly isRacy: boolean;
  readonly tries: number;
  readonly reason: WaitingReason | null;
  /** The version that was recorded last, null when none was, "" when it must be recorded anew. */
  readonly version: string | null;
}

const UNREAD = columns({ id: int, folder: int, name: text, sizeBytes: ["size", int], hashed: int });
const IN_READING = columns({
  id: int,
  folder: int,
  ...STAT_READERS,
  hashed: int,
  pending: int,
  isRacy: ["racy", flag],
  tries: int,
  reason: orNull(word<WaitingReason>),
  // A version whose record waits for its receipt is not recorded yet.
  version: ["CASE WHEN record IN (SELECT number FROM record WHERE state = 0) THEN '' ELSE version END", orNull(text)],
});

export function hasUnread(store: Store): boolean {
  return exists(store, "FROM entry WHERE state = ?", [STATE.new]);
}

/** `small`: one reading gets through it. Of a `large` one each reading takes a piece. */
export type FileSize = "small" | "large";

/** Their rows by an index of their own, which has the newest first; SQLite must not choose another one and sort them all. */
const UNREAD_FILES: Readonly<Record<FileSize, string>> = {
  small: `FROM entry INDEXED BY entry_unread_small WHERE ${UNREAD_SMALL}`,
  large: `FROM entry INDEXED BY entry_unread_large WHERE ${UNREAD_LARGE}`,
};

export function hasUnreadOf(store: Store, size: FileSize): boolean {
  return exists(store, UNREAD_FILES[size]);
}

/** The next files of that size that may be read, the newest first; at most `most`. */
export function readUnread(store: Store, size: FileSize, most: number): UnreadFile[] {
  return UNREAD.all(store, `${UNREAD_FILES[size]} ORDER BY mtime_s DESC, id LIMIT ${most}`);
}

/** Those of these files that are still being read. */
export function readInReading(store: Store, ids: readonly number[]): FileInReading[] {
  const list = ids.map(() => "?").join(",");
  return IN_READING.all(store, `FROM entry WHERE state = ${STATE.hashing} AND id IN (${list})`, ids);
}

/** When the next file that waits may be read again, of those tried fewer than `mostTries` times; null when none is. */
export function nextReadingAtMs(store: Store, mostTries: number): number | null {
  const sql = "SELECT min(retry_at) FROM entry WHERE state = ? AND retry_at IS NOT NULL AND tries < ?";
  return scalar(store, orNull(int), sql, [STATE.waiting, mostTries]);
}

const LISTING = columns({ id: int, sizeBytes: ["size", int] });

/** A large file whose lists are to be made, or reference blobs planned. */
export function nextListing(store: Store): { readonly id: number; readonly sizeBytes: number } | null {
  return LISTING.first(store, "FROM entry WHERE state = ? ORDER BY id LIMIT 1", [STATE.listing]);
}

export function isListing(store: Store, id: number): boolean {
  return exists(store, "FROM entry WHERE id = ? AND state = ?", [id, STATE.listing]);
}

/** Whether the content of a file is known and not all of it is stored, but for what the server refuses. */
export function hasUnsent(store: Store): boolean {
  const which = `state IN (${STATE.pending}, ${STATE.listing}) AND coalesce(reason, '') <> 'upload-refused'`;
  return exists(store, `FROM entry WHERE ${which}`);
}
