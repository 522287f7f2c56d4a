// The life of an entry, from the listing that finds it to the record that calls it gone: its states, every arrow between them
// with the function that draws it, and what each state guarantees. Rule: nothing sets a state but the arrows here and those of
// listings (`sighted-rows.ts`, marked *); a caller names the arrow.
//
//     new ──▶ hashing ──▶ pending ──▶ listing ──▶ ready ──▶ recording ──▶ synced        gone ──▶ gone-recording ──▶ (no row)
//
//   from                to                               function           when
//   (no row)            new, ready, waiting, excluded    addFound*          a listing shows a name that no row has
//   (no row)            waiting, excluded                addUnseen*         and it cannot be looked at
//   any                 new, ready, waiting, excluded    markChanged*       a listing shows it otherwise than its row has it
//   any                 ready, waiting                   markRootChanged*   the same of a root's own folder
//   excluded            waiting                          awaitSight*        no rule excludes it any more, nor can it be seen
//   any                 excluded                         exclude*           a rule excludes what cannot be seen, or it is Coffre's
//   any                 gone, (no row)                   callGone*          a whole listing lacks it and that is believed
//   any                 (no row)                         forget*            the folder above it, or its root, has gone
//   waiting             new                              wakeDue, wakeAll   its time has come; a sweep begins
//   new                 hashing                          startReading       the host is asked to read it
//   hashing             new                              readLater          no answer came, or the process ended
//   hashing             waiting                          awaitReading       it changed meanwhile, or cannot be read
//   hashing             new, pending, listing, ready     markRead           some, or all, of its pieces are known
//   hashing             synced                           markUnchanged      they are those that the log has
//   new … recording     new, waiting                     readAgain          a piece's bytes are not to be had any more
//   pending             listing, ready                   storePieces        the last blob that it needs is stored
//   listing             pending, listing                 awaitLists         its lists are planned; listing when all are stored
//   listing             pending                          awaitReferences    its reference blobs are planned
//   listing             ready                            endLists           nothing of it is left to be stored
//   ready, gone         recording, gone-recording        freeze             the record in flight names it
//   recording           synced                           markReceipted      the record's receipt was verified
//   gone-recording      (no row)                         markReceipted      the same
//   recording           ready                            unfreeze           the record was given up
//   gone-recording      gone                             unfreeze           the same
//   synced              new, ready                       recordAnew         the log lost it, or has something newer
//
// Guarantees, each of which tests check after every step (conformance-tests/test/scenarios/guarantees.ts):
//
// - a file is synced only by a record with a receipt
// - what is ready or recording has all its pieces in stored blobs
// - what is ready has as many pieces as its size asks for
// - pending counts the pieces that are not stored
// - a waiting entry has a reason
// - an excluded entry has a rule
// - an entry lies in a folder that is there

import type { WaitingReason } from "../../border/reasons.ts";
import { MAX_INLINE_REFS } from "../../format/entry-faults.ts";
import { CHUNK_BYTES } from "../../format/ladder.ts";
import { int, orNull, type Reader, Statement, text } from "../../store/columns.ts";
import { KIND, STATE } from "../../store/schema.ts";
import type { Store } from "../../store/store.ts";
import { type EntrySet, entriesById, inFlight } from "./entry-sets.ts";

/** What a stat says, as the columns have it. `target`: `t` and text, or `x` and hex. */
export interface StatColumns {
  readonly sizeBytes: number;
  readonly mtimeS: number;
  readonly mtimeUs: number;
  readonly ctimeS: number | null;
  readonly ctimeUs: number | null;
  readonly mode: number | null;
  readonly identity: string;
}

/** How queries of entries read them. */
export const STAT_READERS: { readonly [N in keyof StatColumns]: readonly [sql: string, read: Reader<StatColumns[N]>] } =
  {
    sizeBytes: ["size", int],
    mtimeS: ["mtime_s", int],
    mtimeUs: ["mtime_us", int],
    ctimeS: ["ctime_s", orNull(int)],
    ctimeUs: ["ctime_us", orNull(int)],
    mode: ["mode", orNull(int)],
    identity: ["identity", text],
  };

/** A file after a reading: how many of its pieces are known, and how many of those are not stored. */
export interface ReadFile extends StatColumns {
  readonly id: number;
  readonly state: number;
  readonly hashed: number;
  readonly pending: number;
  readonly isRacy: boolean;
}

/** Nothing of the content is known any more; its pieces are forgotten with it (`piece-rows.ts`). */
export const NOTHING_READ = "hashed = 0, pending = 0, noted = 0";
export const STAT: string = `size = :sizeBytes, mtime_s = :mtimeS, mtime_us = :mtimeUs, ctime_s = :ctimeS, ctime_us = :ctimeUs, mode = :mode,
  identity = :identity`;
