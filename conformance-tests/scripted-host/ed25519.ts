// Ed25519 over raw keys (RFC 8032), by node:crypto. Rule: the same question has the same answer, so answers are kept for a
// while: engines and servers of one story ask for the same keys and signatures over and over.

import { createPrivateKey, createPublicKey, type KeyObject, verify } from "node:crypto";
import { toBase64 } from "./border-text.ts";

/** DER in front of a raw Ed25519 public key and seed (RFC 8410 §4 and §7). */
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

const MOST_KEPT = 512;

/** Answers by their questions; all go when there are too many. */
class Kept<Answer> {
  readonly #answers = new Map<string, Answer>();

  /** The answer to `question`, found out once. What throws is not kept. */
  get(question: string, findOut: () => Answer): Answer {
    const known = this.#answers.get(question);
    if (known !== undefined) return known;
    if (this.#answers.size >= MOST_KEPT) this.#answers.clear();
    const answer = findOut();
    this.#answers.set(question, answer);
    return answer;
  }
}

const privateKeys = new Kept<KeyObject>();
const publicKeys = new Kept<KeyObject>();
const verdicts = new Kept<boolean>();

/** The private key of a seed of 32 bytes. */
export function readSeed(seed: Uint8Array): KeyObject {
  return privateKeys.get(toBase64(seed), () =>
    createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: "der", type: "pkcs8" }),
  );
}

/** The public key of a private one, 32 bytes. */
export function rawPublicKeyOf(privateKey: KeyObject): Uint8Array {
  return createPublicKey(privateKey).export({ format: "der", type: "spki" }).subarray(SPKI_PREFIX.length);
}

/** Whether `signature` is that of `message` by the raw public key; false for keys and signatures of another length. */
export function isSignedBy(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (key.length !== 32 || signature.length !== 64) return false;
  return verdicts.get(`${toBase64(key)} ${toBase64(signature)} ${toBase64(message)}`, () => {
    try {
      return verify(null, message, readRawKey(key), signature);
    } catch {
      return false;
    }
  });
}

function readRawKey(key: Uint8Array): KeyObject {
  return publicKeys.get(toBase64(key), () =>
    createPublicKey({ key: Buffer.concat([SPKI_PREFIX, key]), format: "der", type: "spki" }),
  );
}
