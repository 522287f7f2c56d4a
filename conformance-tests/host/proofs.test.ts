// Which sentences of docs/host-api.md the suite proves. Rule: an id is cited by a check, or the page of the suite says why it
// cannot be; nothing is cited that does not exist.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CHECK_GROUPS } from "./suite.ts";

function readPage(name: string): string {
  return readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");
}

const REQUIRED = [...readPage("host-api.md").matchAll(/\*\*(H-[0-9]+)\*\*/g)].map(([, id]) => id ?? "");
const LEFT_OUT = [...readPage("host-suite.md").matchAll(/^\| (H-[0-9]+) \| .{20,} \|$/gm)].map(([, id]) => id ?? "");
const CHECKS = CHECK_GROUPS.flatMap(({ checks }) => checks);
const CITED = new Set(CHECKS.flatMap(({ proves }) => proves));

test("each id stands once in the host API", () => {
  expect(REQUIRED.length).toBeGreaterThan(20);
  expect(new Set(REQUIRED).size).toBe(REQUIRED.length);
});

test("every id that is cited exists", () => {
  expect([...CITED].filter((id) => !REQUIRED.includes(id))).toEqual([]);
});

test("every id is cited, or left out for a reason, and not both", () => {
  expect([...CITED, ...LEFT_OUT].sort()).toEqual([...REQUIRED].sort());
});

test("every check says something of its own, and cites what it proves", () => {
  expect(CHECKS.filter(({ proves }) => proves.length === 0)).toEqual([]);
  expect(new Set(CHECKS.map(({ says }) => says)).size).toBe(CHECKS.length);
});
