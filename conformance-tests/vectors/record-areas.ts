// Vectors of records (docs/format.md 7): headers, bodies, lists and reference blobs. Bodies are CBOR without padding.

import { concatBytes } from "../../engine/src/bytes.ts";
import { type CborValue, encodeCbor } from "../../engine/src/format/cbor.ts";
import { decodeList, encodeList } from "../../engine/src/format/list.ts";
import { decodeRecordBody, encodeRecordBody, padBody } from "../../engine/src/format/record-body.ts";
import { decodeRecord, encodeRecordHeader, recordHash } from "../../engine/src/format/record-header.ts";
import { decodeReferenceBlob, encodeReferenceBlob } from "../../engine/src/format/reference-blob.ts";
import { type Area, bytes, type Case, hex, integer, run } from "./area.ts";

const id = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const WHOLE = 983_068;
const CHUNK = 983_040;
const FULL = 7_868_416;
const ref = (length = 29, offset = 0, source = 0, blob = 0): CborValue => [id(5), source, blob, offset, length];

const FIELDS: readonly CborValue[] = [1, 0, id(1), id(2), 1, id(0), 1, id(3), run(16), [], [], null];
const SEALED_BYTES = 4_096 + 28;

function header(changes: { readonly [index: number]: CborValue } = {}): Uint8Array {
  return encodeCbor(FIELDS.map((field, index) => changes[index] ?? field));
}

function record(comment: string, head: Uint8Array, refuse: boolean, sealedBytes = SEALED_BYTES): Case {
  const input = { header: hex(head), sealedBytes };
  return refuse ? { comment, input, refuse: true } : { comment, input };
}

const thousand = Array.from({ length: 1_001 }, (_, i) => new Uint8Array([i >> 8, i & 255, ...id(0).subarray(2)]));

const RECORD: Area = {
  area: "record",
  comment: "decodeRecord of the header and `sealedBytes` zeros behind it: the record's number and hash",
  run: (input) => {
    const encoded = concatBytes(bytes(input, "header"), new Uint8Array(integer(input, "sealedBytes")));
    const { header: h, headerBytes } = decodeRecord(encoded);
    if (hex(encodeRecordHeader(h)) !== hex(headerBytes)) throw new Error("the encoder disagrees with the decoder");
    return { number: h.number, recordHash: recordHash(encoded) };
  },
  cases: [
    record("the first record", header(), false),
    record("a later one", header({ 4: 2, 5: id(9) }), false),
    record("1,000 blobs", header({ 9: thousand.slice(0, 1_000) }), false),
    record("a reference blob", header({ 10: [id(4)] }), false),
    record("a checkpoint, which is ignored (F-62)", header({ 11: run(3) }), false),
    record("a larger body", header(), false, 196_608 + 28),
    record("format version 2", header({ 0: 2 }), true),
    record("another kind", header({ 1: 1 }), true),
    record("number 0", header({ 4: 0 }), true),
    record("a first record with a previous hash (F-60)", header({ 5: id(9) }), true),
    record("a later record without one (F-60)", header({ 4: 2 }), true),
    record("epoch 0", header({ 6: 0 }), true),
    record("a start id of 15 bytes", header({ 8: run(15) }), true),
    record("1,001 blobs (F-61)", header({ 9: thousand }), true),
    record("blobs in descending order (F-61)", header({ 9: [id(2), id(1)] }), true),
    record("a blob twice (F-61)", header({ 9: [id(2), id(2)] }), true),
    record("blobs and reference blobs (F-61)", header({ 9: [id(1)], 10: [id(2)] }), true),
    record("65 reference blobs (F-61)", header({ 10: thousand.slice(0, 65) }), true),
    record("text as checkpoint", header({ 11: "a" }), true),
    record("a field too many", encodeCbor([...FIELDS, null]), true),
    record("no body", header(), true, 0),
    record("a body of another size", header(), true, SEALED_BYTES - 1),
    record("a body above the limit", header(), true, 200_704 + 28),
    record("a header cut short", header().subarray(0, 40), true, 0),
  ],
};

const SOURCES: CborValue = [[id(2), 1]];
const BLOBS: CborValue = [id(6)];
const bodyWith = (...entries: CborValue[]): Uint8Array => encodeCbor([SOURCES, BLOBS, ["Camera"], entries]);
const PLACE: readonly CborValue[] = [0, ["DCIM", "a.jpg"]];
const TIME: readonly CborValue[] = [1_700_000_000, 123_456];
const file = (size: number, refs: readonly CborValue[], kind = 0): CborValue[] => [
  1,
  ...PLACE,
  size,
  ...TIME,
  0o644,
  0,
  [kind, refs],
];
const wholes = (count: number): CborValue[] => Array.from({ length: count }, () => ref(WHOLE));

