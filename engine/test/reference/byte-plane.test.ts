// The reference against node:crypto, which shares no code with it.

import { argon2Sync, createCipheriv, createHash, createHmac, hkdfSync } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { InvariantError } from "../../src/errors.ts";
import { NEW_VAULT_KDF } from "../../src/format/vault-object.ts";
import { argon2id, auditAnswer, derive, keyedDigest, open, seal } from "../../src/reference/byte-plane.ts";

const CONTEXT = `coffre/1/chunk/${"0123456789abcdef".repeat(4)}`;
const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
const content = fc.uint8Array({ maxLength: 200 });

function sha256(...parts: Uint8Array[]): Buffer {
  return parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();
}

/** HKDF-Expand to 64 bytes (RFC 5869 §2.3), by hand. */
function expand64(root: Uint8Array, info: string): Buffer {
  const first = createHmac("sha256", root).update(info).update(Uint8Array.of(1)).digest();
  const second = createHmac("sha256", root).update(first).update(info).update(Uint8Array.of(2)).digest();
  return Buffer.concat([first, second]);
}

function nodeSeal(root: Uint8Array, context: string, bytes: Uint8Array): Uint8Array {
  const keys = expand64(root, context);
  const nonce = createHmac("sha256", keys.subarray(32)).update(sha256(bytes)).digest().subarray(0, 12);
  const cipher = createCipheriv("aes-256-gcm", keys.subarray(0, 32), nonce).setAAD(Buffer.from(context));
  return new Uint8Array(Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]));
}

test("seal is what node:crypto makes of the construction (F-20)", () => {
  fc.assert(
    fc.property(key, content, (root, bytes) => {
      const sealed = seal(root, CONTEXT, bytes);
      expect(sealed).toEqual(nodeSeal(root, CONTEXT, bytes));
      expect(sealed.length).toBe(bytes.length + 28);
      expect(open(root, CONTEXT, sealed)).toEqual(bytes);
    }),
  );
});

test("a whole chunk is sealed and opened again (F-20, F-50)", () => {
  const root = new Uint8Array(32).fill(7);
  for (const size of [983_039, 983_040]) {
    const bytes = new Uint8Array(size).fill(1);
    const sealed = seal(root, CONTEXT, bytes);
    expect(Buffer.compare(sealed, nodeSeal(root, CONTEXT, bytes))).toBe(0);
    expect(open(root, CONTEXT, sealed)?.length).toBe(size);
  }
});

test("any flipped bit is not authentic (F-21)", () => {
  const root = new Uint8Array(32).fill(7);
  const sealed = seal(root, CONTEXT, new Uint8Array(20).fill(9));
  for (let bit = 0; bit < 8 * sealed.length; bit++) {
    const changed = sealed.slice();
    changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
    expect(open(root, CONTEXT, changed)).toBeNull();
  }
});

test("a context outside the table is refused both ways (F-22)", () => {
  const root = new Uint8Array(32);
  expect(() => seal(root, "coffre/1/chunk/", new Uint8Array(0))).toThrow(InvariantError);
  expect(() => open(root, "", new Uint8Array(28))).toThrow(InvariantError);
});

test("keyed digests, audit answers and derived keys are node:crypto's (F-51)", () => {
  fc.assert(
    fc.property(key, content, (k, bytes) => {
      expect(keyedDigest(k, bytes)).toEqual(new Uint8Array(createHmac("sha256", k).update(sha256(bytes)).digest()));
      expect(auditAnswer(k, bytes)).toEqual(new Uint8Array(sha256(k, bytes)));
      const derived = hkdfSync("sha256", k, new Uint8Array(0), "coffre/1/dedup", 32);
      expect(derive(k, "coffre/1/dedup")).toEqual(new Uint8Array(derived));
    }),
  );
});

test("the stretched key is node:crypto's Argon2id at the cost of new vaults (F-11)", () => {
  const message = new TextEncoder().encode("correct horse battery staple");
  const nonce = new Uint8Array(16).fill(3);
  const cost = { memory: 65_536, passes: 3, parallelism: 4, tagLength: 32 };
  const expected = argon2Sync("argon2id", { message, nonce, ...cost });
  expect(argon2id(message, nonce, NEW_VAULT_KDF)).toEqual(new Uint8Array(expected));
});
