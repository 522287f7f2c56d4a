// What one name may look like: `*`, `?`, `[a-z]`, `[[:digit:]]`, and backslash before what is meant literally, as git's
// wildmatch.c reads them. Rule: matching is by hand, in time bounded by pattern × name: a pattern from outside must not be able
// to hang a step the way a regular expression can.

/** A unit that is meant literally, or one of these; units are code points or bytes. */
export type Element = number | typeof ONE | typeof STAR | UnitClass;

const ONE = "?";
const STAR = "*";

interface UnitClass {
  readonly negated: boolean;
  readonly ranges: readonly Range[];
}

type Range = readonly [low: number, high: number];

const BANG = 0x21;
const STAR_UNIT = 0x2a;
const MINUS = 0x2d;
const SLASH = 0x2f;
const COLON = 0x3a;
const QUESTION = 0x3f;
const OPEN = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE = 0x5d;
const CARET = 0x5e;

const UPPER: Range = [0x41, 0x5a];
const LOWER: Range = [0x61, 0x7a];
const DIGIT: Range = [0x30, 0x39];
const PUNCTUATION: readonly Range[] = [
  [0x21, 0x2f],
  [0x3a, 0x40],
  [0x5b, 0x60],
  [0x7b, 0x7e],
];
/** Classes by name, of ASCII alone; what git calls a space is none of those that C adds. */
const NAMED: Readonly<Record<string, readonly Range[]>> = {
  alnum: [UPPER, LOWER, DIGIT],
  alpha: [UPPER, LOWER],
  blank: [
    [0x09, 0x09],
    [0x20, 0x20],
  ],
  cntrl: [
    [0x00, 0x1f],
    [0x7f, 0x7f],
  ],
  digit: [DIGIT],
  graph: [[0x21, 0x7e]],
  lower: [LOWER],
  print: [[0x20, 0x7e]],
  punct: PUNCTUATION,
  space: [
    [0x09, 0x0a],
    [0x0d, 0x0d],
    [0x20, 0x20],
  ],
  upper: [UPPER],
  xdigit: [DIGIT, [0x41, 0x46], [0x61, 0x66]],
};

/** A pattern's elements between its slashes; null for one that nothing matches: an open bracket, a backslash at its end. */
export function parseElements(units: readonly number[]): Element[][] | null {
  const segments: Element[][] = [[]];
  const add = (element: Element): void => void (segments[segments.length - 1] as Element[]).push(element);
  for (let i = 0; i < units.length; ) {
    const unit = units[i] as number;
    if (unit === OPEN) {
      const parsed = parseClass(units, i + 1);
      if (parsed === null) return null;
      add(parsed.units);
      i = parsed.next;
      continue;
    }
    const literal = unit === BACKSLASH ? units[i + 1] : unit;
    if (literal === undefined) return null;
    if (literal === SLASH) segments.push([]);
    else if (unit === STAR_UNIT) add(STAR);
    else if (unit === QUESTION) add(ONE);
    else add(literal);
    i += unit === BACKSLASH ? 2 : 1;
  }
  return segments;
}

/** Whether a segment stands for any number of names: two stars and more, and nothing else. */
export function isAnyNames(segment: readonly Element[]): boolean {
  return segment.length > 1 && segment.every((element) => element === STAR);
}

/** A class from behind its `[`; null without an end, or with the name of no class. */
function parseClass(units: readonly number[], start: number): { units: UnitClass; next: number } | null {
  const negated = units[start] === BANG || units[start] === CARET;
  const first = negated ? start + 1 : start;
  const ranges: Range[] = [];
  let low: number | null = null;
  let i = first;
  for (; units[i] !== CLOSE || i === first; i++) {
    let unit = units[i];
    if (unit === undefined) return null;
    if (unit === MINUS && low !== null && units[i + 1] !== undefined && units[i + 1] !== CLOSE) {
      i += units[i + 1] === BACKSLASH ? 2 : 1;
      const high = units[i];
      if (high === undefined) return null;
      ranges.push([low, high]);
      low = null;
      continue;
    }
    if (unit === OPEN && units[i + 1] === COLON) {
      const end = units.indexOf(CLOSE, i + 2);
      if (end < 0) return null;
      if (end > i + 2 && units[end - 1] === COLON) {
        const named = NAMED[String.fromCodePoint(...units.slice(i + 2, end - 1))];
        if (named === undefined) return null;
        ranges.push(...named);
        low = null;
        i = end;
        continue;
      }
    }
    if (unit === BACKSLASH) {
      i += 1;
      unit = units[i];
      if (unit === undefined) return null;
    }
    // The lower end of a range counts by itself, also of one that runs backwards.
    ranges.push([unit, unit]);
    low = unit;
  }
  return { units: { negated, ranges }, next: i + 1 };
}

/** Whether a name's units fit a segment. */
export function matchElements(segment: readonly Element[], name: readonly number[]): boolean {
  let starElement = -1;
  let starUnit = -1;
  let i = 0;
  let j = 0;
  while (j < name.length) {
    const element = segment[i];
    if (element === STAR) {
      i += 1;
      starElement = i;
      starUnit = j;
    } else if (element !== undefined && matchUnit(element, name[j] as number)) {
      i += 1;
      j += 1;
    } else if (starElement >= 0) {
      starUnit += 1;
      i = starElement;
      j = starUnit;
    } else {
      return false;
    }
  }
  while (segment[i] === STAR) i += 1;
  return i === segment.length;
}

function matchUnit(element: Element, unit: number): boolean {
  if (typeof element === "number") return element === unit;
  if (typeof element === "string") return element === ONE;
  return element.ranges.some(([low, high]) => low <= unit && unit <= high) !== element.negated;
}
