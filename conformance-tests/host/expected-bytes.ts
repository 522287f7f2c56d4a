// What a host's byte plane must make, computed here (docs/format.md 3, F-51). Rule: written from that page, and used by no host.

import { createCipheriv, createHash, createHmac } from "node:crypto";

export const CHUNK_BYTES = 983_040;
/** How much longer sealed bytes are (F-20). */
export const SEAL_BYTES = 28;

export function sha256(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

/** The keyed digest of a chunk, in hex (F-51). */
export function keyedDigest(key: Buffer, chunk: Uint8Array): string {
  return createHmac("sha256", key).update(sha256(chunk)).digest("hex");
}

/** The keyed digests of `content` cut into chunks. */
export function keyedDigests(key: Buffer, content: Buffer, chunkBytes: number): string[] {
  const count = Math.ceil(content.length / chunkBytes);
  return Array.from({ length: count }, (_, at) =>
    keyedDigest(key, content.subarray(at * chunkBytes, (at + 1) * chunkBytes)),
  );
}

/** `seal` of docs/format.md 3. */
export function sealBytes(root: Buffer, context: string, bytes: Uint8Array): Buffer {
  const info = Buffer.from(context);
  const key = createHmac("sha256", root).update(info).update(Buffer.of(1)).digest();
  const nonceKey = createHmac("sha256", root).update(key).update(info).update(Buffer.of(2)).digest();
  const nonce = createHmac("sha256", nonceKey).update(sha256(bytes)).digest().subarray(0, 12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(info);
  return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

/** The context of a chunk. */
export function chunkContext(digest: string): string {
  return `coffre/1/chunk/${digest}`;
}
