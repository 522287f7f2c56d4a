// What stands where: counts by state, reason and rule, read from the rows. Rule: reads alone; `status` of a machine whose
// backup runs elsewhere must not write.

import { asciiJsonLength } from "../border/ascii-json.ts";
import type { WaitingReason } from "../border/reasons.ts";
import type { StatusCounts, View, WaitingFileView } from "../border/views.ts";
import { invariant } from "../errors.ts";
import { joinPath } from "../format/path.ts";
import { STATE } from "../store/schema.ts";
import { getSetting } from "../store/settings.ts";
import type { Store } from "../store/store.ts";
import { Folders } from "./tables/folder-places.ts";
import { lastSetAside } from "./tables/record-rows.ts";
import { viewRoots } from "./tables/root-rows.ts";
import { countPlaces, sampleWaitingEntries, sampleWaitingPlaces, totalByState, totalSafe } from "./tables/totals.ts";

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
  for (const { state, reason, rule, unseen, files, bytes } of totalByState(store)) {
    if (unseen !== null) {
      add(unseen, files, bytes);
    } else if (state === STATE.excluded) {
      invariant(rule !== null, "an excluded entry has no rule");
      counts.filesExcluded += files;
      excluded.push({ rule, files });
    } else if (state !== STATE.synced) {
      const shown = reasonOf(state, reason, blocked);
      if (shown !== null) add(shown, files, bytes);
    }
  }
  const safe = totalSafe(store);
  counts.filesSynced = safe.files;
  counts.bytesSynced = safe.bytes;
  for (const { what, count } of countPlaces(store)) add(what, count, 0);
  const sorted = [...waiting].map(([reason, { files, bytes }]) => ({ reason, files, bytes }));
  return { ...counts, waiting: sorted, excluded };
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
  const views: WaitingFileView[] = sampleWaitingPlaces(store);
  let chars = 0;
  for (const { folder, name, state, reason, unseen } of sampleWaitingEntries(store, SAMPLE)) {
    const place = folders.get(folder);
    const path = joinPath(place.path, name);
    chars += asciiJsonLength(path);
    if (chars > SAMPLE_CHARS || views.length >= SAMPLE) return views;
    views.push({ root: place.rootName, path, reason: unseen ?? reasonOf(state, reason, blocked) ?? "next-in-line" });
  }
  return views;
}

/** The `status` view. */
export function viewStatus(store: Store): View {
  const run = getSetting(store, "run");
  const pairing = getSetting(store, "pairing");
  const receipt = getSetting(store, "receipt") ?? lastSetAside(store);
  const blocked = run?.blocked ?? null;
  const counts = countStates(store, blocked);
  const nextAtMs = run?.nextAtMs ?? null;
  return {
    kind: "status",
    paired: pairing !== null,
    device: pairing?.device ?? null,
    counts,
    roots: viewRoots(store),
    lastReceipt: receipt === null ? null : { number: receipt.number, timeMs: receipt.timeMs },
    verified: getSetting(store, "verified"),
    drilled: getSetting(store, "drilled"),
    lastSyncedAtMs: getSetting(store, "allSyncedMs"),
    state: run?.state ?? "ok",
    next: { what: nextAtMs === null ? "nothing" : counts.filesWaiting > 0 ? "retry" : "sweep", atMs: nextAtMs },
    files: sampleWaiting(store, blocked),
  };
}
