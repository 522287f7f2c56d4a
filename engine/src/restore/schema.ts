// What stands in the tables of the role `restore` (store/restore-tables.ts). Rule: the index holds every version that the vault's
// records tell of, with the time from which and until which it was the current one; a restore holds what it makes of them.

import type { Store } from "../store/store.ts";

/** `until_ms` of a version that nothing has replaced yet; also the time that stands for "now". */
export const FOREVER_MS: number = Number.MAX_SAFE_INTEGER;

/** Kinds of versions. */
export const KIND = { file: 1, folder: 2, link: 3 } as const;

/**
 * States of a file, folder or link that is being restored.
 *
 *   planned ──▶ fetching ──▶ ready ──▶ finishing ──▶ done
 *      │           │           │           ├──▶ occupied ──▶ done or skipped
 *      └───────────┴───────────┴───────────┴──▶ failed       made (folders whose times are still to be set) ──▶ done
 *
 * fetching: its parts are known. ready: all of them lie in its work file. finishing: asked for, maybe in place already.
 * occupied: something is in its place and is still to be compared. failed and skipped: `code` says why.
 */
export const STATE = {
  planned: 0,
  fetching: 1,
  ready: 2,
  finishing: 3,
  done: 4,
  failed: 5,
  skipped: 6,
  occupied: 7,
  made: 8,
} as const;

/** States of a part: still to be fetched, in its work file, or no longer wanted. */
export const PART = { wanted: 0, written: 1, dropped: 2 } as const;

const INDEX: readonly string[] = [
  "index_device",
  "index_record",
  "index_epoch",
  "index_blob",
  "index_root",
  "index_version",
  "index_place",
  "index_damage",
  "index_damage_since",
];

/** Forgets the index, and with it every restore. */
export function clearIndex(store: Store): void {
  clearRestore(store);
  for (const table of INDEX) store.run(`DELETE FROM ${table}`);
}

/** Forgets what was being restored. */
export function clearRestore(store: Store): void {
  store.run("DELETE FROM restore_part");
  store.run("DELETE FROM restore_detour");
  store.run("DELETE FROM restore_name");
  store.run("DELETE FROM restore_file");
}

/** Forgets what one device's records told, so that they are read again; `device` is its row's id. */
export function clearDevice(store: Store, device: number): void {
  store.run("DELETE FROM index_version WHERE root IN (SELECT id FROM index_root WHERE device = ?)", [device]);
  store.run("DELETE FROM index_record WHERE device = ?", [device]);
  store.run("DELETE FROM index_place WHERE device = ?", [device]);
  store.run("DELETE FROM index_damage WHERE device = (SELECT device FROM index_device WHERE id = ?)", [device]);
  store.run("UPDATE index_device SET number = 0, hash = ?, time_ms = 0 WHERE id = ?", ["0".repeat(64), device]);
}
