// Exclusion patterns in gitignore's syntax (gitignore(5), "PATTERN FORMAT"). Rule: matching is by hand over code points, in
// time bounded by pattern × path: a pattern from outside must not be able to hang a step the way a regular expression can.

import { CoffreError } from "../errors.ts";

/** One pattern, parsed. `rule` is its text as the owner wrote it. */
export interface Pattern {
  readonly rule: string;
  readonly negated: boolean;
  readonly foldersOnly: boolean;
  /** Path segments; a pattern without a slash inside is `**` and the name. */
  readonly segments: readonly string[];
}

const MAX_PATTERN_CHARS = 1_000;

/** The patterns in order; blank lines and comments are dropped. `user-pattern-malformed` for one that is too long. */
export function parsePatterns(lines: readonly string[]): Pattern[] {
  const patterns: Pattern[] = [];
  for (const line of lines) {
    const pattern = parsePattern(line);
    if (pattern !== null) patterns.push(pattern);
  }
  return patterns;
}

function parsePattern(line: string): Pattern | null {
  let text = trimSpaces(line);
  if (text === "" || text.startsWith("#")) return null;
  if (text.length > MAX_PATTERN_CHARS || text.includes("\n") || text.includes("\0")) {
    throw new CoffreError("user-pattern-malformed", `expected at most ${MAX_PATTERN_CHARS} characters in one line`);
  }
  const rule = text;
  const negated = text.startsWith("!");
  if (negated) text = text.slice(1);
  const foldersOnly = text.endsWith("/");
  if (foldersOnly) text = text.slice(0, -1);
  const anchored = text.includes("/");
  if (text.startsWith("/")) text = text.slice(1);
  if (text === "") return null;
  const segments = text.split("/");
  return { rule, negated, foldersOnly, segments: anchored ? segments : ["**", ...segments] };
}

/** Trailing spaces do not count unless a backslash stands before them. */
function trimSpaces(line: string): string {
  let end = line.endsWith("\r") ? line.length - 1 : line.length;
  while (end > 0 && line[end - 1] === " " && line[end - 2] !== "\\") end -= 1;
  return line.slice(0, end);
}

/**
 * The rule by which `path` (components below the root) is excluded, or null. The last pattern that matches decides.
 * What lies below an excluded folder is the caller's to exclude: no pattern can bring it back.
 */
export function findRule(patterns: readonly Pattern[], path: readonly string[], isFolder: boolean): string | null {
  for (let i = patterns.length - 1; i >= 0; i--) {
    const pattern = patterns[i] as Pattern;
    if (pattern.foldersOnly && !isFolder) continue;
    if (matchSegments(pattern.segments, 0, path, 0)) return pattern.negated ? null : pattern.rule;
  }
  return null;
}

function matchSegments(pattern: readonly string[], p: number, path: readonly string[], n: number): boolean {
  // Greedy with one point of return: a `**` swallows one segment more each time what follows it does not fit.
  let returnPattern = -1;
  let returnPath = -1;
  let i = p;
  let j = n;
  while (j < path.length) {
    const segment = pattern[i];
    if (segment === "**" && i < pattern.length) {
      if (i === pattern.length - 1) return true;
      returnPattern = i + 1;
      returnPath = j;
      i += 1;
    } else if (segment !== undefined && matchName(segment, path[j] as string)) {
      i += 1;
      j += 1;
    } else if (returnPattern >= 0) {
      returnPath += 1;
      i = returnPattern;
      j = returnPath;
    } else {
      return false;
    }
  }
  return i === pattern.length;
}

/** Whether one name fits one segment: `*`, `?`, `[a-z]`, `[!a]`, and backslash before what is meant literally. */
export function matchName(segment: string, name: string): boolean {
  const pattern = [...segment];
  const text = [...name];
  let starPattern = -1;
  let starText = -1;
  let i = 0;
  let j = 0;
  while (j < text.length) {
    if (pattern[i] === "*") {
      starPattern = i + 1;
      starText = j;
      i += 1;
      continue;
    }
    const next = i < pattern.length ? matchOne(pattern, i, text[j] as string) : -1;
    if (next >= 0) {
      i = next;
      j += 1;
    } else if (starPattern >= 0) {
      starText += 1;
      i = starPattern;
      j = starText;
    } else {
      return false;
    }
  }
  while (pattern[i] === "*") i += 1;
  return i === pattern.length;
}

/** The index behind the element at `i` when it fits `char`, else -1. */
function matchOne(pattern: readonly string[], i: number, char: string): number {
  const element = pattern[i];
  if (element === "?") return i + 1;
  if (element === "\\" && i + 1 < pattern.length) return pattern[i + 1] === char ? i + 2 : -1;
  if (element === "[") return matchClass(pattern, i, char);
  return element === char ? i + 1 : -1;
}

/** A class from `[` to its `]`; without an end it fits nothing. */
function matchClass(pattern: readonly string[], start: number, char: string): number {
  let i = start + 1;
  const negated = pattern[i] === "!" || pattern[i] === "^";
  if (negated) i += 1;
  const first = i;
  let found = false;
  while (i < pattern.length && (pattern[i] !== "]" || i === first)) {
    if (pattern[i] === "\\") i += 1;
    const low = pattern[i];
    if (low === undefined) return -1;
    let high = low;
    if (pattern[i + 1] === "-" && pattern[i + 2] !== undefined && pattern[i + 2] !== "]") {
      i += pattern[i + 2] === "\\" ? 3 : 2;
      high = pattern[i] ?? low;
    }
    if (codeOf(low) <= codeOf(char) && codeOf(char) <= codeOf(high)) found = true;
    i += 1;
  }
  if (pattern[i] !== "]") return -1;
  return found !== negated ? i + 1 : -1;
}

function codeOf(char: string): number {
  return char.codePointAt(0) ?? 0;
}