const GOOD_ENTRIES: readonly (readonly [string, CborValue])[] = [
  ["a file of 1 byte", file(1, [ref(29)])],
  ["an empty file", file(0, [])],
  ["a file of a whole chunk", file(CHUNK, [ref(WHOLE)])],
  ["a file of a chunk and a byte", file(CHUNK + 1, [ref(WHOLE), ref(29)])],
  ["a file of 1,000 chunks", file(1_000 * CHUNK, wholes(1_000))],
  ["a file of 1,001 chunks, in a list", file(1_001 * CHUNK, [ref(100)], 1)],
  ["a file of 2,049 chunks, in two lists", file(2_049 * CHUNK, [ref(100), ref(100)], 1)],
  ["a file without mode", [1, ...PLACE, 1, ...TIME, null, 0, [0, [ref(29)]]]],
  ["a part at the blob's end", file(1, [ref(29, FULL - 29)])],
  ["a folder", [2, ...PLACE, ...TIME, 0o755]],
  ["the root itself", [2, 0, [], ...TIME, null]],
  ["a time before 1970", [2, ...PLACE, -1, 999_999, null]],
  ["a link", [3, ...PLACE, ...TIME, "../b.jpg"]],
  ["a link whose target is not UTF-8", [3, ...PLACE, ...TIME, Uint8Array.of(0xff)]],
  ["a name that is not UTF-8", [4, 0, [Uint8Array.of(0x61, 0xff)]]],
  ["gone", [4, ...PLACE]],
  ["moved", [5, id(5), ref(29)]],
  ["in progress", [6, ...PLACE, 3 * CHUNK, ...TIME, 1, [ref(WHOLE), ref(WHOLE)]]],
  ["a checkpoint", [7, run(5)]],
  ["512 components", [4, 0, Array(512).fill("d")]],
  ["a component of 255 bytes", [4, 0, ["x".repeat(255)]]],
];

const BAD_ENTRIES: readonly (readonly [string, CborValue])[] = [
  ["an unknown kind (F-68)", [8, ...PLACE]],
  ["kind 0 (F-68)", [0, ...PLACE]],
  ["an unknown encoding (F-68)", [1, ...PLACE, 1, ...TIME, 0o644, 1, [0, [ref(29)]]]],
  ["an unknown kind of chunks", file(1, [ref(29)], 2)],
  ["a root outside the table", [4, 1, ["a"]]],
  ["a source outside the table (F-69)", file(1, [ref(29, 0, 1)])],
  ["a blob outside the table (F-69)", file(1, [ref(29, 0, 0, 1)])],
  ["a part behind the blob's end (F-69)", file(1, [ref(29, FULL - 28)])],
  ["an offset that overflows (F-69)", file(1, [ref(29, Number.MAX_SAFE_INTEGER)])],
  ["a negative offset", file(1, [ref(29, -1)])],
  ["a part of 28 bytes", file(0, [ref(28)])],
  ["a part above a whole chunk", file(CHUNK + 1, [ref(WHOLE + 1)])],
  ["a file longer than its chunks (F-66)", file(2, [ref(29)])],
  ["a file shorter than its chunks (F-66)", file(1, [ref(30)])],
  ["an empty file with a chunk (F-66)", file(0, [ref(29)])],
  ["a short chunk before the last (F-66)", file(CHUNK + 1, [ref(29), ref(WHOLE)])],
  ["a file without its chunks", file(1, [])],
  ["a size that overflows", file(Number.MAX_SAFE_INTEGER, [ref(WHOLE)])],
  ["a negative size", file(-1, [])],
  ["1,001 chunks without lists", file(1_001 * CHUNK, wholes(1_001))],
  ["a list too few", file(2_049 * CHUNK, [ref(100)], 1)],
  ["a list too many", file(1_001 * CHUNK, [ref(100), ref(100)], 1)],
  ["an empty file in lists", file(0, [], 1)],
  ["a million microseconds (F-67)", [2, ...PLACE, 0, 1_000_000, null]],
  ["a negative part of a second (F-67)", [2, ...PLACE, 0, -1, null]],
  ["thirteen mode bits (F-67)", [2, ...PLACE, ...TIME, 0o10000]],
  ["an empty component (F-65)", [4, 0, [""]]],
  ["a dot (F-65)", [4, 0, ["."]]],
  ["two dots (F-65)", [4, 0, ["a", ".."]]],
  ["a slash (F-65)", [4, 0, ["a/b"]]],
  ["a NUL (F-65)", [4, 0, ["a\0"]]],
  ["a component of 256 bytes (F-65)", [4, 0, ["x".repeat(256)]]],
  ["bytes that are valid UTF-8 (F-65)", [4, 0, [Uint8Array.of(0x61)]]],
  ["bytes with a slash (F-65)", [4, 0, [Uint8Array.of(0xff, 0x2f)]]],
  ["no bytes (F-65)", [4, 0, [new Uint8Array(0)]]],
  ["513 components (F-65)", [4, 0, Array(513).fill("d")]],
  ["a number as component", [4, 0, [1]]],
  ["a link to nowhere", [3, ...PLACE, ...TIME, ""]],
  ["a target of 4,097 bytes", [3, ...PLACE, ...TIME, "x".repeat(4_097)]],
  ["a target in bytes that are valid UTF-8", [3, ...PLACE, ...TIME, Uint8Array.of(0x61)]],
  ["moved to another chunk's place", [5, id(4), ref(29)]],
  ["in progress behind the file's end", [6, ...PLACE, CHUNK, ...TIME, 1, [ref(WHOLE)]]],
  ["a field too many", [4, ...PLACE, null]],
  ["a field too few", [2, ...PLACE, ...TIME]],
  ["no fields", []],
];

