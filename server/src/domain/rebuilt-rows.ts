// Looking a rebuilt database through before it replaces another one. Rule: every object has its rows or is named, and every
// log is a chain without a hole that is not named.

import type { Id } from "./encodings.ts";
import type { Instance } from "./instance.ts";
import { listLost } from "./lost-objects.ts";

/** What does not add up, in words and without names; empty when all is well. */
export async function inspectRows(instance: Instance, passedOver: readonly Id[]): Promise<string[]> {
  const { database, journal } = instance;
  const faults: string[] = [];
  const lost = await listLost(database);
  const skipped = new Set(passedOver);
  for (const vault of await journal.listVaults()) {
    if (skipped.has(vault)) continue;
    const last = (await journal.list(vault)).at(-1) ?? 0;
    const [row] = await database.read<{ sequence: number; used_bytes: number }>(
      "SELECT sequence, used_bytes FROM vaults WHERE vault = $1",
      [vault],
    );
    // Numbers that were only ever reserved belong to no account.
    if (row === undefined) continue;
    if (row.sequence !== last) faults.push(`an account has rows up to object ${row.sequence} of ${last}`);
    const [sum] = await database.read<{ total: number }>(
      `SELECT (SELECT COALESCE(SUM(size_bytes), 0) FROM blobs WHERE vault = $1)
        + (SELECT COALESCE(SUM(size_bytes), 0) FROM records WHERE vault = $1) AS total`,
      [vault],
    );
    if (row.used_bytes < (sum?.total ?? 0)) faults.push("an account uses less than its blobs and records have");
    if (lost.some((object) => object.vault === vault)) continue;
    const logs = await database.read<{ count: number; last: number }>(
      "SELECT COUNT(*) AS count, MAX(number) AS last FROM records WHERE vault = $1 GROUP BY device",
      [vault],
    );
    if (logs.some((log) => log.count !== log.last)) faults.push("a log has a hole, and no object is missing");
  }
  return faults;
}
