// Whether the search for readable pieces finds what it should: a search that cannot find proves nothing.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { makeScratchFolder, removeScratchFolder } from "../../conformance-tests/end-to-end/scratch-folder.ts";
import { seededBytes } from "../../conformance-tests/end-to-end/seeded-content.ts";
import { collectCanaries, searchCanaries } from "../src/canaries.ts";

/** As much as the search reads at once. */
const PIECE_BYTES = 8_388_608;

const folder = makeScratchFolder("canaries");
const content = seededBytes("photo", 5000);
mkdirSync(join(folder, "input"));
writeFileSync(join(folder, "input", "photo of the sea.jpg"), content);
const canaries = collectCanaries(join(folder, "input"));

afterAll(() => removeScratchFolder(folder));

/** The kinds of what is found in a folder with one file. */
function searchIn(name: string, file: string, bytes: Buffer): readonly string[] {
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, file), bytes);
  return searchCanaries(join(folder, name), canaries).map(({ canary }) => canary.kind);
}

describe("the search", () => {
  test("has a name and a piece of content of each file", () => {
    expect(canaries.map(({ kind, of }) => [kind, of])).toEqual([
      ["name", "photo of the sea.jpg"],
      ["content", "photo of the sea.jpg"],
    ]);
  });

  test("finds content anywhere in a file", () => {
    expect(searchIn("whole", "a", Buffer.concat([seededBytes("before", 777), content]))).toEqual(["content"]);
  });

  test.each([-2520, -2500, -2490, -1])("finds content across the border of two reads (%i)", (shift) => {
    const before = seededBytes("before", PIECE_BYTES + shift);
    expect(searchIn(`border ${shift}`, "a", Buffer.concat([before, content]))).toEqual(["content"]);
  });

  test("finds a name in a file's content, and in a file's name", () => {
    expect(searchIn("listed", "a", Buffer.from("… photo of the sea.jpg …"))).toEqual(["name"]);
    expect(searchIn("named", "photo of the sea.jpg.part", Buffer.alloc(0))).toEqual(["name"]);
  });

  test("finds nothing where nothing is", () => {
    expect(searchIn("other", "a", seededBytes("other", 100_000))).toEqual([]);
  });
});
