// Answering audits (P-44): the digest of a nonce and a piece of a blob, which only who has the bytes can give. Rule: what cannot be
// read is said to be so, and looked at again as whoever finds a damaged blob does.

import { createHash } from "node:crypto";
import { repairBlob } from "./blob-repair.ts";
import { openStored } from "./blobs.ts";
import type { Id } from "./encodings.ts";
import { formatBase64 } from "./encodings.ts";
import type { Instance } from "./instance.ts";

/** Pieces are counted from a blob's beginning, in steps of this. */
const PIECE_BYTES = 65_536;
/** Pieces that one request may ask for: 16 MiB to read. */
export const MAX_AUDITS = 256;

export type Audit = { readonly blob: Id; readonly piece: number; readonly nonce: Uint8Array };

/** The answers in the order of the questions; null for a blob or piece that the vault lacks. */
export async function answerAudits(
  instance: Instance,
  vault: Id,
  audits: readonly Audit[],
): Promise<(string | null)[]> {
  const answers: (string | null)[] = [];
  for (const audit of audits) answers.push(await answerAudit(instance, vault, audit));
  return answers;
}

async function answerAudit(instance: Instance, vault: Id, { blob, piece, nonce }: Audit): Promise<string | null> {
  const first = piece * PIECE_BYTES;
  const found = await openStored(instance, vault, blob, first, PIECE_BYTES);
  if (found === null) return null;
  const { stored, body, sizeBytes } = found;
  const hash = createHash("sha256").update(nonce);
  let readBytes = 0;
  if (body !== null) {
    for await (const bytes of body) {
      hash.update(bytes as Uint8Array);
      readBytes += (bytes as Uint8Array).length;
    }
  }
  if (readBytes === sizeBytes) return formatBase64(hash.digest());
  await repairBlob(instance, stored);
  return null;
}
