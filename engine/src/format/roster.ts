// Certificates and the roster (docs/format.md 4): which devices belong to a vault, and which no longer. Rule: both are
// believed only as payloads of signed bytes under the vault's key.

import { utf8Decode, utf8Encode } from "../bytes.ts";
import { deviceIdOf } from "../crypto/vault-keys.ts";
import { invariant } from "../errors.ts";
import type { DeviceId, Digest, VaultId } from "../ids.ts";
import type { CborValue } from "./cbor.ts";
import { decodeCbor, encodeCbor } from "./cbor.ts";
import {
  FORMAT_VERSION,
  isAscending,
  malformed,
  readAnyBytes,
  readArray,
  readBytes,
  readId,
  readInteger,
  readItems,
  readStructure,
} from "./fields.ts";
import { idBytes } from "./id-bytes.ts";
import { decodeSigned } from "./signed.ts";

/** A device's two public keys, 32 and 1,216 bytes. */
export interface Certificate {
  readonly vault: VaultId;
  readonly device: DeviceId;
  readonly signingKey: Uint8Array;
  readonly kemKey: Uint8Array;
  readonly createdAtMs: number;
}

/** A device of the roster: its certificate as signed bytes, its name sealed in 92 bytes. */
export interface RosterDevice {
  readonly device: DeviceId;
  readonly certificate: Uint8Array;
  readonly sealedName: Uint8Array;
}

/** From `lastNumber` on (0: from the first) the device's records are refused; `lastHash` is the last good record's (F-35). */
export interface Revocation {
  readonly device: DeviceId;
  readonly lastNumber: number;
  readonly lastHash: Digest;
}

/** Devices and revocations in ascending order of device id (F-33). */
export interface Roster {
  readonly vault: VaultId;
  readonly version: number;
  readonly devices: readonly RosterDevice[];
  readonly revocations: readonly Revocation[];
}

export const MAX_DEVICES = 64;

const NAME_BYTES = 64;
const SEALED_NAME_BYTES = 92;
const SIGNING_KEY_BYTES = 32;
const KEM_KEY_BYTES = 1_216;

/** A payload for kind `certificate`. */
export function encodeCertificate(c: Certificate): Uint8Array {
  return encodeCbor([FORMAT_VERSION, idBytes(c.vault), idBytes(c.device), c.signingKey, c.kemKey, c.createdAtMs]);
}

/** The fields of a payload; `peer-malformed`. The device's id fits its signing key (F-14). */
export function decodeCertificate(payload: Uint8Array): Certificate {
  const fields = readStructure(decodeCbor(payload), 6);
  const device = readId<DeviceId>(fields[2]);
  const signingKey = readBytes(fields[3], SIGNING_KEY_BYTES);
  if (deviceIdOf(signingKey) !== device) throw malformed("the device id of this key");
  return {
    vault: readId(fields[1]),
    device,
    signingKey,
    kemKey: readBytes(fields[4], KEM_KEY_BYTES),
    createdAtMs: readInteger(fields[5], 0),
  };
}

/** A payload for kind `roster`. The caller has both lists in order; an InvariantError when not. */
export function encodeRoster(r: Roster): Uint8Array {
  invariant(r.devices.length <= MAX_DEVICES, "a roster has at most 64 devices");
  invariant(isInOrder(r.devices) && isInOrder(r.revocations), "a roster is in ascending order of device id");
  return encodeCbor([
    FORMAT_VERSION,
    idBytes(r.vault),
    r.version,
    r.devices.map((d) => [d.certificate, d.sealedName]),
    r.revocations.map((v) => [idBytes(v.device), v.lastNumber, idBytes(v.lastHash)]),
  ]);
}

/**
 * The fields of a payload; `peer-malformed`. A device's id comes from its certificate, which must be of the same vault;
 * the certificates' own signatures are still to be checked, each with `openSigned`.
 */
export function decodeRoster(payload: Uint8Array): Roster {
  const fields = readStructure(decodeCbor(payload), 5);
  const vault = readId<VaultId>(fields[1]);
  const version = readInteger(fields[2], 1);
  const devices = readItems(fields[3], 0, MAX_DEVICES).map((item) => readDevice(item, vault));
  const revocations = readItems(fields[4], 0, MAX_DEVICES).map(readRevocation);
  if (!isInOrder(devices) || !isInOrder(revocations)) throw malformed("ascending device ids");
  const known = new Set(devices.map((d) => d.device));
  if (!revocations.every((r) => known.has(r.device))) throw malformed("revoked devices among the devices");
  return { vault, version, devices, revocations };
}

/** A device's name as it is sealed: its UTF-8, then zeros up to 64 bytes (F-34). Null unless it has 1 to 64 bytes. */
export function padName(text: string): Uint8Array | null {
  const name = utf8Encode(text);
  if (name.length < 1 || name.length > NAME_BYTES || name.includes(0)) return null;
  const bytes = new Uint8Array(NAME_BYTES);
  bytes.set(name);
  return bytes;
}

/** The name in 64 opened bytes; `peer-malformed` when it is empty, not UTF-8 or not followed by zeros alone. */
export function unpadName(bytes: Uint8Array): string {
  const padded = readBytes(bytes, NAME_BYTES);
  let length = NAME_BYTES;
  while (length > 0 && padded[length - 1] === 0) length--;
  const name = utf8Decode(padded.subarray(0, length));
  if (name === null || name === "" || name.includes("\0")) throw malformed("a name of 1 to 64 bytes of UTF-8");
  return name;
}

function readDevice(value: CborValue, vault: VaultId): RosterDevice {
  const fields = readArray(value, 2);
  const certificate = readAnyBytes(fields[0]);
  const decoded = decodeCertificate(decodeSigned(certificate).payload);
  if (decoded.vault !== vault) throw malformed("certificates of the same vault");
  return { device: decoded.device, certificate, sealedName: readBytes(fields[1], SEALED_NAME_BYTES) };
}

function readRevocation(value: CborValue): Revocation {
  const fields = readArray(value, 3);
  return { device: readId(fields[0]), lastNumber: readInteger(fields[1], 0), lastHash: readId(fields[2]) };
}

function isInOrder(items: readonly { readonly device: DeviceId }[]): boolean {
  return isAscending(items.map((item) => item.device));
}
