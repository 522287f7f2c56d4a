// Holds docs/requirements.md to the owner's list: every demand once, none done without a proof that exists.

import { describe, expect, test } from "vitest";
import { findDeadLinks } from "./link-rules.ts";
import { findFaults, LAST_REQUIREMENT } from "./requirements.ts";
import { readText, readTree } from "./source-tree.ts";

const DOCUMENT = "docs/requirements.md";

/** A table of two demands, R1 and R2, of which R2 is `second`. */
const table = (second: string): string =>
  `| id | demand | state | proof |\n|---|---|---|---|\n| R1 | a | done | [test](a.test.ts) |\n${second}\n`;

describe("docs/requirements.md", () => {
  test(`has R1 to R${LAST_REQUIREMENT} once each, in a known state, and a proof for each that is done`, () => {
    const text = readText(DOCUMENT);
    expect(text, `${DOCUMENT} does not exist`).not.toBeNull();
    expect(findFaults(text ?? "")).toEqual([]);
  });

  test("proves with links that live", () => {
    const tree = readTree();
    expect(tree.filter(({ path }) => path === DOCUMENT).flatMap((file) => findDeadLinks(tree, file))).toEqual([]);
  });
});

describe("the check of the table", () => {
  test("passes a good one", () => {
    expect(findFaults(table("| R2 | b \\| c | ruled out | C1 |"), 2)).toEqual([]);
  });

  test.each([
    ["a missing demand", "", "R2 has 0 rows"],
    ["a demand listed twice", "| R2 | b | later | |\n| R2 | b | later | |", "R2 has 2 rows"],
    ["a demand nobody made", "| R2 | b | later | |\n| R3 | c | later | |", "R3 is not a demand"],
    ["an unknown state", "| R2 | b | almost | |", 'R2 is "almost", not one of: done, partly, later, ruled out'],
    ["done without a link", "| R2 | b | done | sure |", "R2 is done, but no link into the repository proves it"],
    [
      "done by a link to the web",
      "| R2 | b | done | [a](https://example.org) |",
      "R2 is done, but no link into the repository proves it",
    ],
  ])("finds %s", (_, second, fault) => {
    expect(findFaults(table(second), 2)).toEqual([fault]);
  });
});
