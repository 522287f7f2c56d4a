import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CoffreError, InvariantError } from "../../src/errors.ts";
import type { ChunkRef } from "../../src/format/chunk-refs.ts";
import { type Entry, encodeEntry, type FileEntry } from "../../src/format/entries.ts";
import { chunkCount, sealedChunkBytes } from "../../src/format/entry-faults.ts";
import { CHUNK_BYTES, MAX_BODY_BYTES } from "../../src/format/ladder.ts";
import {
  assembleBody,
  checkNamedBlobs,
  decodeRecordBody,
  encodeRecordBody,
  padBody,
  type RecordBody,
} from "../../src/format/record-body.ts";
import { type BlobId, type ChunkId, parseBlobId, parseDeviceId, storedId } from "../../src/ids.ts";

const CHUNK: ChunkId = storedId("ab".repeat(32));
const BLOB: BlobId = parseBlobId("cd".repeat(32));
const SOURCE = { device: parseDeviceId("ef".repeat(32)), epoch: 1 };

function ref(sealedBytes: number): ChunkRef {
  return { id: CHUNK, source: 0, blob: 0, offsetBytes: 0, sealedBytes };
}

function file(sizeBytes: number, name = "a.jpg"): FileEntry {
  const refs = Array.from({ length: chunkCount(sizeBytes) }, (_, i) => ref(sealedChunkBytes(sizeBytes, i)));
  const times = { mtimeS: 1_700_000_000, mtimeUs: 123_456 };
  return {
    kind: "file",
    root: 0,
    path: ["DCIM", name],
    sizeBytes,
    ...times,
    mode: 0o644,
    chunks: { kind: "inline", refs },
  };
}

function bodyOf(entries: readonly Entry[]): RecordBody {
  return { sources: [SOURCE], blobs: [BLOB], roots: ["Camera"], entries };
}

const times = { mtimeS: fc.maxSafeInteger().map((n) => (n === 0 ? 0 : n)), mtimeUs: fc.nat(999_999) };
const mode = fc.option(fc.nat(0o7777));
const name = fc
  .string({ unit: "grapheme-composite", minLength: 1, maxLength: 10 })
  .filter((t) => !/^\.\.?$|[/\0]/.test(t));
const place = {
  root: fc.constant(0),
  path: fc.array(fc.oneof(name, fc.constant(Uint8Array.of(0xff))), { maxLength: 4 }),
};
const anyEntry: fc.Arbitrary<Entry> = fc.oneof(
  fc.nat(5 * CHUNK_BYTES).map((size) => file(size)),
  fc.record({ kind: fc.constant("folder" as const), ...place, ...times, mode }),
  fc.record({
    kind: fc.constant("link" as const),
    ...place,
    ...times,
    target: fc.oneof(name, fc.constant(Uint8Array.of(0x80))),
  }),
  fc.record({ kind: fc.constant("gone" as const), ...place }),
  fc.constant({ kind: "moved" as const, chunk: CHUNK, ref: ref(40) }),
  fc.record({ kind: fc.constant("checkpoint" as const), bytes: fc.uint8Array({ maxLength: 9 }) }),
);

describe("a body (docs/format.md 7)", () => {
  test("comes back as it went in, assembled or not", () => {
    fc.assert(
      fc.property(fc.array(anyEntry, { maxLength: 8 }), (entries) => {
        const body = bodyOf(entries);
        const encoded = encodeRecordBody(body);
        expect(assembleBody(body.sources, body.blobs, body.roots, entries.map(encodeEntry))).toEqual(encoded);
        expect(decodeRecordBody(padBody(encoded))).toEqual(body);
      }),
    );
  });

  test("mutated anywhere is refused in one way only", () => {
    const good = padBody(encodeRecordBody(bodyOf([file(0), file(1), file(CHUNK_BYTES + 1)])));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(500), fc.nat(255)), { minLength: 1, maxLength: 3 }), (changes) => {
        const bytes = good.slice();
        for (const [place, byte] of changes) bytes[place] = byte;
        try {
          encodeRecordBody(decodeRecordBody(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(CoffreError);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  test("is padded with zeros, and with as many as its size asks for (F-64)", () => {
    const padded = padBody(encodeRecordBody(bodyOf([])));
    expect(padded.length).toBe(4_096);
    const stained = padded.slice();
    stained[4_095] = 1;
    expect(() => decodeRecordBody(stained)).toThrow(CoffreError);
    for (const size of [0, 1, 4_095, 4_097, 8_192]) {
      const other = new Uint8Array(size);
      other.set(padded.subarray(0, Math.min(size, 100)));
      expect(() => decodeRecordBody(other)).toThrow(CoffreError);
    }
  });

  test.each([0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 1_000 * CHUNK_BYTES])(
    "holds a file of %i bytes (F-66)",
    (size) => {
      const body = bodyOf([file(size)]);
      expect(decodeRecordBody(padBody(encodeRecordBody(body)))).toEqual(body);
    },
  );

  test("does not write what a reader would refuse", () => {
    expect(() => encodeEntry(file(1_001 * CHUNK_BYTES))).toThrow(InvariantError);
    expect(() => encodeEntry({ ...file(1), sizeBytes: 2 })).toThrow(InvariantError);
    expect(() => encodeEntry({ ...file(0), path: [".."] })).toThrow(InvariantError);
    expect(() => encodeRecordBody({ ...bodyOf([file(1)]), blobs: [] })).toThrow(InvariantError);
    expect(() => encodeRecordBody({ ...bodyOf([file(0)]), roots: [] })).toThrow(InvariantError);
    expect(() => padBody(new Uint8Array(MAX_BODY_BYTES + 1))).toThrow(InvariantError);
  });

  test("names no blob that its header does not name (F-64)", () => {
    expect(() => checkNamedBlobs(bodyOf([]), new Set([BLOB]))).not.toThrow();
    expect(() => checkNamedBlobs(bodyOf([]), new Set())).toThrow(CoffreError);
  });

  test("of 1,500 entries is encoded and decoded in far less than a step may take", () => {
    const body = bodyOf(Array.from({ length: 1_500 }, (_, i) => file(CHUNK_BYTES, `IMG_${i}_and_a_longer_name.jpg`)));
    const padded = padBody(encodeRecordBody(body));
    expect(padded.length).toBeGreaterThan(150_000);
    expect(decodeRecordBody(padded).entries.length).toBe(1_500);
  });
});
