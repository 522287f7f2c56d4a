// What an account and its devices use (P-80). Rule: whoever adds or removes bytes counts them in the same transaction.

import type { Transaction } from "./database.ts";
import type { Id } from "./encodings.ts";

/** Counts bytes for the vault and, where one wrote them, for the device. Negative when blobs are removed. */
export async function addUsage(
  transaction: Transaction,
  vault: Id,
  device: Id | null,
  sizeBytes: number,
): Promise<void> {
  await transaction.query(`UPDATE vaults SET used_bytes = used_bytes + $2 WHERE vault = $1`, [vault, sizeBytes]);
  if (device === null) return;
  await transaction.query(`UPDATE devices SET used_bytes = used_bytes + $3 WHERE vault = $1 AND device = $2`, [
    vault,
    device,
    sizeBytes,
  ]);
}
