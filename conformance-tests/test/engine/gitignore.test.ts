// The engine's exclusion patterns against a library that follows gitignore.

import fc from "fast-check";
import ignore from "ignore";
import { describe, expect, test } from "vitest";
import { findRule, parsePatterns } from "../../../engine/src/exclusion/patterns.ts";

describe("the rules together", () => {
  const segment = fc.stringMatching(/^[ab*?]{1,4}$/).filter((text) => text !== "**");
  const pattern = fc
    .tuple(
      fc.constantFrom("", "!"),
      fc.constantFrom("", "/"),
      fc.array(fc.oneof(segment, fc.constant("**")), { minLength: 1, maxLength: 3 }),
    )
    .map(([not, anchor, segments]) => `${not}${anchor}${segments.join("/")}`)
    // Runs of stars inside a name and repeated ** are written by nobody, and libraries differ on them.
    .filter((text) => !/\*\*[^/]|[^/!]\*\*|\*\*\/\*\*|\/\*\*$|^!?\*\*$|\*\?|\?\*/.test(text));
  const path = fc.array(fc.stringMatching(/^[ab]{1,3}$/), { minLength: 1, maxLength: 3 });

  test("agree with a library of gitignore for files at the top of the tree", () => {
    fc.assert(
      fc.property(fc.array(pattern, { minLength: 1, maxLength: 4 }), path, (lines, components) => {
        const library = ignore({ ignorecase: false }).add(lines);
        // What lies below an excluded folder is excluded whatever later patterns say: the caller walks from the top.
        const patterns = parsePatterns(lines);
        let excluded = false;
        for (let depth = 1; depth <= components.length && !excluded; depth++) {
          excluded = findRule(patterns, components.slice(0, depth), depth < components.length) !== null;
        }
        expect(excluded).toBe(library.ignores(components.join("/")));
      }),
      { numRuns: 2_000 },
    );
  });
});
