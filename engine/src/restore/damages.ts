// What is wrong with what a server gave (docs/host-api.md §6). Rule: damage is kept in the Store the moment it is found,
// and every ask shows all of it.

import type { DamageCode } from "../border/reasons.ts";
import type { DamageView } from "../border/views.ts";
import type { DeviceId } from "../ids.ts";
import type { Row, Store } from "../store/store.ts";
import { int, str } from "../store/store.ts";
import { FOREVER_MS } from "./schema.ts";

/** At most this many of one device's records are named one by one; a server could invent any number. */
const MAX_A_DEVICE = 1_000;

/**
 * Keeps that a record of a device, or (null) the device itself, is damaged; `sinceMs` is the time of a receipt that holds,
 * before which the record can say nothing, and 0 where there is none.
 */
export function addDamage(store: Store, device: DeviceId, record: number | null, code: DamageCode, sinceMs = 0): void {
  const row = store.first("SELECT count(*) FROM index_damage WHERE device = ?", [device]);
  if (row !== null && int(row, 0) >= MAX_A_DEVICE) return;
  const { lastId } = store.run("INSERT INTO index_damage (device, record, code) VALUES (?, ?, ?)", [
    device,
    record,
    code,
  ]);
  store.run("INSERT OR REPLACE INTO index_damage_since (damage, since_ms) VALUES (?, ?)", [lastId, sinceMs]);
}

/**
 * Whether any record is damaged that may say something of the time `atMs`. One that its device wrote after it was revoked is
 * told and is no damage: its owner shut it out, and all that was there before is read.
 */
export function hasDamage(store: Store, atMs: number = FOREVER_MS): boolean {
  const sql = `SELECT 1 FROM index_damage x LEFT JOIN index_damage_since s ON s.damage = x.id
    WHERE x.code <> 'record-after-revocation' AND coalesce(s.since_ms, 0) <= ? LIMIT 1`;
  return store.first(sql, [atMs]) !== null;
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
