// Counts and sums over the rows, for progress and for `status`. Rule: reads alone; what a run counts up itself begins with these.

import type { WaitingReason } from "../../border/reasons.ts";
import { SEAL_OVERHEAD_BYTES } from "../../format/ladder.ts";
import { columns, int, orNull, scalar, text, word } from "../../store/columns.ts";
import { hasSight, KIND, STATE } from "../../store/schema.ts";
import type { Store } from "../../store/store.ts";
import type { EntrySet } from "./entry-sets.ts";
import { everything } from "./entry-sets.ts";
import { OWN_FOLDER } from "./folder-rows.ts";

/** The sum of entries' sizes, as far as a number on the border goes. */
const SUM_OF_SIZES = `min(sum(size), ${Number.MAX_SAFE_INTEGER})`;

export interface Total {
  readonly files: number;
  readonly bytes: number;
}

const TOTAL = columns({ files: ["count(*)", int], bytes: [`coalesce(${SUM_OF_SIZES}, 0)`, int] });

function total(store: Store, which: string, { where, params }: EntrySet): Total {
  const rest = `FROM entry WHERE kind = ${KIND.file} AND ${which} AND ${where}`;
  return TOTAL.first(store, rest, params) ?? { files: 0, bytes: 0 };
}

/** The files of a set that are to be safe: neither excluded nor gone. */
export function totalWanted(store: Store, set: EntrySet): Total {
  return total(store, `state NOT IN (${STATE.excluded}, ${STATE.gone}, ${STATE.goneRecording})`, set);
}

export function totalSynced(store: Store, set: EntrySet): Total {
  return total(store, `state = ${STATE.synced}`, set);
}

/** The files that the record in flight names. */
export function totalInFlight(store: Store, set: EntrySet): Total {
  return total(store, "1 = 1", set);
}

export function countReady(store: Store): number {
  const sql = "SELECT count(*) FROM entry WHERE state IN (?, ?)";
  return scalar(store, int, sql, [STATE.ready, STATE.gone]);
}

/** Bytes of files under way that lie in stored blobs. */
export function sumStored(store: Store): number {
  const sql = `SELECT coalesce(sum(c.sealed - ${SEAL_OVERHEAD_BYTES}), 0) FROM piece p JOIN chunk c ON c.id = p.chunk
    JOIN blob b ON b.id = c.blob WHERE p.idx >= 0 AND b.state = 1`;
  return scalar(store, int, sql);
}

/** Entries of one state, reason and rule; `unseen`: why they could not be looked at. */
export interface StateTotal extends Total {
  readonly state: number;
  readonly reason: WaitingReason | null;
  readonly rule: string | null;
  readonly unseen: WaitingReason | null;
}

/** Columns that a database from before this version lacks, until its first run. */
function sightOf(store: Store): { readonly unseen: string; readonly held: string } {
  return hasSight(store) ? { unseen: "unseen", held: "held" } : { unseen: "NULL", held: "NULL" };
}

/** All but folders, of which those count that wait, and Coffre's own. */
export function totalByState(store: Store): StateTotal[] {
  const { unseen } = sightOf(store);
  return columns({
    state: int,
    reason: orNull(word<WaitingReason>),
    rule: orNull(text),
    files: ["count(*)", int],
    bytes: [SUM_OF_SIZES, int],
    unseen: [`${unseen} AS unseen`, orNull(word<WaitingReason>)],
  }).all(
    store,
    `FROM entry WHERE kind <> ${KIND.folder} OR state = ${STATE.waiting} OR (state = ${STATE.excluded} AND rule = '${OWN_FOLDER}')
     GROUP BY state, reason, rule, unseen`,
  );
}

/** Synced files that could be looked at. */
export function totalSafe(store: Store): Total {
  return total(store, `state = ${STATE.synced} AND ${sightOf(store).unseen} IS NULL`, everything());
}

export interface Count<W> {
  readonly what: W;
  readonly count: number;
}

/** Folders and roots that wait, by reason. */
export function countPlaces(store: Store): Count<WaitingReason>[] {
  const { held } = sightOf(store);
  const count = (table: string, column: string, what: WaitingReason): Count<WaitingReason> => ({
    what,
    count: scalar(store, int, `SELECT count(*) FROM ${table} WHERE ${column} IS NOT NULL`),
  });
  const byHold = columns({ what: [held, word<WaitingReason>], count: ["count(*)", int] });
  return [
    count("folder", "failed", "folder-unreadable"),
    ...byHold.all(store, `FROM folder WHERE ${held} IS NOT NULL GROUP BY 1`),
    count("root", "unavailable", "root-unavailable"),
  ].filter(({ count: number }) => number > 0);
}

/** A folder or root that waits. */
export interface WaitingPlace {
  readonly root: string;
  readonly path: string;
  readonly reason: WaitingReason;
}

/** Some of them. */
export function sampleWaitingPlaces(store: Store): WaitingPlace[] {
  const { held } = sightOf(store);
  const place = { root: ["r.name", text], path: ["f.path", text] } as const;
  const folders = "FROM folder f JOIN root r ON r.id = f.root WHERE";
  return [
    ...columns({ ...place, reason: ["'folder-unreadable'", word<WaitingReason>] }).all(
      store,
      `${folders} f.failed IS NOT NULL LIMIT 5`,
    ),
    ...columns({
      root: ["name", text],
      path: ["''", text],
      reason: ["'root-unavailable'", word<WaitingReason>],
    }).all(store, "FROM root WHERE unavailable IS NOT NULL LIMIT 20"),
    ...columns({ ...place, reason: [held, word<WaitingReason>] }).all(store, `${folders} ${held} IS NOT NULL LIMIT 20`),
  ];
}

/** An entry that waits, as far as `status` shows it. */
export interface WaitingEntry {
  readonly folder: number;
  readonly name: string;
  readonly state: number;
  readonly reason: WaitingReason | null;
  readonly unseen: WaitingReason | null;
}

const WAITS = [STATE.waiting, STATE.new, STATE.hashing, STATE.pending, STATE.listing, STATE.ready, STATE.recording];

/** Some of what waits, by state and then in the order of rows; at most `most` of each state. */
export function* sampleWaitingEntries(store: Store, most: number): Iterable<WaitingEntry> {
  const { unseen } = sightOf(store);
  const waiting = columns({
    folder: int,
    name: text,
    state: int,
    reason: orNull(word<WaitingReason>),
    unseen: [unseen, orNull(word<WaitingReason>)],
  });
  const isShown = `${unseen} IS NULL AND (kind <> ${KIND.folder} OR state = ${STATE.waiting})`;
  for (const which of [`${unseen} IS NOT NULL`, ...WAITS.map((state) => `state = ${state} AND ${isShown}`)]) {
    yield* waiting.all(store, `FROM entry WHERE ${which} ORDER BY id LIMIT ${most}`);
  }
}
