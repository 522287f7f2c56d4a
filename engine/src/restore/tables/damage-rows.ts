// What is wrong with what a server gave (docs/host-api.md §6). Rule: damage is kept in the Store the moment it is found,
// and every ask shows all of it.

import type { DamageCode } from "../../border/reasons.ts";
import type { DamageView } from "../../border/views.ts";
import type { DeviceId } from "../../ids.ts";
import { columns, exists, int, orNull, scalar, text } from "../../store/columns.ts";
import type { Store } from "../../store/store.ts";
import { FOREVER_MS, KIND } from "./version-rows.ts";

/** At most this many of one device's records are named one by one; a server could invent any number. */
const MAX_A_DEVICE = 1_000;

/**
 * Keeps that a record of a device, or (null) the device itself, is damaged; `sinceMs` is the time of a receipt that holds,
 * before which the record can say nothing, and 0 where there is none.
 */
export function addDamage(store: Store, device: DeviceId, record: number | null, code: DamageCode, sinceMs = 0): void {
  if (scalar(store, int, "SELECT count(*) FROM index_damage WHERE device = ?", [device]) >= MAX_A_DEVICE) return;
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
  const rest = `FROM index_damage x LEFT JOIN index_damage_since s ON s.damage = x.id
    WHERE x.code <> 'record-after-revocation' AND coalesce(s.since_ms, 0) <= ?`;
  return exists(store, rest, [atMs]);
}

/** Whether damage was named of a record, or (null) of any of the device's. */
export function isDamaged(store: Store, device: DeviceId, record: number | null): boolean {
  return exists(store, "FROM index_damage WHERE device = ? AND (? IS NULL OR record = ?)", [device, record, record]);
}

/** Damage that each reading finds anew is forgotten first, so that it is named once. */
export function forgetHeadDamage(store: Store): void {
  store.run("DELETE FROM index_damage WHERE code IN ('record-withheld', 'device-not-certified')");
}

/** Some damage, and the row to go on behind; null at the end. */
export interface DamagePage {
  readonly views: DamageView[];
  readonly next: number | null;
}

const OF_RECORD = columns({
  id: ["x.id", int],
  code: ["x.code", text],
  device: ["coalesce(d.name, substr(x.device, 1, 8))", text],
  record: ["x.record", orNull(int)],
});
const OF_FILE = columns({
  id: ["f.id", int],
  code: ["f.code", text],
  device: ["d.name", text],
  root: ["r.name", text],
  path: ["v.path", text],
});

/** Damaged records behind row `after`, up to `limit`. */
export function readDamages(store: Store, after: number, limit: number): DamagePage {
  const found = OF_RECORD.all(
    store,
    `FROM index_damage x LEFT JOIN index_device d ON d.device = x.device WHERE x.id > ? ORDER BY x.id LIMIT ${limit}`,
    [after],
  );
  const views = found.map(({ code, device, record }) => ({ code, device, ...(record === null ? {} : { record }) }));
  return { views, next: nextOf(found, limit) };
}

/** Files, folders and links that were not restored, by row as `readDamages`. */
export function readFileDamages(store: Store, after: number, limit: number): DamagePage {
  const found = OF_FILE.all(
    store,
    `FROM restore_file f JOIN index_version v ON v.id = f.version
       JOIN index_root r ON r.id = v.root JOIN index_device d ON d.id = r.device
      WHERE f.id > ? AND f.code IS NOT NULL ORDER BY f.id LIMIT ${limit}`,
    [after],
  );
  const views = found.map(({ code, device, root, path }) => ({ code, device, root, path }));
  return { views, next: nextOf(found, limit) };
}

const SHUT_OUT = columns({
  id: ["f.id", int],
  device: ["d.name", text],
  root: ["r.name", text],
  path: ["v.path", text],
});

/** Files that were restored out of what a device recorded from `seq` on, by row as `readDamages`. */
export function readShutOut(store: Store, device: number, seq: number, after: number, limit: number): DamagePage {
  const found = SHUT_OUT.all(
    store,
    `FROM restore_file f JOIN index_version v ON v.id = f.version
       JOIN index_root r ON r.id = v.root JOIN index_device d ON d.id = r.device
      WHERE f.id > ? AND f.code IS NULL AND v.kind = ${KIND.file} AND d.id = ? AND v.seq >= ? ORDER BY f.id LIMIT ${limit}`,
    [after, device, seq],
  );
  const code: DamageCode = "record-after-revocation";
  const views = found.map(({ device: name, root, path }) => ({ code, device: name, root, path }));
  return { views, next: nextOf(found, limit) };
}

function nextOf(found: readonly { readonly id: number }[], limit: number): number | null {
  const last = found.at(-1);
  return last === undefined || found.length < limit ? null : last.id;
}
