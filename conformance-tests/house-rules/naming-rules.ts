// Rules about files as such: what they are called, how long they are, how they begin.

import { fileRule, type Rule, sample } from "./rule.ts";
import { isScript, isSource, isTest } from "./source-tree.ts";

const SOURCE_LINES = 300;
const TEST_LINES = 400;

/** Programs that someone must be able to read alone, from top to bottom, may be longer. */
const LONGER_FOLDERS: readonly { readonly folder: string; readonly lines: number }[] = [
  { folder: "conformance-tests/server/independent/", lines: 500 },
  { folder: "docs/reader/", lines: 500 },
];

/** Names that say nothing about what lives in a file. */
const EMPTY_NAMES = /^(?:utils?|helpers?|common|shared|core|managers?|misc)$/;

/** How many lines the file at `path` may have. */
function limitLines(path: string): number {
  const longer = LONGER_FOLDERS.find(({ folder }) => path.startsWith(folder));
  if (longer !== undefined) return longer.lines;
  return isTest(path) ? TEST_LINES : SOURCE_LINES;
}

/** The words of a path: `server/SessionManager.kt` has `server`, `session`, `manager` and `kt`. */
function wordsOf(path: string): readonly string[] {
  return path
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .split(/[^a-z0-9]+/);
}

const lines = (count: number): string => "x();\n".repeat(count);

export const NAMING_RULES: readonly Rule[] = [
  fileRule({
    sentence: "a source has at most 300 lines, a test at most 400",
    appliesTo: isSource,
    find: ({ path, text }) => {
      const count = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
      return count > limitLines(path) ? [`${count} lines; the limit is ${limitLines(path)}`] : [];
    },
    bad: [
      sample("engine/src/queue.ts", lines(301)),
      sample("engine/test/queue.test.ts", lines(401)),
      sample("docs/reader/read.mjs", lines(501)),
    ],
    good: [
      sample("engine/src/queue.ts", lines(300)),
      sample("engine/test/queue.test.ts", lines(400)),
      sample("conformance-tests/server/independent/server.ts", lines(500)),
    ],
  }),
  fileRule({
    sentence: "no file or folder has a name that says nothing",
    appliesTo: () => true,
    find: ({ path }) => wordsOf(path).filter((word) => EMPTY_NAMES.test(word)),
    bad: [
      sample("engine/src/utils.ts", ""),
      sample("cli/src/common/path.ts", ""),
      sample("android-shell/host/SessionManager.kt", ""),
      sample("server/src/blob-helper.ts", ""),
    ],
    good: [sample("engine/src/score.ts", ""), sample("android-shell/app/src/main/AndroidManifest.xml", "")],
  }),
  fileRule({
    sentence: "scripts are named in kebab-case, and so are their folders",
    appliesTo: isScript,
    find: ({ path }) =>
      path.split("/").filter((part) => !/^\.?[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)*$/.test(part)),
    bad: [sample("engine/src/byteQueue.ts", ""), sample("cli/src/Scan/walk.ts", ""), sample("cli/src/a_b.ts", "")],
    good: [sample("engine/test/byte-queue.test.ts", ""), sample("vitest.config.ts", "")],
  }),
  fileRule({
    sentence: "a source begins with a comment that says what lives in it",
    appliesTo: (path) => /\/src\/.*\.tsx?$/.test(path) && !isTest(path),
    find: ({ text }) => (/^(?:#!.*\n)?\/[/*]/.test(text) ? [] : ["no header comment"]),
    bad: [sample("engine/src/queue.ts", 'import { a } from "./a.ts";\n')],
    good: [sample("engine/src/queue.ts", "// The queue.\n"), sample("engine/src/plan.ts", "/** Plans. */\n")],
  }),
];
