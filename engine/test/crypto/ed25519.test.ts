import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { concatBytes, fromHex } from "../../src/bytes.ts";
import { ed25519PublicKey, ed25519Sign, ed25519Verify } from "../../src/crypto/ed25519.ts";

const PKCS8 = fromHex("302e020100300506032b657004220420");
const SPKI = fromHex("302a300506032b6570032100");
const ORDER = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;

test("keys and signatures are node:crypto's", () => {
  const seed = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(seed, fc.uint8Array({ maxLength: 100 }), (s, message) => {
      const key = Buffer.from(concatBytes(PKCS8, s));
      const signature = ed25519Sign(s, message);
      const ours = createPrivateKey({ key, format: "der", type: "pkcs8" });
      expect(signature).toEqual(new Uint8Array(sign(null, message, ours)));
      const spki = Buffer.from(concatBytes(SPKI, ed25519PublicKey(s)));
      expect(verify(null, message, createPublicKey({ key: spki, format: "der", type: "spki" }), signature)).toBe(true);
      expect(ed25519Verify(ed25519PublicKey(s), message, signature)).toBe(true);
    }),
    { numRuns: 20 },
  );
});

test("a signature holds for its key and message only, and has one form (RFC 8032 §5.1.7)", () => {
  const seed = new Uint8Array(32).fill(1);
  const key = ed25519PublicKey(seed);
  const message = Uint8Array.of(1, 2, 3);
  const signature = ed25519Sign(seed, message);
  expect(ed25519Verify(key, Uint8Array.of(1, 2), signature)).toBe(false);
  expect(ed25519Verify(ed25519PublicKey(new Uint8Array(32)), message, signature)).toBe(false);
  expect(ed25519Verify(key, message, signature.subarray(1))).toBe(false);
  expect(ed25519Verify(key.subarray(1), message, signature)).toBe(false);
  expect(ed25519Verify(key, message, plusOrder(signature))).toBe(false);
});

test("keys of small order and keys that are not canonical are refused, where ZIP 215 would take them", () => {
  const nothing = new Uint8Array(64);
  nothing[0] = 1;
  const identity = fromHex(`01${"00".repeat(31)}`);
  const notCanonical = fromHex(`ee${"ff".repeat(30)}7f`);
  for (const key of [identity, notCanonical]) expect(ed25519Verify(key, Uint8Array.of(1), nothing)).toBe(false);
});

/** The same signature with S + L in place of S: the same number, in another form. */
function plusOrder(signature: Uint8Array): Uint8Array {
  const changed = signature.slice();
  let carry = ORDER;
  for (let i = 32; i < 64; i++) {
    carry += BigInt(changed[i] as number);
    changed[i] = Number(carry & 255n);
    carry >>= 8n;
  }
  return changed;
}
