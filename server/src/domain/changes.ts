// The durable changes of an account and their journal objects (P-71). Rule: an object says all that its rows need, so
// that rows can be made from objects alone.

import { randomBytes } from "node:crypto";
import {
  decodeItem,
  encodeItem,
  type Item,
  readAnyBytes,
  readBytes,
  readFields,
  readInteger,
  readList,
  readText,
} from "./cbor.ts";
import { formatId, hashBytes, type Id, idBytes } from "./encodings.ts";
import { Refusal } from "./refusal.ts";

/**
 * Why an `empty` object takes a number: another account wants the login or invitation that was reserved for it
 * (`claimed`), or nothing stood there when the numbers were listed: a vault object that version 0.1 removed after P-24's
 * days (`removed`), or an object that is lost (`lost`).
 */
export type EmptyReason = "claimed" | "removed" | "lost";

export type AccountChange =
  | {
      readonly kind: "account";
      readonly vaultObject: Uint8Array;
      readonly roster: Uint8Array;
      /** The hash of the invitation that is used up, or null. */
      readonly invitation: Id | null;
      readonly timeMs: number;
    }
  | { readonly kind: "vault-object"; readonly vaultObject: Uint8Array; readonly timeMs: number }
  | { readonly kind: "roster"; readonly roster: Uint8Array }
  | { readonly kind: "epoch"; readonly device: Id; readonly number: number; readonly envelope: Uint8Array }
  | {
      readonly kind: "record";
      readonly device: Id;
      readonly number: number;
      readonly record: Uint8Array;
      readonly receipt: Uint8Array;
      readonly timeMs: number;
    }
  | { readonly kind: "base"; readonly number: number; readonly body: Uint8Array }
  /** `secret` null removes the second factor; `codes` are the recovery codes' hashes. */
  | { readonly kind: "second-factor"; readonly secret: string | null; readonly codes: readonly Id[] }
  | { readonly kind: "recovery-code"; readonly code: Id }
  | { readonly kind: "terms"; readonly isDisabled: boolean; readonly quotaBytes: number | null }
  /** Takes a number, and changes nothing. */
  | { readonly kind: "empty"; readonly reason: EmptyReason }
  /** Stands where an object was that is not kept any more (P-24); `hash` is the SHA-256 of what stood there. */
  | { readonly kind: "removed"; readonly reason: "replaced"; readonly hash: Id };

/** The object's hash or form does not hold. */
export class DamagedObject extends Error {
  constructor(rule: string) {
    super(`a journal object is damaged: ${rule}`);
    this.name = "DamagedObject";
  }
}

/** The object is whole, and of a version or kind that only a newer server knows: nothing may be made of it. */
export class UnknownChange extends Error {
  constructor(found: string) {
    super(`the journal holds a change that this version does not know (${found}): start the newer coffre-server`);
    this.name = "UnknownChange";
  }
}

/** Version 0.1 wrote objects of version 1, without random bytes. */
const VERSION = 2;
/** They tell this append from an equal change of another process, so that equal bytes prove whose object it is. */
const RANDOM_BYTES = 16;

/** The journal object of a change: CBOR `[[2, vault, sequence, kind, fields, random(16)], SHA-256 of the first item]`. */
export function encodeChange(
  vault: Id,
  sequence: number,
  change: AccountChange,
  random: Uint8Array = new Uint8Array(randomBytes(RANDOM_BYTES)),
): Uint8Array {
  const content = encodeItem([VERSION, idBytes(vault), sequence, change.kind, listFields(change), random]);
  return encodeItem([content, hashBytes(content)]);
}

/** The change in a journal object. Throws DamagedObject for other bytes or another place, and UnknownChange. */
export function decodeChange(bytes: Uint8Array, vault: Id, sequence: number): AccountChange {
  try {
    return openChange(bytes, vault, sequence);
  } catch (error) {
    if (error instanceof Refusal) throw new DamagedObject(error.message);
    throw error;
  }
}

