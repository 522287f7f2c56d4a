// How much decoders do and keep. Rule: counted in executed blocks and in bytes of memory, never by the clock.

import { spawn } from "node:child_process";
import { Session } from "node:inspector/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readStep } from "../../engine/src/border/read-step.ts";
import { toBase64 } from "../../engine/src/bytes.ts";
import { keyFromWords } from "../../engine/src/crypto/words.ts";
import { matchElements, parseElements } from "../../engine/src/exclusion/name-pattern.ts";
import { charactersOf, findRule, parsePatterns } from "../../engine/src/exclusion/patterns.ts";
import { type CborValue, decodeCbor, encodeCbor } from "../../engine/src/format/cbor.ts";
import { decodeList } from "../../engine/src/format/list.ts";
import { parsePath } from "../../engine/src/format/path.ts";
import { decodeRecordBody, padBody } from "../../engine/src/format/record-body.ts";
import { decodeReferenceBlob } from "../../engine/src/format/reference-blob.ts";
import { readMissing, readRecordPage } from "../../engine/src/peer/answers.ts";
import { decodeItem } from "../../server/src/domain/cbor.ts";
import { cutReferenceBlob } from "../../server/src/domain/device-structures.ts";

/** A small heap: what is announced by the bombs would need gigabytes. */
const HEAP_MB = 96;
const GROWN_BYTES = 250_000_000;

const session = new Session();

beforeAll(async () => {
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
});

afterAll(() => session.disconnect());

/** How many blocks of the project's code `work` executes, refusals included. */
async function countBlocks(work: () => unknown): Promise<number> {
  await session.post("Profiler.takePreciseCoverage");
  try {
    work();
  } catch {
    // How much a refusal costs is what is asked.
  }
  const { result } = await session.post("Profiler.takePreciseCoverage");
  return result
    .filter(({ url }) => /\/(?:engine|server|cli)\/src\//.test(url))
    .flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges))
    .reduce((sum, { count }) => sum + count, 0);
}

const bytes32 = (index: number): Uint8Array => Uint8Array.from([index >> 8, index & 255, ...new Uint8Array(30)]);
const times = <Item>(count: number, make: (index: number) => Item): Item[] =>
  Array.from({ length: count }, (_, i) => make(i));
const body = (entries: readonly CborValue[], roots: readonly CborValue[] = ["r"]): Uint8Array =>
  padBody(encodeCbor([[], [], roots, entries]));
const ID = "0".repeat(64);
const PART = [bytes32(1), 0, 0, 0, 29];

/** What each does with an input of size n. */
const WORKS: readonly (readonly [string, (n: number) => () => unknown])[] = [
  ["arrays side by side", (n) => decode(encodeCbor(times(n, () => [])))],
  ["nesting without end", (n) => decode(new Uint8Array(n).fill(0x81))],
  ["a long text", (n) => decode(encodeCbor("é".repeat(n)))],
  ["an array that announces more", (n) => decode(Uint8Array.from([0x99, 0xff, 0xff, ...new Uint8Array(n)]))],
  ["the server's arrays", (n) => useBytes(encodeCbor(times(n, () => [])), decodeItem)],
  ["a list", (n) => useBytes(encodeCbor([[[bytes32(2), 1]], [bytes32(3)], times(n, () => PART)]), decodeList)],
  ["entries", (n) => useBytes(body(times(n, (index) => [4, 0, [`${index}`]])), decodeRecordBody)],
  [
    "roots",
    (n) =>
      useBytes(
        body(
          [],
          times(n, (index) => `${index}`),
        ),
        decodeRecordBody,
      ),
  ],
  ["ids", (n) => useBytes(Uint8Array.from(times(n, bytes32).flatMap((id) => [...id])), decodeReferenceBlob)],
  [
    "the server's ids",
    (n) =>
      useBytes(Uint8Array.from(times(n, bytes32).flatMap((id) => [...id])), (bytes) => [
        ...cutReferenceBlob(bytes, 500),
      ]),
  ],
  ["a deep path", (n) => useText("a/".repeat(n), parsePath)],
  ["raw names", (n) => useText("//61ff".repeat(n), parsePath)],
  ["spaces at the end of a pattern", (n) => useText(`a${" ".repeat(n)}`, (text) => parsePatterns([text]))],
  ["many patterns", (n) => useText("a\n".repeat(n), (text) => parsePatterns(text.split("\n")))],
  ["many words", (n) => useText("zoo ".repeat(n), keyFromWords)],
  ["blobs that are missing", (n) => useText(JSON.stringify({ missing: times(n, () => ID) }), readMissing)],
  ["a page of records", (n) => useText(JSON.stringify({ records: times(n, toRecord), next: null }), readRecordPage)],
  ["a step of many inputs", (n) => useText(JSON.stringify(makeStep(n)), readStep)],
];

const decode = (input: Uint8Array) => (): unknown => decodeCbor(input);
const useBytes = (input: Uint8Array, use: (input: Uint8Array) => unknown) => (): unknown => use(input);
const useText = (input: string, use: (input: string) => unknown) => (): unknown => use(input);
const toRecord = (index: number) => ({ number: index, record: "AAAA", receipt: "AAAA" });
const makeStep = (count: number) => ({
  now: 1,
  entropy: toBase64(new Uint8Array(64)),
  inputs: times(count, () => ({ kind: "changed", root: "/", folders: null })),
});

describe("the work of a decoder", () => {
  test.each(WORKS)("on %s grows no faster than the input", async (_what, make) => {
    const small = await countBlocks(make(200));
    const large = await countBlocks(make(1_600));
    expect(large).toBeGreaterThan(0);
    expect(large).toBeLessThanOrEqual(9 * small + 1_000);
  });

  test.each([
    ["stars", "*a".repeat(100), "a".repeat(200)],
    ["stars and what does not come", `${"*a".repeat(100)}b`, "a".repeat(255)],
    ["classes without an end", "[a".repeat(200), "a".repeat(255)],
    ["stars alone", "*".repeat(400), "a".repeat(255)],
  ])("on a name and %s is bounded by pattern × name", async (_what, pattern, name) => {
    const match = () =>
      parseElements(charactersOf(pattern))?.map((segment) => matchElements(segment, charactersOf(name)));
    expect(await countBlocks(match)).toBeLessThan(8 * pattern.length * name.length);
  });

  test("on a path and a pattern of many `**` is bounded by pattern × path", async () => {
    const patterns = parsePatterns([`${"**/a*a/".repeat(100)}b`]);
    const path = times(400, () => "aaaa");
    const chars = path.join("/").length;
    expect(await countBlocks(() => findRule(patterns, path, false))).toBeLessThan(8 * 700 * chars);
  });
});

describe("the memory of the decoders", () => {
  test("stays small however much their input announces", async () => {
    const program = fileURLToPath(new URL("bombs.ts", import.meta.url));
    const child = spawn(process.execPath, [`--max-old-space-size=${HEAP_MB}`, program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const output = Buffer.concat(await child.stdout.toArray()).toString();
    const { count, grownBytes } = JSON.parse(output) as { readonly count: number; readonly grownBytes: number };
    expect(count).toBeGreaterThan(1_000);
    expect(grownBytes).toBeLessThan(GROWN_BYTES);
  });
});
