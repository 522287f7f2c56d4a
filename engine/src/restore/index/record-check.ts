// What a record is before its body is opened (docs/format.md F-60, F-92). Rule: pure; it names the first thing that is
// wrong, and says whether the body may still speak for itself, since a body is authenticated with its header.

import type { DamageCode } from "../../border/reasons.ts";
import { CoffreError } from "../../errors.ts";
import { decodeReceipt, type Receipt } from "../../format/receipt.ts";
import { decodeRecord, headerHash, type RecordHeader, recordHash } from "../../format/record-header.ts";
import type { Revocation } from "../../format/roster.ts";
import { openSigned } from "../../format/signed.ts";
import type { DeviceId, Digest, VaultId } from "../../ids.ts";
import type { LoggedRecord } from "../../peer/answers.ts";

/** Where the reader stands in a device's log. */
export interface LogPosition {
  readonly vault: VaultId;
  readonly device: DeviceId;
  /** The number of the last record that was read, 0 before the first. */
  readonly number: number;
  /** Its hash, null when nobody knows it. */
  readonly hash: Digest | null;
}

/** A record that can be opened: its parts, and its time when a receipt holds. */
export interface ReadableRecord {
  readonly kind: "readable";
  readonly header: RecordHeader;
  readonly headerSha: Digest;
  readonly sealedBody: Uint8Array;
  readonly hash: Digest;
  /** The receipt's hash is this record's; when not, a body that opens clears the record, and else it was altered. */
  readonly receiptFits: boolean;
  readonly timeMs: number | null;
  /** What is wrong although the body may be read. */
  readonly damage: DamageCode | null;
}

export type RecordCheck =
  | ReadableRecord
  /** `hash`: what a genuine receipt says that the record's hash is, so that the chain can be followed past it. */
  | { readonly kind: "unreadable"; readonly code: DamageCode; readonly hash: Digest | null };

/**
 * Judges what the server gave as record `logged.number`, which is above `position.number`. A record of another number or
 * device of the vault was swapped; `isDevice` tells the vault's devices from bytes that were altered. `withRevoked` reads what
 * a revocation shut out, and names it.
 */
export function checkRecord(
  logged: LoggedRecord,
  position: LogPosition,
  serverKey: Uint8Array,
  revocation: Revocation | null,
  withRevoked: boolean,
  isDevice: (device: DeviceId) => boolean,
): RecordCheck {
  const { vault, device } = position;
  const receipt = openReceipt(logged.receipt, serverKey);
  const isOurs =
    receipt !== null && receipt.vault === vault && receipt.device === device && receipt.number === logged.number;
  const named = isOurs ? receipt.recordHash : null;
  const unreadable = (code: DamageCode): RecordCheck => ({ kind: "unreadable", code, hash: named });

  const hash = recordHash(logged.record);
  const receiptFits = named === hash;
  const parts = readParts(logged.record);
  if (parts === null) return unreadable(receiptFits ? "record-malformed" : "record-altered");
  const { header, headerBytes, sealedBody } = parts;
  if (header.vault !== vault || header.device !== device || header.number !== logged.number) {
    const isAltered = isOurs && (header.vault !== vault || !isDevice(header.device));
    return unreadable(isAltered ? "record-altered" : "record-swapped");
  }
  const isShutOut = isRevoked(header.number, hash, revocation);
  if (isShutOut && !withRevoked) return unreadable("record-after-revocation");
  const isNext = logged.number === position.number + 1;
  const breaksChain = isNext && position.hash !== null && header.previousHash !== position.hash;
  const damage = isShutOut ? "record-after-revocation" : receiptFits ? null : "receipt-not-authentic";
  return {
    kind: "readable",
    header,
    headerSha: headerHash(headerBytes),
    sealedBody,
    hash,
    receiptFits,
    timeMs: receiptFits && receipt !== null ? receipt.timeMs : null,
    damage: damage ?? (breaksChain ? "record-swapped" : null),
  };
}

/** F-35: above the last good record, or another one in its place. */
function isRevoked(number: number, hash: Digest, revocation: Revocation | null): boolean {
  if (revocation === null) return false;
  if (number > revocation.lastNumber) return true;
  return number === revocation.lastNumber && hash !== revocation.lastHash;
}

/** A receipt that the key signed, or null. */
export function openReceipt(bytes: Uint8Array, serverKey: Uint8Array): Receipt | null {
  return orNull(() => decodeReceipt(openSigned("receipt", bytes, serverKey)));
}

function readParts(bytes: Uint8Array): ReturnType<typeof decodeRecord> | null {
  return orNull(() => decodeRecord(bytes));
}

/** What `read` gives, or null when a peer's bytes are not what they should be. */
export function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof CoffreError) return null;
    throw error;
  }
}