function openChange(bytes: Uint8Array, vault: Id, sequence: number): AccountChange {
  const [content, hash] = readFields(decodeItem(bytes), 2);
  const contentBytes = readAnyBytes(content);
  if (Buffer.compare(readBytes(hash, 32), hashBytes(contentBytes)) !== 0) throw new DamagedObject("another hash");
  const items = readList(decodeItem(contentBytes), 1, 16);
  const [version, ofVault, ofSequence, kind, fields, random] = items;
  if (version === VERSION) readBytes(random, RANDOM_BYTES);
  else if (version !== 1) throw new UnknownChange("another version");
  if (ofSequence !== sequence) throw new DamagedObject("another number");
  if (formatId(readBytes(ofVault, 32)) !== vault) throw new DamagedObject("another vault");
  const change = readChange(readText(kind), readList(fields, 1, 8));
  if (change === null) throw new UnknownChange("another kind");
  return change;
}

function listFields(change: AccountChange): Item[] {
  switch (change.kind) {
    case "account":
      return [
        change.vaultObject,
        change.roster,
        change.invitation === null ? null : idBytes(change.invitation),
        change.timeMs,
      ];
    case "vault-object":
      return [change.vaultObject, change.timeMs];
    case "roster":
      return [change.roster];
    case "epoch":
      return [idBytes(change.device), change.number, change.envelope];
    case "record":
      return [idBytes(change.device), change.number, change.record, change.receipt, change.timeMs];
    case "base":
      return [change.number, change.body];
    case "second-factor":
      return [change.secret, change.codes.map(idBytes)];
    case "recovery-code":
      return [idBytes(change.code)];
    case "terms":
      return [change.isDisabled ? 1 : 0, change.quotaBytes];
    case "empty":
      return [change.reason];
    case "removed":
      return [change.reason, idBytes(change.hash)];
  }
}

/** The change of these fields, null for a kind that this version does not know; Refusal `malformed` for other fields. */
function readChange(kind: string, fields: readonly (Item | undefined)[]): AccountChange | null {
  const [first, second, third, fourth, fifth] = fields;
  switch (kind) {
    case "account":
      return {
        kind,
        vaultObject: readAnyBytes(first),
        roster: readAnyBytes(second),
        invitation: third === null ? null : readId(third),
        timeMs: readInteger(fourth, 0),
      };
    case "vault-object":
      return { kind, vaultObject: readAnyBytes(first), timeMs: readInteger(second, 0) };
    case "roster":
      return { kind, roster: readAnyBytes(first) };
    case "epoch":
      return { kind, device: readId(first), number: readInteger(second, 1), envelope: readAnyBytes(third) };
    case "record":
      return {
        kind,
        device: readId(first),
        number: readInteger(second, 1),
        record: readAnyBytes(third),
        receipt: readAnyBytes(fourth),
        timeMs: readInteger(fifth, 0),
      };
    case "base":
      return { kind, number: readInteger(first, 1), body: readAnyBytes(second) };
    case "second-factor":
      return { kind, secret: first === null ? null : readText(first), codes: readList(second, 0, 100).map(readId) };
    case "recovery-code":
      return { kind, code: readId(first) };
    case "terms":
      return { kind, isDisabled: first === 1, quotaBytes: second === null ? null : readInteger(second, 0) };
    case "empty":
      return { kind, reason: readReason(first) };
    case "removed":
      if (first !== "replaced") throw new UnknownChange("another reason");
      return { kind, reason: first, hash: readId(second) };
    default:
      return null;
  }
}

function readReason(item: Item | undefined): EmptyReason {
  const reason = readText(item);
  if (reason === "claimed" || reason === "removed" || reason === "lost") return reason;
  throw new UnknownChange("another reason");
}

function readId(item: Item | undefined): Id {
  return formatId(readBytes(item, 32));
}
