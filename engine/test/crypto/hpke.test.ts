// The published vectors of X-Wing and HPKE run in conformance-tests/vectors.

import { expect, test } from "vitest";
import { equalBytes } from "../../src/bytes.ts";
import { ENC_BYTES, exportRootFrom, exportRootTo, KEM_KEY_BYTES, kemPublicKey } from "../../src/crypto/hpke.ts";
import { CoffreError, InvariantError } from "../../src/errors.ts";

const SEED = new Uint8Array(32).fill(7);
const KEY = kemPublicKey(SEED);
const ENTROPY = new Uint8Array(64).fill(3);

test("what is exported to a key is exported again from its seed (docs/format.md 3)", () => {
  const { enc, root } = exportRootTo(KEY, "a context", ENTROPY);
  expect([KEY.length, enc.length, root.length]).toEqual([KEM_KEY_BYTES, ENC_BYTES, 32]);
  expect(exportRootFrom(SEED, enc, "a context")).toEqual(root);
});

test("another context, seed or entropy gives another root", () => {
  const { enc, root } = exportRootTo(KEY, "a context", ENTROPY);
  const others = [
    exportRootFrom(SEED, enc, "b context"),
    exportRootFrom(new Uint8Array(32).fill(8), enc, "a context"),
    exportRootTo(KEY, "a context", new Uint8Array(64).fill(4)).root,
  ];
  for (const other of others) expect(equalBytes(other, root)).toBe(false);
});

test("the caller's seed and entropy stay as they were", () => {
  const entropy = ENTROPY.slice();
  const seed = SEED.slice();
  exportRootFrom(seed, exportRootTo(KEY, "a context", entropy).enc, "a context");
  expect(entropy).toEqual(ENTROPY);
  expect(seed).toEqual(SEED);
});

test("keys and encapsulations of another length are the peer's fault, seeds and entropy ours", () => {
  expect(() => exportRootTo(KEY.subarray(1), "a", ENTROPY)).toThrow(CoffreError);
  expect(() => exportRootFrom(SEED, new Uint8Array(ENC_BYTES + 1), "a")).toThrow(CoffreError);
  expect(() => exportRootTo(KEY, "a", ENTROPY.subarray(1))).toThrow(InvariantError);
  expect(() => exportRootFrom(SEED.subarray(1), new Uint8Array(ENC_BYTES), "a")).toThrow(InvariantError);
  expect(() => kemPublicKey(new Uint8Array(33))).toThrow(InvariantError);
});
