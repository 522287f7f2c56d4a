// The mutants themselves: that their patches still fit the engine, and that some of them are found. All of them are asked
// for by `npm run mutants`, which takes long.

import { describe, expect, test } from "vitest";
import { ALL_MUTANTS, MUTANTS, selectMutants } from "../../mutants/list.ts";
import { applyPatch, type Mutant, readOriginal } from "../../mutants/mutant.ts";
import { bundleMutant, searchRange } from "../../mutants/search.ts";

const SAMPLE: Mutant = {
  name: "sample",
  mistake: "None.",
  file: "ids.ts",
  find: "two",
  replace: "2",
  needsCoincidence: false,
};
/** Mistakes that show soon, each by another invariant. */
const SOON = [
  "neighbours-go-with-a-folder",
  "change-time-is-ignored",
  "synced-file-counts-twice",
  "unreferenced-since-this-process",
];
const SEEDS = 100;

describe("a patch", () => {
  test("is put where its text stands once", () => {
    expect(applyPatch(SAMPLE, "one two three")).toBe("one 2 three");
  });

  test("is refused where its text stands twice or not at all", () => {
    expect(() => applyPatch(SAMPLE, "two and two")).toThrow("found it 2 times");
    expect(() => applyPatch(SAMPLE, "one")).toThrow("found it 0 times");
  });
});

describe("the mutants", () => {
  test.each(ALL_MUTANTS)("have a place in the engine: $name", async (mutant) => {
    const original = await readOriginal(mutant);
    expect(applyPatch(mutant, original)).not.toBe(original);
  });

  test("are at least 25, of which ten need two faults, and each has a name of its own", () => {
    expect(new Set(ALL_MUTANTS.map(({ name }) => name)).size).toBe(ALL_MUTANTS.length);
    expect(MUTANTS.length).toBeGreaterThanOrEqual(25);
    expect(MUTANTS.filter(({ needsCoincidence }) => needsCoincidence).length).toBeGreaterThanOrEqual(10);
  });

  test.each(selectMutants(SOON))("are found within a hundred seeds: $name", async (mutant) => {
    const { invariant } = await searchRange(await bundleMutant(mutant), 0, SEEDS);
    expect(invariant).not.toBeNull();
  });
});
