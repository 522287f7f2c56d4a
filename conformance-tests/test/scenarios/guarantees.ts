// What must hold in the engine's tables after each step, whatever happened: the guarantees at the heads of
// engine/src/backup/tables, in their words. Rule: read from outside, by SQL of its own, so that a wrong engine cannot agree with
// itself.

import type { ScriptedHost } from "../../scripted-host/scripted-host.ts";

/** Each query gives rows that must not exist. */
export const FORBIDDEN: readonly (readonly [guarantee: string, sql: string])[] = [
  [
    "a file is synced only by a record with a receipt",
    `SELECT e.id FROM entry e LEFT JOIN record r ON r.number = e.record AND r.state = 1 AND r.receipt IS NOT NULL
     WHERE e.state = 0 AND e.kind = 1 AND r.number IS NULL`,
  ],
  [
    "what is ready or recording has all its pieces in stored blobs",
    `SELECT e.id FROM entry e JOIN piece p ON p.entry = e.id JOIN chunk c ON c.id = p.chunk LEFT JOIN blob b ON b.id = c.blob
     WHERE e.state IN (5, 6) AND (b.state IS NULL OR b.state = 0)`,
  ],
  [
    "what is ready has as many pieces as its size asks for",
    `SELECT e.id FROM entry e WHERE e.state = 5 AND e.kind = 1
     AND (SELECT count(*) FROM piece p WHERE p.entry = e.id AND p.idx >= 0) <> (e.size + 983039) / 983040`,
  ],
  [
    "pending counts the pieces that are not stored",
    `SELECT e.id FROM entry e WHERE e.state = 3 AND e.size <= 983040000 AND e.pending <> (SELECT count(*) FROM piece p
     JOIN chunk c ON c.id = p.chunk LEFT JOIN blob b ON b.id = c.blob WHERE p.entry = e.id AND coalesce(b.state, 0) = 0)`,
  ],
  [
    "a piece names a chunk that is there",
    "SELECT p.entry FROM piece p LEFT JOIN chunk c ON c.id = p.chunk WHERE c.id IS NULL",
  ],
  [
    "a planned chunk names a blob that is there",
    "SELECT c.id FROM chunk c LEFT JOIN blob b ON b.id = c.blob WHERE c.blob <> 0 AND b.id IS NULL",
  ],
  ["one record at the most waits for its receipt", "SELECT 1 FROM record WHERE state = 0 LIMIT 1 OFFSET 1"],
  ["a waiting entry has a reason", "SELECT id FROM entry WHERE state = 9 AND reason IS NULL"],
  ["an excluded entry has a rule", "SELECT id FROM entry WHERE state = 10 AND rule IS NULL"],
  [
    "an entry lies in a folder that is there",
    "SELECT e.id FROM entry e LEFT JOIN folder f ON f.id = e.folder WHERE f.id IS NULL",
  ],
];

/** Throws with the guarantee's words when one does not hold. */
export function checkGuarantees(host: ScriptedHost): void {
  if (!host.store.hasTable("entry")) return;
  for (const [guarantee, sql] of FORBIDDEN) {
    const rows = host.store.query(sql);
    if (rows.length > 0) throw new Error(`does not hold: ${guarantee} (${JSON.stringify(rows.slice(0, 3))})`);
  }
}
