// What a check is. Rule: a check names what it proves in docs/host-api.md, and fails by throwing.

import { deepStrictEqual } from "node:assert/strict";
import { inspect } from "node:util";
import type { Feature } from "./adapter-process.ts";
import type { Stage, StageSetup } from "./stage.ts";

/** One statement about hosts. */
export interface Check {
  /** A sentence whose subject is the host. */
  readonly says: string;
  /** Ids of docs/host-api.md, such as `H-21`. */
  readonly proves: readonly string[];
  /** Features without which there is nothing to check. */
  readonly needs?: readonly Feature[];
  /** How much longer than others it may take. */
  readonly extraMs?: (setup: StageSetup) => number;
  readonly run: (stage: Stage) => Promise<void>;
}

/** Checks of one subject. */
export interface CheckGroup {
  readonly title: string;
  readonly checks: readonly Check[];
}

/** This machine has not got what a check needs; the check is left out, and the report says why. */
export class Unavailable extends Error {
  override readonly name = "Unavailable";
}

const SHOWN_CHARS = 1_500;

/** Fails unless `actual` has exactly the value `expected`; `what` says whose. */
export function expectEqual(what: string, actual: unknown, expected: unknown): void {
  try {
    deepStrictEqual(actual, expected);
  } catch {
    throw new Error(`${what}:\n  expected ${show(expected)}\n  got      ${show(actual)}`);
  }
}

/** Fails unless `holds`. */
export function expectThat(what: string, holds: boolean, got?: unknown): void {
  if (!holds) throw new Error(got === undefined ? what : `${what}\n  got      ${show(got)}`);
}

/** `answer` as one of kind `kind`; fails when it is another. */
export function expectKind<A extends { readonly kind: string }, K extends A["kind"]>(
  answer: A,
  kind: K,
): Extract<A, { readonly kind: K }> {
  expectThat(`expected an answer of kind ${kind}`, answer.kind === kind, answer);
  return answer as Extract<A, { readonly kind: K }>;
}

function show(value: unknown): string {
  const text = inspect(value, { depth: 8, breakLength: 120, maxStringLength: 300, maxArrayLength: 20 });
  return text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text;
}
