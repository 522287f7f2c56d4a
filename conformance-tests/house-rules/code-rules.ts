// Rules about what stands in a source, for every workspace.

import { fileRule, findPattern, type Rule, sample } from "./rule.ts";
import { codeOf, commentsOf } from "./script-text.ts";
import { isScript, isSource, isTest } from "./source-tree.ts";

/** How code that was commented out looks: it begins like a statement and ends like one. */
const STATEMENT =
  /^(?:(?:const|let|var|import|export|function|class)\b.*[;{]|(?:return|throw|await|if|else|for|while|switch|case)\b.*[=()[\]{}].*[;{]|[\w.]+(?:\(.*\)|\s*[-+]?=\s.*);|[})\]]+;?)$/;

/** The lines of a comment without its marks; documentation blocks are empty, because they may show an example. */
function linesOfComment(comment: string): readonly string[] {
  if (comment.startsWith("/**")) return [];
  return comment.split("\n").map((line) => line.replace(/^\s*(?:\/\/+|\/\*|\*)?\s*|\s*(?:\*\/)?\s*$/g, ""));
}

/** A rule that refuses `pattern` in the code (not the comments, not the literals) of scripts. */
function codeRule(rule: {
  readonly sentence: string;
  readonly pattern: RegExp;
  readonly appliesTo?: (path: string) => boolean;
  readonly bad: readonly string[];
  readonly good: readonly string[];
  readonly at?: string;
}): Rule {
  const at = rule.at ?? "cli/src/queue.ts";
  return fileRule({
    sentence: rule.sentence,
    appliesTo: (path) => isScript(path) && (rule.appliesTo?.(path) ?? true),
    find: ({ text }) => findPattern(codeOf(text), rule.pattern),
    bad: rule.bad.map((text) => sample(at, text)),
    good: rule.good.map((text) => sample(at, text)),
  });
}

export const CODE_RULES: readonly Rule[] = [
  codeRule({
    sentence: "there are no enums: type stripping cannot run them",
    pattern: /^[ \t]*(?:export\s+)?(?:declare\s+)?(?:const\s+)?enum\s+\w+/gm,
    bad: ["enum Kind { A }", "export const enum Kind { A }"],
    good: ['type Kind = "a" | "b"; // an enum would be a union here', "const text = 'enum Kind {}';"],
  }),
  codeRule({
    sentence: "there are no default exports, configuration files aside",
    pattern: /\bexport\s+default\b|\bas\s+default\b/g,
    // What a bundler makes of an import is described by a default export.
    appliesTo: (path) => !/\.(?:config|d)\.[cm]?[jt]s$/.test(path),
    bad: ["export default function plan() {}", "export { plan as default };"],
    good: ["export function plan() {}"],
  }),
  codeRule({
    sentence: "constructors take parameters, not properties",
    pattern: /\bconstructor\s*\((?:[^)]*,)?\s*(?:private|public|protected|readonly)\s+\w+/g,
    bad: [
      "class Plan { constructor(private readonly size: number) {} }",
      "class A { constructor(\n a: B,\n public c: D) {} }",
    ],
    good: [
      "class Plan { private readonly size: number; constructor(size: number) { this.size = size; } }",
      "class Plan { constructor(size: number, parts: readonly Part[]) {} }",
    ],
  }),
  codeRule({
    sentence: "only a package's index.ts exports what another file declares",
    pattern: /\bexport\s+(?:type\s+)?(?:\*|\{[^}]*\})[^;]*?\bfrom\b/g,
    appliesTo: (path) => !path.endsWith("/index.ts"),
    bad: ['export * from "./plan.ts";', 'export { plan } from "./plan.ts";', 'export type { Plan } from "./plan.ts";'],
    good: ["export { plan };", "const a = 1;\nexport { a };\nconst from = 2;"],
  }),
  fileRule({
    sentence: "nothing is left to do on main: that belongs in an issue",
    appliesTo: isSource,
    find: ({ text }) => findPattern([codeOf(text), ...commentsOf(text)].join("\n"), /\b(?:TODO|FIXME|XXX|HACK)\b/g),
    bad: [sample("cli/src/plan.ts", "// TODO: later"), sample("cli/src/plan.ts", "/* FIXME */ const a = 1;")],
    good: [sample("cli/src/plan.ts", "// what is to do stands in the plan\nconst word = 'TODO';")],
  }),
  fileRule({
    sentence: "no code is commented out: git remembers it",
    appliesTo: isSource,
    find: ({ text }) =>
      commentsOf(text)
        .flatMap(linesOfComment)
        .filter((line) => STATEMENT.test(line)),
    bad: [
      sample("cli/src/plan.ts", "// const size = 3;"),
      sample("cli/src/plan.ts", "// if (size > 3) {"),
      sample("cli/src/plan.ts", "/* send(blob); */"),
      sample("cli/src/plan.ts", "// queue.length = 0;"),
    ],
    good: [
      sample("cli/src/plan.ts", "// if the blob is sealed, send it;\n// return to the caller (who waits)\n"),
      sample("cli/src/plan.ts", "/** Example:\n * const size = 3;\n */"),
    ],
  }),
  codeRule({
    sentence: "every test runs: none is skipped, alone, or only named",
    pattern:
      /\b(?:test|it|describe|suite|bench)(?:\.\w+)*\.(?:skip|only|todo)\b|\b(?:xit|xtest|xdescribe|fit|fdescribe)\s*\(/g,
    at: "cli/test/queue.test.ts",
    bad: ['test.skip("a", () => {});', 'describe.only("a", () => {});', 'it.concurrent.skip("a", f);', 'xit("a", f);'],
    good: ['test("a skip", () => {});', "list.only;"],
  }),
  fileRule({
    sentence: "no test sleeps: it waits for what it needs, or turns a virtual clock",
    appliesTo: (path) => isScript(path) && isTest(path),
    find: ({ text }) => [
      ...findPattern(
        codeOf(text),
        /\bnew Promise\b[^;]{0,120}?\bsetTimeout\s*\(|\bsetTimeout\s*\(\s*(?:r|res|resolve|done)\b/g,
      ),
      ...findPattern(text, /^import .*["'](?:node:)?timers\/promises["']/gm),
    ],
    bad: [
      sample("cli/test/queue.test.ts", "await new Promise((go) => setTimeout(go, 50));"),
      sample("cli/test/queue.test.ts", "setTimeout(resolve, 50);"),
      sample("cli/test/queue.test.ts", 'import { setTimeout } from "node:timers/promises";'),
    ],
    good: [sample("cli/test/queue.test.ts", "await once(server, 'listening');")],
  }),
];
