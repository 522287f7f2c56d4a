// The checks as data, held against docs/protocol.md.

import { expect, test } from "vitest";
import { sectionOf } from "../src/check.ts";
import { CHECKS } from "../src/checks/all.ts";
import { PROBLEMS } from "../src/problems.ts";
import { listProblems, listRequirements } from "./protocol-page.ts";

const REQUIREMENTS = new Map(listRequirements().map((requirement) => [requirement.id, requirement]));

test("every check quotes its requirement to the letter", () => {
  const wrong = CHECKS.filter(({ requirement, quote }) => !REQUIREMENTS.get(requirement)?.text.includes(quote));
  expect(wrong.map(({ id, quote }) => `${id}: ${quote}`)).toEqual([]);
});

test("every check's section is the one that its requirement stands in", () => {
  for (const { id, section } of REQUIREMENTS.values()) expect(`${id} ${sectionOf(id)}`).toBe(`${id} ${section}`);
});

test("every check has an id of its own", () => {
  const ids = CHECKS.map(({ id }) => id);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  for (const id of ids) expect(id).toMatch(/^[a-z-]+\/[a-z0-9-]+$/);
});

test("the table of problems is the page's", () => {
  const known = Object.entries(PROBLEMS).map(([code, row]) => ({ code, ...row }));
  expect(known).toEqual(listProblems());
});
