// The list of guarantees that scenarios check is the one that the tables' own files promise. Rule: a promise without a check, or
// a check that nobody promised, is a mistake in one of the two.

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FORBIDDEN } from "./guarantees.ts";

const TABLES = new URL("../../../engine/src/backup/tables/", import.meta.url);

/** The bullets of a file's header. */
function promisesOf(file: string): string[] {
  const [header = ""] = readFileSync(new URL(file, TABLES), "utf8").split("\n\n");
  return header.split("\n").flatMap((line) => /^\/\/ - (.+)$/.exec(line)?.[1] ?? []);
}

test("each guarantee at the head of a table's file is checked after every step, and no other", () => {
  const promises = readdirSync(TABLES).flatMap(promisesOf);
  expect(promises.sort()).toEqual(FORBIDDEN.map(([guarantee]) => guarantee).sort());
});