const REFUSED_BODIES: readonly (readonly [string, Uint8Array])[] = [
  ["a root of no bytes", encodeCbor([SOURCES, BLOBS, [""], []])],
  ["a root of 65 bytes", encodeCbor([SOURCES, BLOBS, ["x".repeat(65)], []])],
  ["epoch 0", encodeCbor([[[id(2), 0]], BLOBS, [], []])],
  ["a table too few", encodeCbor([SOURCES, BLOBS, []])],
];

const BODY: Area = {
  area: "record-body",
  comment: "decodeRecordBody of `cbor`, padded with zeros to its size; accepted: how many entries",
  run: (input) => {
    const encoded = bytes(input, "cbor");
    const body = decodeRecordBody(padBody(encoded));
    if (hex(encodeRecordBody(body)) !== hex(encoded)) throw new Error("the encoder disagrees with the decoder");
    return { entries: body.entries.length, kinds: body.entries.map((entry) => entry.kind) };
  },
  cases: [
    { comment: "nothing", input: { cbor: hex(encodeCbor([[], [], [], []])) } },
    ...GOOD_ENTRIES.map(([comment, entry]): Case => ({ comment, input: { cbor: hex(bodyWith(entry)) } })),
    { comment: "all of them", input: { cbor: hex(bodyWith(...GOOD_ENTRIES.map(([, entry]) => entry))) } },
    ...BAD_ENTRIES.map(([comment, entry]): Case => ({ comment, input: { cbor: hex(bodyWith(entry)) }, refuse: true })),
    ...REFUSED_BODIES.map(([comment, cbor]): Case => ({ comment, input: { cbor: hex(cbor) }, refuse: true })),
  ],
};

const listWith = (refs: readonly CborValue[]): string => hex(encodeCbor([SOURCES, BLOBS, refs]));

const LIST: Area = {
  area: "list",
  comment: "decodeList: how many references",
  run: (input) => {
    const encoded = bytes(input, "cbor");
    const list = decodeList(encoded);
    if (hex(encodeList(list)) !== hex(encoded)) throw new Error("the encoder disagrees with the decoder");
    return { refs: list.refs.length };
  },
  cases: [
    { comment: "one", input: { cbor: listWith([ref()]) } },
    { comment: "2,048", input: { cbor: listWith(wholes(2_048)) } },
    { comment: "none", input: { cbor: listWith([]) }, refuse: true },
    { comment: "2,049", input: { cbor: listWith(wholes(2_049)) }, refuse: true },
    { comment: "a source outside the table", input: { cbor: listWith([ref(29, 0, 1)]) }, refuse: true },
    { comment: "a byte behind it", input: { cbor: `${listWith([ref()])}00` }, refuse: true },
  ],
};

const REFERENCE_BLOB: Area = {
  area: "reference-blob",
  comment: "decodeReferenceBlob, F-56: how many ids",
  run: (input) => {
    const encoded = bytes(input, "bytes");
    const ids = decodeReferenceBlob(encoded);
    if (hex(encodeReferenceBlob(ids)) !== hex(encoded)) throw new Error("the encoder disagrees with the decoder");
    return { ids: ids.length };
  },
  cases: [
    { comment: "one id", input: { bytes: hex(id(0)) } },
    { comment: "two ids", input: { bytes: hex(new Uint8Array([...id(1), ...id(2)])) } },
    { comment: "nothing", input: { bytes: "" }, refuse: true },
    { comment: "a byte too few", input: { bytes: hex(id(1).subarray(1)) }, refuse: true },
    { comment: "a byte too many", input: { bytes: `${hex(id(1))}00` }, refuse: true },
    { comment: "descending", input: { bytes: hex(new Uint8Array([...id(2), ...id(1)])) }, refuse: true },
    { comment: "an id twice", input: { bytes: hex(new Uint8Array([...id(2), ...id(2)])) }, refuse: true },
  ],
};

export const RECORD_AREAS: readonly Area[] = [RECORD, BODY, LIST, REFERENCE_BLOB];