const UNDER_WAY = `state IN (${STATE.new}, ${STATE.hashing}, ${STATE.pending}, ${STATE.listing}, ${STATE.ready}, ${STATE.recording})`;
const UNREFERENCED = `state IN (${STATE.new}, ${STATE.hashing}, ${STATE.pending}, ${STATE.listing})`;

/** `latestMs`: what is to be read later than that comes from a clock that was set back since. */
export function wakeDue(store: Store, now: number, latestMs: number, mostTries: number): void {
  store.run(
    `UPDATE entry SET state = ${STATE.new}, retry_at = NULL
     WHERE state = ${STATE.waiting} AND (retry_at <= ? OR retry_at > ?) AND tries < ?`,
    [now, latestMs, mostTries],
  );
}

/** All but what no reading can mend. */
export function wakeAll(store: Store): void {
  store.run(
    `UPDATE entry SET state = ${STATE.new}, tries = 0, retry_at = NULL
     WHERE state = ${STATE.waiting} AND kind = ${KIND.file} AND reason NOT IN ('path-too-long', 'out-of-range')`,
  );
}

export function startReading(store: Store, ids: readonly number[]): void {
  store.runMany(
    `UPDATE entry SET state = ${STATE.hashing} WHERE id = ?`,
    ids.map((id) => [id]),
  );
}

/** `ids` null: all that any process was reading. */
export function readLater(store: Store, ids: readonly number[] | null): void {
  const sql = `UPDATE entry SET state = ${STATE.new} WHERE state = ${STATE.hashing}`;
  if (ids === null) store.run(sql);
  else
    store.runMany(
      `${sql} AND id = ?`,
      ids.map((id) => [id]),
    );
}

/** Why a file waits before it is read again; `retryAtMs` null: until the next sweep. */
export interface Wait {
  readonly reason: WaitingReason;
  readonly retryAtMs: number | null;
}

const AWAIT = `state = ${STATE.waiting}, reason = ?, retry_at = ?, tries = tries + 1, ${NOTHING_READ}`;

export function awaitReading(store: Store, id: number, { reason, retryAtMs }: Wait): void {
  store.run(`UPDATE entry SET ${AWAIT} WHERE id = ?`, [reason, retryAtMs, id]);
}

/** At once when nothing is wrong with the file itself (null). */
export function readAgain(store: Store, id: number, wait: Wait | null): void {
  const set = wait === null ? `state = ${STATE.new}, ${NOTHING_READ}` : AWAIT;
  const params = wait === null ? [id] : [wait.reason, wait.retryAtMs, id];
  store.run(`UPDATE entry SET ${set} WHERE id = ? AND ${UNDER_WAY}`, params);
}

const READ = new Statement<ReadFile>(
  `UPDATE entry SET state = :state, ${STAT}, hashed = :hashed, pending = :pending, racy = :isRacy, reason = NULL, unseen = NULL,
   retry_at = NULL WHERE id = :id`,
);

export function markRead(store: Store, files: readonly ReadFile[]): void {
  READ.runMany(store, files);
}

/** Files that were just marked as read: a receipt covers these very versions. */
export function markUnchanged(store: Store, ids: readonly number[]): void {
  markSynced(store, entriesById(ids));
}

/** Brings on what needs a blob that is stored now. Returns how many entries became ready. */
export function storePieces(store: Store, blob: number): number {
  // Pieces of one file count as often as they occur in it.
  const uses = store.all(
    "SELECT count(*), p.entry FROM piece p JOIN chunk c ON c.id = p.chunk WHERE c.blob = ? GROUP BY p.entry",
    [blob],
  );
  const owners = store.all("SELECT 1, owner FROM blob WHERE id = ? AND owner IS NOT NULL", [blob]);
  store.runMany("UPDATE entry SET pending = pending - ? WHERE id = ?", [...uses, ...owners]);
  const inline = MAX_INLINE_REFS * CHUNK_BYTES;
  const complete = `UPDATE entry SET state = ? WHERE state = ${STATE.pending} AND pending = 0 AND size`;
  const ready = store.run(`${complete} <= ?`, [STATE.ready, inline]);
  store.run(`${complete} > ?`, [STATE.listing, inline]);
  return ready.changes;
}

/** `unstored`: how many of its lists are not stored; with none it goes on at once. */
export function awaitLists(store: Store, id: number, unstored: number): void {
  const state = unstored > 0 ? STATE.pending : STATE.listing;
  store.run("UPDATE entry SET state = ?, pending = ? WHERE id = ?", [state, unstored, id]);
}

