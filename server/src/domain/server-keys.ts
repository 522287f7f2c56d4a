// What only this server can make: receipts, false KDF answers, hashes of addresses (P-11, P-21, P-8). Rule: each key has
// one use.

import { createHmac, type KeyObject } from "node:crypto";
import { formatId, hashBytes, type Id, idBytes } from "./encodings.ts";
import { encodeSigned, exportPublicKey } from "./signed-bytes.ts";
import type { Derivation } from "./vault-object.ts";

export type ServerKeys = {
  /** Ed25519; its public half is the `serverKey` that clients pin. */
  readonly receiptKey: KeyObject;
  /** Ed25519; signs tokens and nothing else. */
  readonly tokenKey: KeyObject;
  readonly decoySecret: Uint8Array;
  readonly addressSecret: Uint8Array;
};

/** The raw public key that clients pin. */
export function readServerKey(keys: ServerKeys): Uint8Array {
  return exportPublicKey(keys.receiptKey);
}

/** SHA-256 of the server's signing key, as challenge answers name it (docs/format.md 8). */
export function readServerKeyHash(keys: ServerKeys): Id {
  return formatId(hashBytes(readServerKey(keys)));
}

/** What this server's challenges carry a code of; no login looks like its label, so no false answer is ever equal to it. */
export function readChallengeSecret(keys: ServerKeys): Uint8Array {
  return new Uint8Array(createHmac("sha256", keys.decoySecret).update("coffre/1/challenge\0").digest());
}

/** What may be written down of the keys, to know them again: it tells nothing about them. */
export function readKeyFingerprints(keys: ServerKeys): Record<"receipts" | "tokens" | "decoys" | "addresses", string> {
  const print = (name: string, bytes: Uint8Array): string =>
    formatId(hashBytes(Buffer.from(`coffre/key-fingerprint/${name}/`, "ascii"), bytes)).slice(0, 32);
  return {
    receipts: print("receipts", exportPublicKey(keys.receiptKey)),
    tokens: print("tokens", exportPublicKey(keys.tokenKey)),
    decoys: print("decoys", keys.decoySecret),
    addresses: print("addresses", keys.addressSecret),
  };
}

/** The receipt of a record that is flushed to stable storage (docs/format.md 8). */
export function makeReceipt(
  keys: ServerKeys,
  record: { vault: Id; device: Id; number: number; hash: Id; timeMs: number },
): Uint8Array {
  const { vault, device, number, hash, timeMs } = record;
  const flushed = 0;
  return encodeSigned(
    [1, idBytes(vault), idBytes(device), number, idBytes(hash), flushed, timeMs],
    "receipt",
    keys.receiptKey,
  );
}

/** The false answer for an unknown login: that of a new vault, with a salt that stays the same (P-21, F-11). */
export function makeDecoyDerivation(keys: ServerKeys, login: string): Derivation {
  const salt16 = createHmac("sha256", keys.decoySecret).update(login).digest().subarray(0, 16);
  return { memoryKiB: 65_536, passes: 3, lanes: 4, salt16 };
}

/** An address as logs may show it (P-8). */
export function hashAddress(keys: ServerKeys, address: string): string {
  return createHmac("sha256", keys.addressSecret).update(address).digest("hex").slice(0, 12);
}
