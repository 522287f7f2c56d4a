// The structures of docs/format.md that a server reads, and the receipts that it signs. Rule: written from the page alone,
// over cborg and node:crypto, so that a mistake of the engine's own codec does not pass here.

import { createHash, hash, type KeyObject, sign } from "node:crypto";
import { decode, decodeFirst, encode } from "cborg";
import { toHex } from "./border-text.ts";
import { isSignedBy, rawPublicKeyOf, readSeed } from "./ed25519.ts";

const STRICT = { strict: true, allowIndefinite: false, allowUndefined: false, useMaps: true } as const;

export interface VaultObject {
  readonly vault: string;
  readonly number: number;
  readonly login: string;
  readonly loginHash: string;
  readonly recoveryLoginHash: string;
  readonly kdf: { readonly memoryKiB: number; readonly passes: number; readonly lanes: number };
  readonly salt16: Uint8Array;
  readonly signingKey: Uint8Array;
  readonly kemKey: Uint8Array;
}

export interface Roster {
  readonly vault: string;
  readonly version: number;
  /** Signing keys by device id. */
  readonly devices: ReadonlyMap<string, Uint8Array>;
  readonly revocations: ReadonlyMap<string, { readonly lastNumber: number; readonly lastHash: string }>;
}

export interface Envelope {
  readonly vault: string;
  readonly device: string;
  readonly number: number;
}

export interface RecordHeader extends Envelope {
  readonly previousHash: string;
  readonly epoch: number;
  readonly envelopeHash: string;
  readonly blobs: readonly string[];
  readonly referenceBlobs: readonly string[];
}

/** SHA-256, 32 bytes. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return hash("sha256", parts[0] as Uint8Array, "buffer");
  const digest = createHash("sha256");
  for (const part of parts) digest.update(part);
  return digest.digest();
}

/** An Ed25519 key pair from 32 bytes. */
export function makeSigningKey(seed: Uint8Array): { readonly privateKey: KeyObject; readonly publicKey: Uint8Array } {
  const privateKey = readSeed(seed);
  return { privateKey, publicKey: rawPublicKeyOf(privateKey) };
}

/** Signed bytes (F-4) over the CBOR of `structure`. */
export function signStructure(privateKey: KeyObject, kind: string, structure: readonly unknown[]): Uint8Array {
  const payload = encode(structure);
  return encode([payload, sign(null, signedText(kind, payload), privateKey)]);
}

/** Whether a signature over `kind` and `payload` holds. */
export function verifySignature(key: Uint8Array, kind: string, payload: Uint8Array, signature: Uint8Array): boolean {
  return isSignedBy(key, signedText(kind, payload), signature);
}

function signedText(kind: string, payload: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`coffre/1/${kind}\0`, "latin1"), payload]);
}

/** Reads signed bytes; null unless they are of that shape and the key's. `keyOf` finds the key in the fields. */
function openSigned(
  bytes: Uint8Array,
  kind: string,
  fieldCount: number,
  keyOf: (fields: readonly unknown[]) => unknown,
): readonly unknown[] | null {
  try {
    const outer: unknown = decode(bytes, STRICT);
    if (!Array.isArray(outer) || outer.length !== 2 || !isBytes(outer[1], 64) || !isBytes(outer[0])) return null;
    const fields: unknown = decode(outer[0], STRICT);
    if (!Array.isArray(fields) || fields.length !== fieldCount || fields[0] !== 1) return null;
    const key = keyOf(fields);
    return isBytes(key, 32) && verifySignature(key, kind, outer[0], outer[1]) ? fields : null;
  } catch {
    return null;
  }
}

/** A vault object that is signed by its own key and whose id is right; else null. */
export function readVaultObject(bytes: Uint8Array): VaultObject | null {
  const fields = openSigned(bytes, "vault-object", 13, (all) => all[10]);
  if (fields === null) return null;
  const [, vault, number, login, loginHash, recoveryLoginHash, kdf, salt16, wrap, recoveryWrap, signingKey, kemKey] =
    fields;
  const fits =
    isBytes(vault, 32) &&
    isBytes(loginHash, 32) &&
    isBytes(recoveryLoginHash, 32) &&
    isBytes(salt16, 16) &&
    isBytes(wrap, 60) &&
    isBytes(recoveryWrap, 60) &&
    isBytes(signingKey, 32) &&
    isBytes(kemKey, 1_216);
  if (!fits || typeof login !== "string" || !isCount(number) || !Array.isArray(kdf) || fields[12] !== 0) return null;
  const [memoryKiB, passes, lanes] = kdf as readonly unknown[];
  if (!isCount(memoryKiB) || !isCount(passes) || !isCount(lanes)) return null;
  if (memoryKiB < 65_536 || memoryKiB > 1_048_576 || passes < 3 || passes > 16 || lanes > 4) return null;
  if (!/^[a-z0-9._@-]{3,64}$/.test(login) || toHex(sha256(signingKey, kemKey)) !== toHex(vault)) return null;
  return {
    vault: toHex(vault),
    number,
    login,
    loginHash: toHex(loginHash),
    recoveryLoginHash: toHex(recoveryLoginHash),
    kdf: { memoryKiB, passes, lanes },
    salt16,
    signingKey,
    kemKey,
  };
}

