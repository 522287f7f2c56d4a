// Looking at a blob's files themselves, whatever rows say. Rule: an error of the store is thrown on: it says nothing about
// the bytes.

import { createHash } from "node:crypto";
import type { Id } from "./encodings.ts";
import type { BlobStore, StoredBlob } from "./storage.ts";

/** Whether the file is there, has the blob's size, and hashes to its id. */
export async function isWhole(blobs: BlobStore, stored: StoredBlob): Promise<boolean> {
  const body = await blobs.open(stored, null);
  if (body === null) return false;
  const hash = createHash("sha256");
  for await (const piece of body) hash.update(piece as Uint8Array);
  return hash.digest("hex") === stored.id;
}

/** An upload of the blob that hashes right, other than the one named `besides`; null when there is none. */
export async function findWholeFile(
  blobs: BlobStore,
  vault: Id,
  id: Id,
  besides: string | null,
): Promise<StoredBlob | null> {
  for (const stored of await blobs.find(vault, id)) {
    if (stored.suffix !== besides && (await isWhole(blobs, stored))) return stored;
  }
  return null;
}
