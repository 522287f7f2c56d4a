// The splitter under the house rules: if it mistakes prose for code, rules cry wolf; the other way round they sleep.

import fc from "fast-check";
import { expect, test } from "vitest";
import { codeOf, commentsOf, importsOf, splitScript } from "./script-text.ts";
import { isScript, readTree } from "./source-tree.ts";

const kinds = (text: string): readonly string[] => splitScript(text).map(({ kind, text: part }) => `${kind} ${part}`);

test("the stretches of every script of the repository are the script again", () => {
  for (const { path, text } of readTree().filter((file) => isScript(file.path))) {
    const joined = splitScript(text).map((stretch) => stretch.text);
    expect(joined.join(""), path).toBe(text);
  }
});

test("the stretches of any text are the text again", () => {
  const piece = fc.constantFrom(
    "`",
    "${",
    "}",
    "{",
    '"',
    "'",
    "/",
    "*",
    "//",
    "/*",
    "*/",
    "\\",
    "\n",
    "a",
    " ",
    "=",
    "(",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = pieces.join("");
      expect(
        splitScript(text)
          .map((stretch) => stretch.text)
          .join(""),
      ).toBe(text);
    }),
    { numRuns: 2000 },
  );
});

test("a slash after a value divides, after an operator it begins an expression", () => {
  expect(kinds("a = b / c / d;")).toEqual(["code a = b / c / d;"]);
  expect(kinds("a = /b/g;")).toEqual(["code a = ", "regex /b/g", "code ;"]);
  expect(kinds("f(/[/'\"]/, 1)")).toEqual(["code f(", "regex /[/'\"]/", "code , 1)"]);
  expect(kinds("'a' / 2 / 'b'")).toEqual(["string 'a'", "code  / 2 / ", "string 'b'"]);
});

test("code inside a template is code, at any depth", () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the string is a script that holds a template
  expect(codeOf("`a ${b + `c ${d} e`} f` + g")).toBe("`b + `d`` + g");
});

test("comment marks in strings and quotes in comments mean nothing", () => {
  expect(commentsOf('const url = "http://a"; // it\'s here')).toEqual(["// it's here"]);
  expect(codeOf("/* don't */ a('//')")).toBe(" a('')");
});

test("imports are found in every form, and not in prose or data", () => {
  const text = [
    'import a, { type B } from "one";',
    'import type { C } from "two";',
    'export * from "three";',
    'import "four";',
    'await import("five");',
    'import {\n  d, // from "no"\n} from "six";',
    '// import "no";',
    'const text = `import "no"`;',
    'const from = "no";',
  ].join("\n");
  expect(importsOf(text)).toEqual(["one", "two", "three", "four", "five", "six"]);
});
