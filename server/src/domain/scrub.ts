// Looking whether stored blobs are still what they were. Rule: a damaged blob is marked, never removed; its owner's
// device sends it again (P-40, P-41).

import { createHash } from "node:crypto";
import type { Id } from "./encodings.ts";
import type { Instance } from "./instance.ts";
import type { StoredBlob } from "./storage.ts";

export type ScrubResult = { readonly blobs: number; readonly bytes: number; readonly damaged: number };

type BlobRow = { vault: Id; id: Id; suffix: string; size_bytes: number };

const PAGE = 500;

/** Reads every blob and marks those whose bytes are gone or do not hash to their id. */
export async function scrubBlobs(instance: Instance): Promise<ScrubResult> {
  let blobs = 0;
  let bytes = 0;
  let damaged = 0;
  let last: { vault: string; id: string } = { vault: "", id: "" };
  for (;;) {
    const rows = await instance.database.read<BlobRow>(
      `SELECT vault, id, suffix, size_bytes FROM blobs WHERE vault > $1 OR (vault = $1 AND id > $2)
        ORDER BY vault, id LIMIT ${PAGE}`,
      [last.vault, last.id],
    );
    for (const row of rows) {
      blobs += 1;
      bytes += row.size_bytes;
      if (await isWhole(instance, row)) continue;
      damaged += await markDamaged(instance, row);
    }
    const end = rows.at(-1);
    if (end === undefined) return { blobs, bytes, damaged };
    last = end;
  }
}

async function isWhole(instance: Instance, row: BlobRow): Promise<boolean> {
  const stored: StoredBlob = { vault: row.vault, id: row.id, suffix: row.suffix, sizeBytes: row.size_bytes };
  const body = await instance.blobs.open(stored, null);
  if (body === null) return false;
  const hash = createHash("sha256");
  try {
    for await (const piece of body) hash.update(piece as Uint8Array);
  } catch {
    // A sector that cannot be read is damage too.
    return false;
  }
  return hash.digest("hex") === row.id;
}

/** 0 when the blob was sent again, or removed, while it was read. */
async function markDamaged(instance: Instance, row: BlobRow): Promise<number> {
  const marked = await instance.database.transaction((transaction) =>
    transaction.query(`UPDATE blobs SET damaged = 1 WHERE vault = $1 AND id = $2 AND suffix = $3 RETURNING id`, [
      row.vault,
      row.id,
      row.suffix,
    ]),
  );
  return marked.length;
}
