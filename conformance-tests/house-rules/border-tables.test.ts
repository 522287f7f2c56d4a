// docs/host-api.md and the types of the border say the same.

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { fillTables, findUndescribed, readBorder } from "./border-tables.ts";

const SOURCES = new URL("../../engine/src/border/", import.meta.url);
const border = readBorder(readdirSync(SOURCES).map((name) => readFileSync(new URL(name, SOURCES), "utf8")));
const page = readFileSync(new URL("../../docs/host-api.md", import.meta.url), "utf8");

test("every field of the border has a docstring, and each number and text says its unit", () => {
  expect(findUndescribed(border)).toEqual([]);
});

test("the tables of the page are those of the types; `npm run border-tables` writes them", () => {
  expect(fillTables(page, border)).toBe(page);
});

test("every effect and every answer has its table on the page", () => {
  const marks = new Set([...page.matchAll(/<!-- (?:fields|kinds): ([\w-]+) -->/g)].map((match) => match[1]));
  const effects = (border.aliases.get("EffectBody") ?? "").match(/\w+/g) ?? [];
  const answers = border.shapes.get("Answers")?.fields.map((field) => field.name) ?? [];
  expect([...effects, ...answers].filter((name) => !marks.has(name))).toEqual([]);
  expect([effects.length, answers.length]).toEqual([14, 11]);
});