/** A roster that this vault signed, with certificates that it signed; else null. */
export function readRoster(bytes: Uint8Array, vault: string, vaultKey: Uint8Array): Roster | null {
  const fields = openSigned(bytes, "roster", 5, () => vaultKey);
  if (fields === null) return null;
  const [, id, version, listed, revoked] = fields;
  if (
    !isBytes(id, 32) ||
    toHex(id) !== vault ||
    !isCount(version) ||
    !Array.isArray(listed) ||
    !Array.isArray(revoked)
  ) {
    return null;
  }
  const devices = new Map<string, Uint8Array>();
  for (const row of listed as readonly unknown[]) {
    const certificate = Array.isArray(row) && isBytes(row[0]) && isBytes(row[1], 92) ? row[0] : null;
    const key = certificate === null ? null : readCertificate(certificate, vault, vaultKey);
    if (key === null) return null;
    devices.set(toHex(sha256(key)), key);
  }
  const revocations = new Map<string, { lastNumber: number; lastHash: string }>();
  for (const row of revoked as readonly unknown[]) {
    if (!Array.isArray(row) || !isBytes(row[0], 32) || typeof row[1] !== "number" || !isBytes(row[2], 32)) return null;
    revocations.set(toHex(row[0]), { lastNumber: row[1], lastHash: toHex(row[2]) });
  }
  if (!isAscending([...devices.keys()]) || !isAscending([...revocations.keys()]) || devices.size > 64) return null;
  return { vault, version, devices, revocations };
}

/** The signing key that a certificate names, or null. */
function readCertificate(bytes: Uint8Array, vault: string, vaultKey: Uint8Array): Uint8Array | null {
  const fields = openSigned(bytes, "certificate", 6, () => vaultKey);
  if (fields === null) return null;
  const [, id, device, signingKey, kemKey] = fields;
  if (!isBytes(id, 32) || !isBytes(device, 32) || !isBytes(signingKey, 32) || !isBytes(kemKey, 1_216)) return null;
  return toHex(id) === vault && toHex(device) === toHex(sha256(signingKey)) ? signingKey : null;
}

/** An epoch's envelope that this device signed, or null. */
export function readEnvelope(bytes: Uint8Array, deviceKey: Uint8Array): Envelope | null {
  const fields = openSigned(bytes, "epoch", 6, () => deviceKey);
  if (fields === null) return null;
  const [, vault, device, number, enc, sealed] = fields;
  if (!isBytes(vault, 32) || !isBytes(device, 32) || !isCount(number)) return null;
  if (!isBytes(enc, 1_120) || !isBytes(sealed, 60)) return null;
  return { vault: toHex(vault), device: toHex(device), number };
}

/** Whether a challenge's answer is signed by the device over what it must be over. */
export function isChallengeAnswer(
  bytes: Uint8Array,
  key: Uint8Array,
  expected: readonly [string, string, string, string],
): boolean {
  const fields = openSigned(bytes, "challenge", 5, () => key);
  return (
    fields !== null &&
    expected.every((hex, index) => isBytes(fields[index + 1], 32) && toHex(fields[index + 1] as Uint8Array) === hex)
  );
}

/** The header in front of a record, or null. */
export function readRecordHeader(record: Uint8Array): RecordHeader | null {
  let fields: unknown;
  try {
    [fields] = decodeFirst(record, STRICT);
  } catch {
    return null;
  }
  if (!Array.isArray(fields) || fields.length !== 12 || fields[0] !== 1 || fields[1] !== 0) return null;
  const [, , vault, device, number, previousHash, epoch, envelopeHash, startId, blobs, referenceBlobs, checkpoint] =
    fields as readonly unknown[];
  if (!isBytes(vault, 32) || !isBytes(device, 32) || !isCount(number) || !isBytes(previousHash, 32)) return null;
  if (!isCount(epoch) || !isBytes(envelopeHash, 32) || !isBytes(startId, 16)) return null;
  const direct = readIds(blobs, 1_000);
  const indirect = readIds(referenceBlobs, 64);
  if (direct === null || indirect === null || (checkpoint !== null && !isBytes(checkpoint))) return null;
  if (direct.length > 0 && indirect.length > 0) return null;
  return {
    vault: toHex(vault),
    device: toHex(device),
    number,
    previousHash: toHex(previousHash),
    epoch,
    envelopeHash: toHex(envelopeHash),
    blobs: direct,
    referenceBlobs: indirect,
  };
}

/** The ids in a reference blob (F-56), or null when it is none. */
export function readReferenceBlob(bytes: Uint8Array): readonly string[] | null {
  if (bytes.length === 0 || bytes.length % 32 !== 0) return null;
  const ids: string[] = [];
  for (let at = 0; at < bytes.length; at += 32) ids.push(toHex(bytes.subarray(at, at + 32)));
  return isAscending(ids) ? ids : null;
}

function readIds(value: unknown, most: number): readonly string[] | null {
  if (!Array.isArray(value) || value.length > most || !value.every((id) => isBytes(id, 32))) return null;
  const ids = value.map((id) => toHex(id as Uint8Array));
  return isAscending(ids) ? ids : null;
}

function isAscending(ids: readonly string[]): boolean {
  return ids.every((id, index) => index === 0 || (ids[index - 1] as string) < id);
}

function isBytes(value: unknown, length?: number): value is Uint8Array {
  return value instanceof Uint8Array && (length === undefined || value.length === length);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 1;
}
