// What a house rule is. Rule: each carries samples that break it and samples that keep it, because a rule that cannot
// fail, or that fails on good code, is worth nothing.

import type { TreeFile } from "./source-tree.ts";

/** A rule over the whole tree. `find` returns one line for each place that breaks it. */
export interface Rule {
  readonly sentence: string;
  readonly find: (files: readonly TreeFile[]) => readonly string[];
  /** Each of these trees breaks the rule. */
  readonly bad: readonly (readonly TreeFile[])[];
  /** None of these does. */
  readonly good: readonly (readonly TreeFile[])[];
}

/** A rule that looks at one file at a time; `find` says what is wrong in a file to which it applies. */
export function fileRule(rule: {
  readonly sentence: string;
  readonly appliesTo: (path: string) => boolean;
  readonly find: (file: TreeFile) => readonly string[];
  readonly bad: readonly TreeFile[];
  readonly good: readonly TreeFile[];
}): Rule {
  return {
    sentence: rule.sentence,
    find: (files) =>
      files
        .filter(({ path }) => rule.appliesTo(path))
        .flatMap((file) => rule.find(file).map((finding) => `${file.path}: ${finding}`)),
    bad: rule.bad.map((file) => [file]),
    good: rule.good.map((file) => [file]),
  };
}

/** A sample file. */
export function sample(path: string, text: string): TreeFile {
  return { path, text };
}

/** Every match of `pattern` (global) in `text`, with its line. */
export function findPattern(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map((match) => {
    const line = text.slice(0, match.index).split("\n").length;
    return `line ${line}: ${match[0].trim()}`;
  });
}
