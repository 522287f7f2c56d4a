// What can go wrong with bytes and texts on their way: bits flip, pieces vanish, come twice or from elsewhere, lengths
// lie, arrays nest. Rule: fast-check draws every choice, so that a failure shrinks and its seed repeats it.

import fc from "fast-check";
import { type CborValue, decodeCborPrefix, encodeCbor } from "../../engine/src/format/cbor.ts";
import type { DecoderRow, Raw } from "./decoder-row.ts";

interface Change {
  readonly kind: "flip" | "set" | "cut" | "end" | "insert" | "double" | "splice" | "lie" | "nest";
  readonly at: number;
  readonly length: number;
  readonly choice: number;
  readonly other: number;
}

const KINDS = ["flip", "set", "cut", "end", "insert", "double", "splice", "lie", "nest"] as const;

/** Heads of CBOR items that announce more than there is, and the numbers next to every limit. */
export const LYING_HEADS: readonly Uint8Array[] = [
  "5bffffffffffffffff",
  "7b001fffffffffffff",
  "9b001fffffffffffff",
  "9affffffff",
  "5a7fffffff",
  "99ffff",
  "1b001fffffffffffff",
  "1b0020000000000000",
  "3b001fffffffffffff",
  "a0",
  "f7",
  "fb7ff8000000000000",
  "c249010000000000000000",
  "9fff",
  "1817",
].map((hex) => Uint8Array.from(Buffer.from(hex, "hex")));

const ODD_TEXTS = [
  ..."\0 /\\*[]{}\"'=:.-+@#!%?~",
  "\ud800",
  "\udfff",
  "\ud83c\udf0a",
  "\u0130",
  "\u2028",
  "\u00a0",
  "//",
  "..",
  "://",
  "**/",
  "1e400",
  "-0",
  "9007199254740993",
  "null",
  "__proto__",
  "constructor",
  "\r\n",
  "9".repeat(400),
  "A".repeat(300),
];

const ODD_CBOR: readonly CborValue[] = [
  0,
  1,
  -1,
  23,
  24,
  255,
  2 ** 32,
  Number.MAX_SAFE_INTEGER,
  -Number.MAX_SAFE_INTEGER,
  "",
  "a",
  "..",
  "\0",
  "é".repeat(200),
  null,
  [],
  [[]],
  [[[[[[]]]]]],
  new Uint8Array(0),
  new Uint8Array(31),
  new Uint8Array(32),
  new Uint8Array(33).fill(255),
  new Uint8Array(64),
];

const ODD_JSON: readonly unknown[] = [
  0,
  -1,
  0.5,
  1e308,
  Number.MAX_SAFE_INTEGER,
  "",
  "AA==",
  "AB==",
  "\ud800",
  "00".repeat(32),
  null,
  true,
  [],
  [null],
  {},
  [[]],
  { length: 5 },
  ["constructor"],
];

const CHANGES = fc.array(
  fc.record<Change>({
    kind: fc.constantFrom(...KINDS),
    at: fc.nat(),
    length: fc.nat({ max: 40 }),
    choice: fc.nat(),
    other: fc.nat(),
  }),
  { minLength: 1, maxLength: 4 },
);

/** Inputs that have nothing to do with what a decoder expects. */
export function randomInputs(row: DecoderRow): fc.Arbitrary<Raw> {
  if (!row.isText) return fc.uint8Array({ maxLength: 600 });
  return fc.oneof(
    fc.uint16Array({ maxLength: 300 }).map((units) => String.fromCharCode(...units)),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => String.fromCharCode(...bytes)),
    fc.string({ unit: "grapheme-ascii", maxLength: 100 }),
    fc.array(fc.constantFrom(...ODD_TEXTS), { maxLength: 12 }).map((parts) => parts.join("")),
    fc.json({ maxDepth: 4 }),
  );
}

/** Valid samples with one to four changes; null where a change left nothing that could be dressed. */
export function mutatedInputs(row: DecoderRow): fc.Arbitrary<Raw | null> {
  const raw = fc
    .tuple(fc.constantFrom(...row.samples), CHANGES)
    .map(([sample, changes]) => changes.reduce<Raw>((input, change) => change1(input, change, row.samples), sample));
  return (row.form === "raw" ? raw : fc.oneof(raw, changedFields(row))).map((input) =>
    input === null ? null : row.dress(input),
  );
}

