// The vector files and the engine agree (docs/format.md, all of it).

import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { runCase, type VectorFile } from "./area.ts";
import { AREAS, fileOf, makeText } from "./make-vectors.ts";

describe.each(AREAS.map((area) => ({ name: area.area, area })))("vectors of $name", ({ area }) => {
  test("the file is what the script makes", async () => {
    expect(await readFile(fileOf(area), "utf8")).toBe(makeText(area));
  });

  test("the engine gives what the file says, and refuses what it must", async () => {
    const file = JSON.parse(await readFile(fileOf(area), "utf8")) as VectorFile;
    expect(file.tests.length).toBeGreaterThan(0);
    for (const { comment, input, expected } of file.tests) {
      expect({ comment, result: runCase(area, input) }).toEqual({ comment, result: expected });
    }
  });
});
