// What stands where: counts by state, reason and rule, read from the rows. Rule: reads alone; `status` of a machine whose
// backup runs elsewhere must not write.

import { asciiJsonLength } from "../border/ascii-json.ts";
import type { WaitingReason } from "../border/reasons.ts";
import type { StatusCounts, View, WaitingFileView } from "../border/views.ts";
import { joinPath } from "../format/path.ts";
import { hasSight, KIND, STATE, SUM_OF_SIZES } from "../store/schema.ts";
import { getSetting } from "../store/settings.ts";
import type { Row, Store } from "../store/store.ts";
import { int, str } from "../store/store.ts";
import { Folders } from "./folders.ts";
import { lastSetAside } from "./lost-records.ts";
import { OWN_FOLDER } from "./own-folders.ts";
import { viewRoots } from "./roots.ts";

const SAMPLE = 100;
/** Characters of a sample on the border. */
const SAMPLE_CHARS = 100_000;

/**
 * Counts of the files on this device. Waiting also counts what is no file but keeps something from being seen; a folder that is
 * Coffre's own counts as one, since what is in it is not looked at.
 */
export function countStates(store: Store, blocked: WaitingReason | null): StatusCounts {
  const waiting = new Map<WaitingReason, { files: number; bytes: number }>();
  const excluded: { rule: string; files: number }[] = [];
  const counts = { filesSynced: 0, bytesSynced: 0, filesWaiting: 0, bytesWaiting: 0, filesExcluded: 0 };
  const add = (reason: WaitingReason, files: number, bytes: number): void => {
    const known = waiting.get(reason) ?? { files: 0, bytes: 0 };
    waiting.set(reason, { files: known.files + files, bytes: known.bytes + bytes });
    counts.filesWaiting += files;
    counts.bytesWaiting += bytes;
  };
  const sight = sightOf(store);
  const sql = `SELECT state, reason, rule, count(*), ${SUM_OF_SIZES}, ${sight.unseen} AS unseen FROM entry
    WHERE kind <> ${KIND.folder} OR state = ${STATE.waiting} OR (state = ${STATE.excluded} AND rule = '${OWN_FOLDER}')
    GROUP BY state, reason, rule, unseen`;
  for (const row of store.all(sql)) {
    const state = int(row, 0);
    const files = int(row, 3);
    if (row[5] !== null) {
      add(row[5] as WaitingReason, files, int(row, 4));
    } else if (state === STATE.excluded) {
      counts.filesExcluded += files;
      excluded.push({ rule: str(row, 2), files });
    } else if (state !== STATE.synced) {
      const reason = reasonOf(state, row[1] as WaitingReason | null, blocked);
      if (reason !== null) add(reason, files, int(row, 4));
    }
  }
  const synced = store.first(
    `SELECT count(*), coalesce(${SUM_OF_SIZES}, 0) FROM entry
     WHERE state = ${STATE.synced} AND kind = ${KIND.file} AND ${sight.unseen} IS NULL`,
  ) ?? [0, 0];
  counts.filesSynced = int(synced, 0);
  counts.bytesSynced = int(synced, 1);
  const unreadable = int(store.first("SELECT count(*) FROM folder WHERE failed IS NOT NULL") ?? [0], 0);
  if (unreadable > 0) add("folder-unreadable", unreadable, 0);
  for (const row of store.all(`SELECT ${sight.held}, count(*) FROM folder WHERE ${sight.held} IS NOT NULL GROUP BY 1`))
    add(row[0] as WaitingReason, int(row, 1), 0);
  const unavailable = int(store.first("SELECT count(*) FROM root WHERE unavailable IS NOT NULL") ?? [0], 0);
  if (unavailable > 0) add("root-unavailable", unavailable, 0);
  const sorted = [...waiting].map(([reason, { files, bytes }]) => ({ reason, files, bytes }));
  return { ...counts, waiting: sorted, excluded };
}

