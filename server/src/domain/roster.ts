// Rosters and certificates (docs/format.md 4, F-33). Rule: everything in a roster carries the vault's signature.

import { type Item, readAnyBytes, readBytes, readFields, readInteger, readList } from "./cbor.ts";
import { formatId, hashBytes, type Id } from "./encodings.ts";
import { malformed } from "./refusal.ts";
import { openSigned } from "./signed-bytes.ts";
import { KEM_KEY_BYTES } from "./vault-object.ts";

export type Roster = {
  readonly vault: Id;
  readonly version: number;
  readonly devices: readonly RosterDevice[];
  readonly revocations: readonly Revocation[];
};

export type RosterDevice = { readonly device: Id; readonly signingKey: Uint8Array };

/** A device whose log ends with `lastNumber`; 0 and zeros for a device that wrote nothing. */
export type Revocation = { readonly device: Id; readonly lastNumber: number; readonly lastHash: Id };

const MAX_DEVICES = 64;
const SEALED_NAME_BYTES = 92;

/** Reads a roster of `vault`, checking its signature and each certificate's; Refusal `malformed` otherwise. */
export function parseRoster(bytes: Uint8Array, vault: Id, vaultSigningKey: Uint8Array): Roster {
  const fields = readFields(openSigned(bytes, "roster", vaultSigningKey), 5);
  readInteger(fields[0], 1, 1);
  requireVault(fields[1], vault);
  const devices = readList(fields[3], 0, MAX_DEVICES).map((item) => parseRosterDevice(item, vault, vaultSigningKey));
  const revocations = readList(fields[4], 0, MAX_DEVICES).map(parseRevocation);
  requireAscending(devices.map((entry) => entry.device));
  requireAscending(revocations.map((entry) => entry.device));
  const known = new Set(devices.map((entry) => entry.device));
  if (revocations.some((entry) => !known.has(entry.device))) throw malformed("a revoked device is not in the roster");
  return { vault, version: readInteger(fields[2], 1), devices, revocations };
}

/** Refusal `malformed` unless the ids are strictly ascending. */
export function requireAscending(ids: readonly Id[]): void {
  for (let index = 1; index < ids.length; index += 1) {
    if ((ids[index - 1] as Id) >= (ids[index] as Id)) throw malformed("ids are not in strictly ascending order");
  }
}

/** Refusal `malformed` unless the field holds this vault's id. */
export function requireVault(item: Item | undefined, vault: Id): void {
  if (formatId(readBytes(item, 32)) !== vault) throw malformed("the structure names another vault");
}

function parseRosterDevice(item: Item, vault: Id, vaultSigningKey: Uint8Array): RosterDevice {
  const [certificate, sealedName] = readFields(item, 2);
  readBytes(sealedName, SEALED_NAME_BYTES);
  const fields = readFields(openSigned(readAnyBytes(certificate), "certificate", vaultSigningKey), 6);
  readInteger(fields[0], 1, 1);
  requireVault(fields[1], vault);
  const device = readBytes(fields[2], 32);
  const signingKey = readBytes(fields[3], 32);
  readBytes(fields[4], KEM_KEY_BYTES);
  readInteger(fields[5], 0);
  if (Buffer.compare(device, hashBytes(signingKey)) !== 0) throw malformed("the device id is not that of its key");
  return { device: formatId(device), signingKey };
}

function parseRevocation(item: Item): Revocation {
  const [device, lastNumber, lastHash] = readFields(item, 3);
  return {
    device: formatId(readBytes(device, 32)),
    lastNumber: readInteger(lastNumber, 0),
    lastHash: formatId(readBytes(lastHash, 32)),
  };
}
