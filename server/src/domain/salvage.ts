// What a damaged object still proves (P-71). Rule: only what bears a signature of its own that holds counts: a vault object,
// a roster, an envelope, a base, the server's receipt, and a record whose hash the receipt names.

import { parseBaseBody } from "./base-body.ts";
import { decodeItem, readBytes, readFields, readInteger } from "./cbor.ts";
import type { AccountChange } from "./changes.ts";
import { parseEnvelope } from "./device-structures.ts";
import { formatId, hashId, type Id } from "./encodings.ts";
import { readLeniently } from "./lenient-cbor.ts";
import type { LostIdentity } from "./lost-objects.ts";
import { Refusal } from "./refusal.ts";
import { parseRoster } from "./roster.ts";
import { decodeSigned, openSigned } from "./signed-bytes.ts";
import { parseVaultObject } from "./vault-object.ts";

/** Public keys of whom signatures may be; null and empty while they are not known. */
export type Signers = {
  readonly vaultKey: Uint8Array | null;
  readonly deviceKeys: ReadonlyMap<Id, Uint8Array>;
  readonly serverKey: Uint8Array;
};

/** Number and hash of a record, by the server's receipt. */
export type ReceiptedRecord = {
  readonly device: Id;
  readonly number: number;
  readonly hash: Id;
  readonly receipt: Uint8Array;
  readonly timeMs: number;
};

export type Salvage =
  /** All that the object said, but for what its rows can do without. */
  | { readonly kind: "whole"; readonly change: AccountChange }
  /** A part of it; `identity` says what is missing. */
  | {
      readonly kind: "part";
      readonly changes: readonly AccountChange[];
      readonly record: ReceiptedRecord | null;
      readonly identity: LostIdentity;
    }
  | { readonly kind: "nothing" };

type Found = {
  vaultObject: Uint8Array | null;
  vaultObjectNumber: number;
  roster: Uint8Array | null;
  envelope: Extract<AccountChange, { kind: "epoch" }> | null;
  base: Extract<AccountChange, { kind: "base" }> | null;
  record: ReceiptedRecord | null;
};

/** Looks through a damaged object of `vault`. */
export function salvageObject(bytes: Uint8Array, vault: Id, signers: Signers): Salvage {
  const [content] = readLeniently(bytes);
  const [, , , kind, fields] = content instanceof Uint8Array ? readLeniently(content) : [];
  const items = Array.isArray(fields) ? fields : [];
  const texts = items.filter((item) => item instanceof Uint8Array);
  const times = items.filter((item) => typeof item === "number");
  const found = findSigned(texts, vault, signers);
  const timeMs = times.at(-1) ?? 0;
  const { record } = found;
  if (record !== null) {
    const whole = texts.find((text) => hashId(text) === record.hash);
    const { device, number, receipt } = record;
    if (whole === undefined) return { kind: "part", changes: [], record, identity: { kind: "record", device, number } };
    return {
      kind: "whole",
      change: { kind: "record", device, number, record: whole, receipt, timeMs: record.timeMs },
    };
  }
  if (found.envelope !== null) return { kind: "whole", change: found.envelope };
  if (found.base !== null) return { kind: "whole", change: found.base };
  return joinStructures(found, kind === "account", timeMs);
}

/** An account's object holds a vault object and a roster; every other one of the two alone. */
function joinStructures(found: Found, isAccount: boolean, timeMs: number): Salvage {
  const { vaultObject, roster } = found;
  if (vaultObject !== null && roster !== null)
    return { kind: "whole", change: { kind: "account", vaultObject, roster, invitation: null, timeMs } };
  if (vaultObject !== null) {
    const change: AccountChange = { kind: "vault-object", vaultObject, timeMs };
    if (!isAccount && found.vaultObjectNumber > 1) return { kind: "whole", change };
    return { kind: "part", changes: [change], record: null, identity: { kind: "roster", device: null, number: null } };
  }
  if (roster === null) return { kind: "nothing" };
  const change: AccountChange = { kind: "roster", roster };
  if (!isAccount) return { kind: "whole", change };
  const identity: LostIdentity = { kind: "vault-object", device: null, number: 1 };
  return { kind: "part", changes: [change], record: null, identity };
}

function findSigned(texts: readonly Uint8Array[], vault: Id, signers: Signers): Found {
  const found: Found = {
    vaultObject: null,
    vaultObjectNumber: 0,
    roster: null,
    envelope: null,
    base: null,
    record: null,
  };
  let { vaultKey } = signers;
  for (const text of texts) {
    const object = attempt(() => parseVaultObject(text));
    if (object?.vault === vault) {
      vaultKey = object.signingKey;
      found.vaultObject = text;
      found.vaultObjectNumber = object.number;
      continue;
    }
    found.record ??= attempt(() => openReceipt(text, vault, signers.serverKey));
    found.envelope ??= attempt(() => openEnvelope(text, vault, signers.deviceKeys));
    const key = vaultKey;
    if (key === null) continue;
    if (attempt(() => parseRoster(text, vault, key)) !== null) found.roster = text;
    found.base ??= attempt(() => openBase(text, vault, key));
  }
  return found;
}

/** docs/format.md 8. */
function openReceipt(text: Uint8Array, vault: Id, serverKey: Uint8Array): ReceiptedRecord | null {
  const fields = readFields(openSigned(text, "receipt", serverKey), 7);
  if (formatId(readBytes(fields[1], 32)) !== vault) return null;
  return {
    device: formatId(readBytes(fields[2], 32)),
    number: readInteger(fields[3], 1),
    hash: formatId(readBytes(fields[4], 32)),
    receipt: text,
    timeMs: readInteger(fields[6], 0),
  };
}

function openEnvelope(
  text: Uint8Array,
  vault: Id,
  deviceKeys: ReadonlyMap<Id, Uint8Array>,
): Extract<AccountChange, { kind: "epoch" }> | null {
  const fields = readFields(decodeItem(decodeSigned(text).payload), 6);
  const device = formatId(readBytes(fields[2], 32));
  const number = readInteger(fields[3], 1);
  const key = deviceKeys.get(device);
  if (key === undefined) return null;
  parseEnvelope(text, vault, device, number, key);
  return { kind: "epoch", device, number, envelope: text };
}

function openBase(text: Uint8Array, vault: Id, vaultKey: Uint8Array): Extract<AccountChange, { kind: "base" }> | null {
  const [statement] = readFields(decodeItem(text), 2);
  if (!(statement instanceof Uint8Array)) return null;
  const named = readFields(openSigned(statement, "base", vaultKey), 4);
  const number = readInteger(named[2], 1);
  parseBaseBody(text, vault, number, vaultKey);
  return { kind: "base", number, body: text };
}

/** The result, or null when the bytes are not that. */
function attempt<Result>(open: () => Result): Result | null {
  try {
    return open();
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}
