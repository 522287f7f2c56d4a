// Names of things by digest. Rule: an id is 64 lower-case hexadecimal digits wherever the engine keeps, compares or
// prints it, and a brand says of what; only the format writes the 32 bytes.

import { toHex } from "./bytes.ts";
import { CoffreError, invariant } from "./errors.ts";

/** Any SHA-256 or HMAC-SHA-256 as 64 lower-case hexadecimal digits. */
export type Digest = string & { readonly digest: true };
/** SHA-256 of the vault's signing key and KEM key (docs/format.md F-14). */
export type VaultId = Digest & { readonly vaultId: true };
/** SHA-256 of a device's signing key (F-14). */
export type DeviceId = Digest & { readonly deviceId: true };
/** Keyed digest of a chunk (F-51), or of a list (docs/format.md 7). */
export type ChunkId = Digest & { readonly chunkId: true };
/** SHA-256 of all bytes of a blob (F-55). */
export type BlobId = Digest & { readonly blobId: true };

/** What stands where there is no hash yet: `previousHash` of the first record (F-60). */
export const ZERO_DIGEST: Digest = "0".repeat(64) as Digest;

/** How many bytes an id has on the wire. */
export const ID_BYTES = 32;

const PATTERN = /^[0-9a-f]{64}$/;

/** `text` as a digest; `peer-malformed` unless it is 64 lower-case hexadecimal digits. */
export function parseDigest(text: string): Digest {
  if (!PATTERN.test(text)) throw new CoffreError("peer-malformed", "expected 64 lower-case hexadecimal digits");
  return text as Digest;
}

/** `text` of a host's answer as a digest; `host-malformed` unless it is one. */
export function parseHostDigest(text: unknown): Digest {
  if (typeof text !== "string" || !PATTERN.test(text)) {
    throw new CoffreError("host-malformed", "expected 64 lower-case hexadecimal digits");
  }
  return text as Digest;
}

/** An id that our own tables hold; our own bug, and never the server's, when it is none. */
export function storedId<T extends Digest>(text: string): T {
  invariant(PATTERN.test(text), "a stored id is not 64 lower-case hexadecimal digits");
  return text as T;
}

/** `text` as a vault id; errors as `parseDigest`. */
export function parseVaultId(text: string): VaultId {
  return parseDigest(text) as VaultId;
}

/** `text` as a device id; errors as `parseDigest`. */
export function parseDeviceId(text: string): DeviceId {
  return parseDigest(text) as DeviceId;
}

/** `text` as a blob id; errors as `parseDigest`. */
export function parseBlobId(text: string): BlobId {
  return parseDigest(text) as BlobId;
}

/** The digest whose 32 bytes these are; `peer-malformed` for another length. */
export function digestOf(bytes: Uint8Array): Digest {
  if (bytes.length !== ID_BYTES) throw new CoffreError("peer-malformed", `expected 32 bytes, got ${bytes.length}`);
  return toHex(bytes) as Digest;
}
