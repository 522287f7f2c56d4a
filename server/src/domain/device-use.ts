// How devices use the server, for their owner to see (P-22). Rule: what is noted here is a kindness: it is in the database alone,
// and that it cannot be written refuses nobody.

import type { Id } from "./encodings.ts";
import { formatTime } from "./encodings.ts";
import type { Instance } from "./instance.ts";

/** What the start bundle says of a device beside its head. */
export type DeviceUse = {
  /** When it last got a token, to the hour; absent when it never did, or nobody noted it. */
  readonly seenAt?: string;
  /** What of it the quota counts. */
  readonly storedBytes: number;
};

/** A time that is noted less often than tokens are given. */
const NOTED_EVERY_MS = 60 * 60_000;

/** Notes that a device was here. */
export async function noteSeen(instance: Instance, vault: Id, device: Id): Promise<void> {
  const now = instance.now();
  try {
    const [row] = await instance.database.read<{ seen_at_ms: number | null }>(
      `SELECT seen_at_ms FROM devices WHERE vault = $1 AND device = $2`,
      [vault, device],
    );
    const seen = row?.seen_at_ms ?? null;
    if (seen !== null && Math.abs(now - seen) < NOTED_EVERY_MS) return;
    await instance.database.transaction((transaction) =>
      transaction.query(`UPDATE devices SET seen_at_ms = $3 WHERE vault = $1 AND device = $2`, [vault, device, now]),
    );
  } catch {
    // Reading begins on a full disk too (P-82).
  }
}

/** The use of each of a vault's devices. */
export async function listDeviceUse(instance: Instance, vault: Id): Promise<ReadonlyMap<Id, DeviceUse>> {
  const rows = await instance.database.read<{ device: Id; used_bytes: number; seen_at_ms: number | null }>(
    `SELECT device, used_bytes, seen_at_ms FROM devices WHERE vault = $1`,
    [vault],
  );
  return new Map(
    rows.map(({ device, used_bytes, seen_at_ms }) => [
      device,
      { storedBytes: used_bytes, ...(seen_at_ms === null ? {} : { seenAt: formatTime(seen_at_ms) }) },
    ]),
  );
}
