// Exclusion patterns in gitignore's syntax (gitignore(5), "PATTERN FORMAT"), as git reads it. Rule: a name that is text is
// matched by its characters, and one that is not UTF-8 by its bytes; the hexadecimal of its path is never looked at.

import { fromHex, utf8Encode } from "../bytes.ts";
import { CoffreError } from "../errors.ts";
import { utf8Length } from "../utf8.ts";
import type { Element } from "./name-pattern.ts";
import { isAnyNames, matchElements, parseElements } from "./name-pattern.ts";

/** One pattern, parsed. `rule` is its text as the owner wrote it. */
export interface Pattern {
  readonly rule: string;
  readonly negated: boolean;
  readonly foldersOnly: boolean;
  /** Path segments; a pattern without a slash inside is `**` and the name. */
  readonly segments: readonly Segment[];
}

/** What one name of a path must be like; `any` stands for any number of names. */
type Segment = "any" | { readonly characters: readonly Element[]; readonly bytes: readonly Element[] };

/** A name as it is matched. */
interface PathName {
  readonly kind: "characters" | "bytes";
  readonly units: readonly number[];
}

const MAX_PATTERN_CHARS = 1_000;
/** Fits nothing that a folder can hold. */
const NO_NAME: readonly Element[] = [];
const RAW = /^\/(?:[0-9a-f]{2})+$/;

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
  const segments = text === "" ? null : parseSegments(text);
  if (segments === null) return null;
  return { rule, negated, foldersOnly, segments: anchored ? segments : ["any", ...segments] };
}

/** The segments of a pattern; null for one that nothing matches. */
function parseSegments(text: string): Segment[] | null {
  const characters = parseElements(charactersOf(text));
  if (characters === null) return null;
  const bytes = utf8Length(text) < 0 ? null : parseElements([...utf8Encode(text)]);
  return characters.map((segment, i) =>
    isAnyNames(segment) ? "any" : { characters: segment, bytes: bytes?.[i] ?? NO_NAME },
  );
}

/** The code points of a text. */
export function charactersOf(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0) ?? 0);
}

/** The name that a name text stands for (docs/format.md F-65). */
function readName(text: string): PathName {
  if (!RAW.test(text)) return { kind: "characters", units: charactersOf(text) };
  return { kind: "bytes", units: [...fromHex(text.slice(1))] };
}

/** Trailing spaces do not count, but for one behind a backslash that is itself not escaped. */
function trimSpaces(line: string): string {
  const text = line.endsWith("\r") ? line.slice(0, -1) : line;
  let end = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "\\") i += 1;
    else if (text[i] === " ") continue;
    end = Math.min(i + 1, text.length);
  }
  return text.slice(0, end);
}

/**
 * The rule by which `path` (the name texts below the root) is excluded, or null. The last pattern that matches decides.
 * What lies below an excluded folder is the caller's to exclude: no pattern can bring it back.
 */
export function findRule(patterns: readonly Pattern[], path: readonly string[], isFolder: boolean): string | null {
  if (patterns.length === 0) return null;
  const names = path.map(readName);
  for (let i = patterns.length - 1; i >= 0; i--) {
    const pattern = patterns[i] as Pattern;
    if (pattern.foldersOnly && !isFolder) continue;
    if (matchSegments(pattern.segments, names)) return pattern.negated ? null : pattern.rule;
  }
  return null;
}

function matchSegments(pattern: readonly Segment[], path: readonly PathName[]): boolean {
  // Greedy with one point of return: `any` swallows one segment more each time what follows it does not fit.
  let returnPattern = -1;
  let returnPath = -1;
  let i = 0;
  let j = 0;
  while (j < path.length) {
    const segment = pattern[i];
    if (segment === "any") {
      if (i === pattern.length - 1) return true;
      returnPattern = i + 1;
      returnPath = j;
      i += 1;
    } else if (segment !== undefined && matchName(segment, path[j] as PathName)) {
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

function matchName(segment: Exclude<Segment, "any">, { kind, units }: PathName): boolean {
  return matchElements(segment[kind], units);
}