/** Columns that a database from before this version lacks, until its first run. */
function sightOf(store: Store): { readonly unseen: string; readonly held: string } {
  return hasSight(store) ? { unseen: "unseen", held: "held" } : { unseen: "NULL", held: "NULL" };
}

/** The reason that an entry in this state shows; null for what is not waiting. */
function reasonOf(state: number, reason: WaitingReason | null, blocked: WaitingReason | null): WaitingReason | null {
  if (state === STATE.gone || state === STATE.goneRecording) return null;
  if (state === STATE.waiting) return reason ?? "next-in-line";
  if (isUnderWay(state) && reason === "upload-refused") return reason;
  if (blocked !== null) return blocked;
  if (state === STATE.new || state === STATE.hashing) return reason ?? "next-in-line";
  return isUnderWay(state) ? "uploading" : "awaiting-receipt";
}

function isUnderWay(state: number): boolean {
  return state === STATE.pending || state === STATE.listing;
}

/** Some of what waits, in the order of rows. */
export function sampleWaiting(store: Store, blocked: WaitingReason | null): WaitingFileView[] {
  const folders = new Folders(store);
  const views: WaitingFileView[] = [];
  let chars = 0;
  for (const row of store.all(
    "SELECT r.name, f.path FROM folder f JOIN root r ON r.id = f.root WHERE f.failed IS NOT NULL LIMIT 5",
  )) {
    views.push({ root: str(row, 0), path: str(row, 1), reason: "folder-unreadable" });
  }
  for (const row of store.all("SELECT name FROM root WHERE unavailable IS NOT NULL LIMIT 20")) {
    views.push({ root: str(row, 0), path: "", reason: "root-unavailable" });
  }
  const { held, unseen } = sightOf(store);
  for (const row of store.all(
    `SELECT r.name, f.path, ${held} FROM folder f JOIN root r ON r.id = f.root WHERE ${held} IS NOT NULL LIMIT 20`,
  )) {
    views.push({ root: str(row, 0), path: str(row, 1), reason: row[2] as WaitingReason });
  }
  const waits = [STATE.waiting, STATE.new, STATE.hashing, STATE.pending, STATE.listing, STATE.ready, STATE.recording];
  const samples = [
    `${unseen} IS NOT NULL`,
    ...waits.map(
      (state) => `state = ${state} AND ${unseen} IS NULL AND (kind <> ${KIND.folder} OR state = ${STATE.waiting})`,
    ),
  ];
  for (const which of samples) {
    const rows: Row[] = store.all(
      `SELECT folder, name, state, reason, ${unseen} FROM entry WHERE ${which} ORDER BY id LIMIT ${SAMPLE}`,
    );
    for (const row of rows) {
      const place = folders.get(int(row, 0));
      const sight = row[4] as WaitingReason | null;
      const reason = sight ?? reasonOf(int(row, 2), row[3] as WaitingReason | null, blocked) ?? "next-in-line";
      const path = joinPath(place.path, str(row, 1));
      chars += asciiJsonLength(path);
      if (chars > SAMPLE_CHARS || views.length >= SAMPLE) return views;
      views.push({ root: place.rootName, path, reason });
    }
  }
  return views;
}

/** The `status` view. */
export function viewStatus(store: Store): View {
  const run = getSetting(store, "run");
  const receipt = getSetting(store, "receipt") ?? lastSetAside(store);
  const blocked = run?.blocked ?? null;
  const counts = countStates(store, blocked);
  const nextAtMs = run?.nextAtMs ?? null;
  return {
    kind: "status",
    paired: getSetting(store, "pairing") !== null,
    counts,
    roots: viewRoots(store),
    lastReceipt: receipt === null ? null : { number: receipt.number, timeMs: receipt.timeMs },
    state: run?.state ?? "ok",
    next: { what: nextAtMs === null ? "nothing" : counts.filesWaiting > 0 ? "retry" : "sweep", atMs: nextAtMs },
    files: sampleWaiting(store, blocked),
  };
}
