// Every mutant against the checks that it touches: the expected ones fail, by id, and no other.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { CHECKS } from "../src/checks/all.ts";
import { MUTANTS } from "./all.ts";
import { applyFault } from "./mutant.ts";
import { expectedOf, tryMutant } from "./try-mutant.ts";

const SERVER = new URL("../../../server/src/", import.meta.url);
/** Each trial starts a server, some of them twice. */
const TRIAL_MS = 300_000;

test("mutants have names of their own, and name checks that exist", () => {
  const names = MUTANTS.map(({ name }) => name);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  const ids = new Set(CHECKS.map(({ id }) => id));
  const unknown = MUTANTS.flatMap(({ checks }) => checks.filter((id) => !ids.has(id)));
  expect(unknown).toEqual([]);
  for (const { checks } of MUTANTS) expect(checks.length).toBeGreaterThan(0);
});

test("every mutant's place stands in the server once", () => {
  for (const mutant of MUTANTS) {
    const text = readFileSync(new URL(mutant.file, SERVER), "utf8");
    expect(applyFault(mutant, text)).not.toBe(text);
  }
});

describe("a server with one fault fails the checks that it must, and no other", () => {
  test.for(MUTANTS)("$name", { timeout: TRIAL_MS }, async (mutant) => {
    expect(await tryMutant(mutant, false)).toEqual(expectedOf(mutant, false));
  });
});
