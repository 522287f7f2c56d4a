// The engine's exclusion patterns against git itself. Rule: what git calls ignored in real folders is what is compared; where
// Coffre differs on purpose (characters outside ASCII, stars beside letters) no pattern is made.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { findRule, parsePatterns } from "../../../engine/src/exclusion/patterns.ts";

const SEED = 41;
const SETS = 700;
const ENVIRONMENT = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
const PIECES = [
  ..."abbb]-!^? ".split(""),
  ...[
    "*",
    "*",
    "/",
    "/",
    "/",
    "/**",
    "**/",
    "/**/",
    "/***/",
    "a/***/",
    "****/",
    "**",
    "***",
    "[ab]",
    "[!a]",
    "[^b]",
    "[a-c]",
    "[b-a]",
    "[]a]",
    "[a-]",
    "[a/b]",
    "[!/]",
    "[[:alpha:]]",
  ],
  ...[
    "[[:digit:]b]",
    "[![:alpha:]]",
    "[[:a]",
    "[[:foo:]]",
    "[:a]",
    "[",
    "\\a",
    "\\*",
    "\\[",
    "\\]",
    "\\\\",
    "\\/",
    "\\ ",
    "\\",
    "[\\]]",
    "[\\a-c]",
  ],
];
const NAMES = ["a", "b", "ab", "ba", "c", "aab", "a]", "[", "[a]", "a b", "b ", "\\", "a\\", "*", "-", "!a", "1", ":"];

const root = mkdtempSync(join(tmpdir(), "coffre-gitignore-"));
afterAll(() => rmSync(root, { recursive: true }));

const pattern = fc
  .tuple(
    fc.constantFrom("", "", "", "!"),
    fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 6 }),
    fc.constantFrom("", "", "/", " "),
  )
  .map(([not, pieces, end]) => `${not}${pieces.join("")}${end}`)
  // Two stars that share a component with something else.
  .filter((text) => !text.split(/[/! ]/).some((part) => part.includes("**") && !/^\*+$/.test(part)));
const path = fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 });
const sets = fc.sample(
  fc.tuple(fc.array(pattern, { minLength: 1, maxLength: 3 }), fc.array(path, { minLength: 6, maxLength: 6 })),
  {
    numRuns: SETS,
    seed: SEED,
  },
);

/** Makes a set's folder; the paths in it that are there, folders too. */
function makeSet(folder: string, lines: readonly string[], paths: readonly (readonly string[])[]): string[] {
  mkdirSync(folder);
  writeFileSync(join(folder, ".gitignore"), `${lines.join("\n")}\n`);
  const made = new Set<string>();
  for (const names of paths) {
    try {
      mkdirSync(join(folder, ...names.slice(0, -1)), { recursive: true });
      writeFileSync(join(folder, ...names), "", { flag: "wx" });
    } catch {
      // A file stands where a folder is wanted, or the other way round.
      continue;
    }
    for (let depth = 1; depth <= names.length; depth++) made.add(names.slice(0, depth).join("/"));
  }
  return [...made];
}

/** Which of these paths git ignores, asked all at once. */
function askGit(paths: readonly string[]): Set<string> {
  const options = ["check-ignore", "--no-index", "--stdin", "-z", "--verbose", "--non-matching"];
  const input = paths.map((one) => `${one}\0`).join("");
  let told: string;
  try {
    told = execFileSync("git", options, { cwd: root, env: ENVIRONMENT, input, encoding: "utf8", maxBuffer: 1 << 28 });
  } catch (error) {
    // 1: none is ignored.
    if ((error as { status?: number }).status !== 1) throw error;
    told = String((error as { stdout?: unknown }).stdout);
  }
  const fields = told.split("\0");
  const ignored = new Set<string>();
  for (let at = 0; at + 3 < fields.length; at += 4) {
    const [, , rule = "", at4 = ""] = fields.slice(at, at + 4);
    if (rule !== "" && !rule.startsWith("!")) ignored.add(at4);
  }
  return ignored;
}

/** Whether the engine leaves a path out: what lies below an excluded folder is excluded, so it goes from the top. */
function isExcluded(folder: string, lines: readonly string[], names: readonly string[]): boolean {
  const patterns = parsePatterns(lines);
  return names.some((_, at) => {
    const below = names.slice(0, at + 1);
    return findRule(patterns, below, statSync(join(folder, ...below)).isDirectory()) !== null;
  });
}

test("brackets, backslashes, stars, spaces and folders mean what they mean to git", { timeout: 600_000 }, () => {
  execFileSync("git", ["init", "-q"], { cwd: root, env: ENVIRONMENT });
  const asked = sets.map(([lines, paths], at) => ({ at, lines, made: makeSet(join(root, `${at}`), lines, paths) }));
  const ignored = askGit(asked.flatMap(({ at, made }) => made.map((one) => `${at}/${one}`)));
  const differences: string[] = [];
  let count = 0;
  for (const { at, lines, made } of asked) {
    for (const one of made) {
      const isIgnored = ignored.has(`${at}/${one}`);
      count += isIgnored ? 1 : 0;
      if (isExcluded(join(root, `${at}`), lines, one.split("/")) !== isIgnored)
        differences.push(`${JSON.stringify(lines)} ${JSON.stringify(one)}: git ${isIgnored ? "ignores" : "keeps"} it`);
    }
  }
  expect(differences).toEqual([]);
  expect(count).toBeGreaterThan(200);
});
