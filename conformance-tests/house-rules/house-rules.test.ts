// Holds the repository to its house rules (STYLE.md, ARCHITECTURE.md), and each rule to its own samples.

import { describe, expect, test } from "vitest";
import { CODE_RULES } from "./code-rules.ts";
import { ENGINE_RULES } from "./engine-rules.ts";
import { IMPORT_RULES } from "./import-rules.ts";
import { LINK_RULES } from "./link-rules.ts";
import { MANIFEST_RULES } from "./manifest-rules.ts";
import { NAMING_RULES } from "./naming-rules.ts";
import { readTree } from "./source-tree.ts";
import { TEST_PLACE_RULES } from "./test-place-rules.ts";

const RULES = [
  ...NAMING_RULES,
  ...CODE_RULES,
  ...ENGINE_RULES,
  ...IMPORT_RULES,
  ...LINK_RULES,
  ...MANIFEST_RULES,
  ...TEST_PLACE_RULES,
];

const tree = readTree();

describe("the repository keeps its house rules", () => {
  for (const { sentence, find } of RULES) {
    test(sentence, () => {
      expect(find(tree)).toEqual([]);
    });
  }

  test("there is something to check", () => {
    expect(tree.map(({ path }) => path)).toContain("engine/package.json");
  });
});

describe("a rule that cannot fail is worth nothing", () => {
  for (const { sentence, find, bad } of RULES) {
    test.each(bad.map((files, index) => ({ files, index })))(`fires on sample $index: ${sentence}`, ({ files }) => {
      expect(find(files)).not.toEqual([]);
    });
  }
});

describe("a rule that fails on good code is worse", () => {
  for (const { sentence, find, good } of RULES) {
    test.each(good.map((files, index) => ({ files, index })))(`passes sample $index: ${sentence}`, ({ files }) => {
      expect(find(files)).toEqual([]);
    });
  }
});