export function awaitReferences(store: Store, id: number, blobs: number): void {
  store.run("UPDATE entry SET state = ?, pending = ? WHERE id = ?", [STATE.pending, blobs, id]);
}

export function endLists(store: Store, id: number): void {
  store.run(`UPDATE entry SET state = ${STATE.ready} WHERE id = ?`, [id]);
}

/** What the files of a blob wait for that is not taken; null: for nothing any more. */
export function nameRefusal(store: Store, blob: number, reason: WaitingReason | null): void {
  store.run(
    `UPDATE entry SET reason = ? WHERE ${UNREFERENCED} AND id IN (SELECT p.entry FROM piece p JOIN chunk c ON c.id = p.chunk
     WHERE c.blob = ? UNION SELECT owner FROM blob WHERE id = ? AND owner IS NOT NULL)`,
    [reason, blob, blob],
  );
}

/** Nothing waits for this reason any more, of what has its content known. */
export function forgetRefusals(store: Store, reason: WaitingReason): void {
  store.run(`UPDATE entry SET reason = NULL WHERE state IN (${STATE.pending}, ${STATE.listing}) AND reason = ?`, [
    reason,
  ]);
}

/** A record names the file's pieces below `end` while it is under way. */
export function markNoted(store: Store, id: number, end: number): void {
  store.run("UPDATE entry SET noted = max(noted, ?) WHERE id = ?", [end, id]);
}

const FREEZE = new Statement<{ readonly id: number; readonly number: number; readonly version: string }>(
  `UPDATE entry SET state = ${STATE.recording}, record = :number, version = :version, replaces = (replaces & 1) * 2
   WHERE id = :id`,
);

/** `recorded` with the names of their versions, `gone` by their ids. */
export function freeze(
  store: Store,
  number: number,
  recorded: readonly { readonly id: number; readonly version: string }[],
  gone: readonly number[],
): void {
  FREEZE.runMany(
    store,
    recorded.map((one) => ({ ...one, number })),
  );
  store.runMany(
    `UPDATE entry SET state = ${STATE.goneRecording}, record = ? WHERE id = ?`,
    gone.map((id) => [number, id]),
  );
}

/** What the record of this number names, and its receipt was verified. */
export function markReceipted(store: Store, number: number): void {
  markSynced(store, inFlight(number));
  store.run(`DELETE FROM entry WHERE record = ? AND state = ${STATE.goneRecording}`, [number]);
  store.run("UPDATE entry SET replaces = replaces & 1 WHERE record = ? AND replaces > 1", [number]);
}

/** The one place that makes anything synced. */
function markSynced(store: Store, { where, params }: EntrySet): void {
  const set = `state = ${STATE.synced}, reason = NULL, tries = 0, ${NOTHING_READ}`;
  store.run(`UPDATE entry SET ${set} WHERE ${where}`, params);
}

export function unfreeze(store: Store, number: number): void {
  store.run(`UPDATE entry SET state = ${STATE.ready} WHERE record = ? AND state = ${STATE.recording}`, [number]);
  store.run(`UPDATE entry SET state = ${STATE.gone} WHERE record = ? AND state = ${STATE.goneRecording}`, [number]);
  store.run("UPDATE entry SET replaces = 1 WHERE record = ? AND replaces > 1", [number]);
  store.run(`UPDATE entry SET version = '' WHERE record = ? AND kind = ${KIND.file}`, [number]);
}

/** Synced entries wait for `reason` until they are recorded anew. Returns how many files there are, and how many others. */
export function recordAnew(
  store: Store,
  { where, params }: EntrySet,
  reason: WaitingReason | null,
): { readonly files: number; readonly others: number } {
  const files = store.run(
    `UPDATE entry SET state = ${STATE.new}, reason = ?, version = '', ${NOTHING_READ}
     WHERE state = ${STATE.synced} AND kind = ${KIND.file} AND ${where}`,
    [reason, ...params],
  );
  const others = store.run(
    `UPDATE entry SET state = ${STATE.ready}, reason = ?
     WHERE state = ${STATE.synced} AND kind <> ${KIND.file} AND ${where}`,
    [reason, ...params],
  );
  // Those that were about to be read anyway must not be found to be recorded already.
  store.run(
    `UPDATE entry SET version = '' WHERE state NOT IN (${STATE.synced}, ${STATE.recording}) AND kind = ${KIND.file}
     AND version IS NOT NULL AND ${where}`,
    params,
  );
  return { files: files.changes, others: others.changes };
}