/** Valid samples in which one to three fields became something else, in an encoding that is right. */
function changedFields(row: DecoderRow): fc.Arbitrary<Raw | null> {
  const choices = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat({ max: 5 })), { minLength: 1, maxLength: 3 });
  return fc.tuple(fc.constantFrom(...row.samples), choices).map(([sample, chosen]) => {
    if (typeof sample === "string") return changeJson(sample, chosen);
    return changeCbor(sample, chosen);
  });
}

type Choice = readonly [node: number, odd: number, how: number];

function changeJson(sample: string, choices: readonly Choice[]): string {
  let value: unknown = JSON.parse(sample);
  for (const choice of choices) value = changeNode(value, choice, ODD_JSON);
  return JSON.stringify(value) ?? "";
}

function changeCbor(sample: Uint8Array, choices: readonly Choice[]): Uint8Array | null {
  const { value: first, endOffset } = decodeCborPrefix(sample);
  let value: unknown = first;
  for (const choice of choices) value = changeNode(value, choice, ODD_CBOR);
  try {
    const head = encodeCbor(value as CborValue);
    return join(head, sample.subarray(endOffset));
  } catch {
    return null;
  }
}

/** `value` with one node replaced, removed or doubled; nodes are counted from the outside inwards. */
function changeNode(value: unknown, [node, odd, how]: Choice, oddities: readonly unknown[]): unknown {
  const target = node % countNodes(value);
  let seen = -1;
  const visit = (current: unknown): readonly unknown[] => {
    seen += 1;
    if (seen === target) {
      if (how === 0) return [];
      return how === 1 ? [current, current] : [oddities[odd % oddities.length]];
    }
    if (Array.isArray(current)) return [current.flatMap(visit)];
    if (typeof current !== "object" || current === null || current instanceof Uint8Array) return [current];
    return [
      Object.fromEntries(Object.entries(current).flatMap(([name, inner]) => visit(inner).map((to) => [name, to]))),
    ];
  };
  return visit(value)[0] ?? null;
}

function countNodes(value: unknown): number {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return 1;
  return Object.values(value).reduce((sum: number, inner) => sum + countNodes(inner), 1);
}

function change1(input: Raw, change: Change, samples: readonly Raw[]): Raw {
  const other = samples[change.other % samples.length] ?? input;
  if (typeof input === "string") return changeText(input, change, String(other));
  return changeBytes(input, change, other as Uint8Array);
}

function changeBytes(input: Uint8Array, { kind, at, length, choice }: Change, other: Uint8Array): Uint8Array {
  const from = at % (input.length + 1);
  const before = input.subarray(0, from);
  const behind = input.subarray(Math.min(input.length, from + length));
  const rest = input.subarray(from);
  switch (kind) {
    case "flip":
      return input.map((byte, index) => (index === from ? byte ^ (1 << (choice & 7)) : byte));
    case "set":
      return input.map((byte, index) => (index === from ? choice & 255 : byte));
    case "cut":
      return join(before, behind);
    case "end":
      return before.slice();
    case "insert":
      return join(
        before,
        Uint8Array.from({ length }, (_, index) => (choice >> (index % 24)) & 255),
        rest,
      );
    case "double":
      return join(before, input.subarray(from, from + length), rest);
    case "splice":
      return join(before, other.subarray(choice % (other.length + 1)));
    case "lie":
      return join(before, LYING_HEADS[choice % LYING_HEADS.length] ?? before, behind);
    case "nest":
      return join(before, new Uint8Array(1 + (choice % 5_000)).fill(0x81), rest);
  }
}

function changeText(input: string, { kind, at, length, choice }: Change, other: string): string {
  const from = at % (input.length + 1);
  const before = input.slice(0, from);
  const behind = input.slice(from + length);
  const odd = ODD_TEXTS[choice % ODD_TEXTS.length] ?? "";
  switch (kind) {
    case "flip":
      return before + String.fromCharCode((input.charCodeAt(from) || 0) ^ (1 << (choice & 15))) + input.slice(from + 1);
    case "set":
      return before + odd + input.slice(from + 1);
    case "cut":
      return before + behind;
    case "end":
      return before;
    case "insert":
    case "lie":
      return before + odd + input.slice(from);
    case "double":
      return before + input.slice(from, from + length) + input.slice(from);
    case "splice":
      return before + other.slice(choice % (other.length + 1));
    case "nest":
      return before + "[".repeat(1 + (choice % 5_000)) + input.slice(from);
  }
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}
