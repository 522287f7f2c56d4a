// What is wrong with what a server gave (docs/host-api.md §6). Rule: damage is kept in the Store the moment it is found,
// and every ask shows all of it.

import type { DamageCode } from "../border/reasons.ts";
import type { DamageView } from "../border/views.ts";
import type { DeviceId } from "../ids.ts";
import type { Row, Store } from "../store/store.ts";
import { int, str } from "../store/store.ts";

/** At most this many of one device's records are named one by one; a server could invent any number. */
const MAX_A_DEVICE = 1_000;

/** Keeps that a record of a device, or (null) the device itself, is damaged. */
export function addDamage(store: Store, device: DeviceId, record: number | null, code: DamageCode): void {
  const row = store.first("SELECT count(*) FROM index_damage WHERE device = ?", [device]);
  if (row !== null && int(row, 0) >= MAX_A_DEVICE) return;
  store.run("INSERT INTO index_damage (device, record, code) VALUES (?, ?, ?)", [device, record, code]);
}

/**
 * Whether any record is damaged. One that its device wrote after it was revoked is told and is none: its owner shut it out,
 * and all that was there before is read.
 */
export function hasDamage(store: Store): boolean {
  return store.first("SELECT 1 FROM index_damage WHERE code <> 'record-after-revocation' LIMIT 1") !== null;
}

/** Damaged records behind row `after`, up to `limit`, and the row to go on behind; null at the end. */
export function readDamages(store: Store, after: number, limit: number): { views: DamageView[]; next: number | null } {
  const rows = store.all(
    `SELECT x.id, x.code, coalesce(d.name, substr(x.device, 1, 8)), x.record FROM index_damage x
      LEFT JOIN index_device d ON d.device = x.device WHERE x.id > ? ORDER BY x.id LIMIT ${limit}`,
    [after],
  );
  return { views: rows.map(recordDamage), next: nextOf(rows, limit) };
}

/** Files, folders and links that were not restored, by row as `readDamages`. */
export function readFileDamages(
  store: Store,
  after: number,
  limit: number,
): { views: DamageView[]; next: number | null } {
  const rows = store.all(
    `SELECT f.id, f.code, d.name, r.name, v.path FROM restore_file f JOIN index_version v ON v.id = f.version
       JOIN index_root r ON r.id = v.root JOIN index_device d ON d.id = r.device
      WHERE f.id > ? AND f.code IS NOT NULL ORDER BY f.id LIMIT ${limit}`,
    [after],
  );
  return { views: rows.map(fileDamage), next: nextOf(rows, limit) };
}

function recordDamage(row: Row): DamageView {
  const view = { code: str(row, 1), device: str(row, 2) };
  return row[3] === null ? view : { ...view, record: int(row, 3) };
}

function fileDamage(row: Row): DamageView {
  return { code: str(row, 1), device: str(row, 2), root: str(row, 3), path: str(row, 4) };
}

function nextOf(rows: readonly Row[], limit: number): number | null {
  const last = rows.at(-1);
  return last === undefined || rows.length < limit ? null : int(last, 0);
}
