// The durable changes of an account and their journal objects (P-71). Rule: an object says all that its rows need, so
// that rows can be made from objects alone.

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
import { invariant } from "./refusal.ts";

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
  | { readonly kind: "terms"; readonly isDisabled: boolean; readonly quotaBytes: number | null };

/** The journal object of a change: CBOR `[[1, vault, sequence, kind, …fields], SHA-256 of the first item]`. */
export function encodeChange(vault: Id, sequence: number, change: AccountChange): Uint8Array {
  const content = encodeItem([1, idBytes(vault), sequence, change.kind, listFields(change)]);
  return encodeItem([content, hashBytes(content)]);
}

/** The change in a journal object; an object of other bytes or of another place breaks an invariant. */
export function decodeChange(bytes: Uint8Array, vault: Id, sequence: number): AccountChange {
  const [content, hash] = readFields(decodeItem(bytes), 2);
  const contentBytes = readAnyBytes(content);
  invariant(
    Buffer.compare(readBytes(hash, 32), hashBytes(contentBytes)) === 0,
    "a journal object carries its own hash",
  );
  const [version, ofVault, ofSequence, kind, fields] = readFields(decodeItem(contentBytes), 5);
  invariant(version === 1 && ofSequence === sequence, "a journal object stands under its own number");
  invariant(formatId(readBytes(ofVault, 32)) === vault, "a journal object stands under its own vault");
  return readChange(readText(kind), readList(fields, 1, 8));
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
  }
}

function readChange(kind: string, fields: readonly Item[]): AccountChange {
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
    default:
      throw new Error(`the journal holds a change that this version does not know: ${kind}`);
  }
}

function readId(item: Item | undefined): Id {
  return formatId(readBytes(item, 32));
}
