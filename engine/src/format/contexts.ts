// The texts under which bytes are sealed (docs/format.md 3). Rule: the table is closed (F-22): each row has one function
// here, and what is not a row is no context.

import { asciiBytes, toHex } from "../bytes.ts";
import { sha256 } from "../crypto/hash.ts";
import type { ChunkId, DeviceId, Digest, VaultId } from "../ids.ts";

/** Argon2id's cost: memory in KiB, passes, lanes. */
export interface KdfCost {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly lanes: number;
}

/** Each row of the table: hexadecimal of a fixed length, decimals in groups. */
const ROWS: readonly RegExp[] = [
  /^coffre\/1\/(?:chunk|list|padding|record|base|segment)\/[0-9a-f]{64}$/,
  /^coffre\/1\/(?:epoch|checkpoint)\/[0-9a-f]{64}\/[0-9a-f]{64}\/(0|[1-9][0-9]{0,15})$/,
  /^coffre\/1\/wrap\/[0-9a-f]{64}\/(0|[1-9][0-9]{0,15})\/(0|[1-9][0-9]{0,15})\/(0|[1-9][0-9]{0,15})\/[0-9a-f]{32}$/,
  /^coffre\/1\/recovery-wrap\/[0-9a-f]{64}$/,
  /^coffre\/1\/name\/[0-9a-f]{64}\/[0-9a-f]{64}$/,
  /^coffre\/1\/index\/[0-9a-f]{64}\/(0|[1-9][0-9]{0,15})\/(0|[1-9][0-9]{0,15})$/,
];

const CONTENT = /^coffre\/1\/(?:chunk|list|segment)\/([0-9a-f]{64})$/;

/** The context of a chunk. */
export function chunkContext(id: ChunkId): string {
  return `coffre/1/chunk/${id}`;
}

/** The context of a list of chunk references. */
export function listContext(id: ChunkId): string {
  return `coffre/1/list/${id}`;
}

/** The context of the zeros that fill a blob whose parts have these contexts, in their order (F-52). */
export function paddingContext(contexts: readonly string[]): string {
  const lines = contexts.map((context) => `${context}\n`).join("");
  return `coffre/1/padding/${toHex(sha256(asciiBytes(lines)))}`;
}

/** The context of a record's body; `headerSha` is the SHA-256 of its header's bytes. */
export function recordContext(headerSha: Digest): string {
  return `coffre/1/record/${headerSha}`;
}

/** The context, and the HPKE info, of a device's epoch secret. */
export function epochContext(vault: VaultId, device: DeviceId, number: number): string {
  return `coffre/1/epoch/${vault}/${device}/${number}`;
}

/** The context of the vault secret under the passphrase's unlock key; `saltHex` is salt16 in hexadecimal. */
export function wrapContext(vault: VaultId, kdf: KdfCost, saltHex: string): string {
  return `coffre/1/wrap/${vault}/${kdf.memoryKiB}/${kdf.passes}/${kdf.lanes}/${saltHex}`;
}

/** The context of the vault secret under the recovery unlock key. */
export function recoveryWrapContext(vault: VaultId): string {
  return `coffre/1/recovery-wrap/${vault}`;
}

/** The context of a device's name. */
export function nameContext(vault: VaultId, device: DeviceId): string {
  return `coffre/1/name/${vault}/${device}`;
}

/** The keyed digest that a context names (F-23), in hexadecimal, or null for a context that names no content. */
export function contentIdOf(context: string): string | null {
  return CONTENT.exec(context)?.[1] ?? null;
}

/** Whether `text` is a row of the table, the reserved ones included; its numbers are at most 2^53 − 1. */
export function isContext(text: string): boolean {
  for (const row of ROWS) {
    const match = row.exec(text);
    if (match !== null) return match.slice(1).every((digits) => Number.isSafeInteger(Number(digits)));
  }
  return false;
}
