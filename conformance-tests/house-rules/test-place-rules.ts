// A rule about where tests live: a test outside the suites would never run, and nobody would notice.

import { type Rule, sample } from "./rule.ts";
import type { TreeFile } from "./source-tree.ts";

/** The folders that the suites of `vitest.config.ts` search. */
function suiteFolders(files: readonly TreeFile[]): readonly string[] {
  const config = files.find(({ path }) => path === "vitest.config.ts")?.text ?? "";
  return [...config.matchAll(/\bproject\("[^"]+", "([^"]+)"/g)].map(([, folder = ""]) => `${folder}/`);
}

/** Whether `path` looks like a test of TypeScript or JavaScript code. */
function looksLikeTest(path: string): boolean {
  return /\.(?:test|spec)\.[cm]?[jt]sx?$/.test(path) || path.includes("/__tests__/");
}

const CONFIG = sample("vitest.config.ts", 'project("engine", "engine/test"),\nproject("rules", "rules", []),');

export const TEST_PLACE_RULES: readonly Rule[] = [
  {
    sentence: "every test lives in a folder that a suite searches, and ends in .test.ts",
    find: (files) => {
      const folders = suiteFolders(files);
      return files
        .map(({ path }) => path)
        .filter(looksLikeTest)
        .filter((path) => !path.endsWith(".test.ts") || !folders.some((folder) => path.startsWith(folder)));
    },
    bad: [
      [CONFIG, sample("engine/src/plan.test.ts", "")],
      [CONFIG, sample("engine/test/plan.spec.ts", "")],
      [CONFIG, sample("tools/plan.test.ts", "")],
      [sample("engine/test/plan.test.ts", "")],
    ],
    good: [[CONFIG, sample("engine/test/plan.test.ts", ""), sample("rules/deep/run.test.ts", "")]],
  },
];
