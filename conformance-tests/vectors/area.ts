// What a vector file is made of. Rule: a case names one thing that is right or one fault, and is written down once: the
// maker computes what is expected, and refuses to write a file whose faults are not refused.

import { CoffreError, InvariantError } from "../../engine/src/errors.ts";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
export type Fields = { readonly [name: string]: Json };

/** One case before it was computed. `refuse` says that there must be no result. */
export interface Case {
  readonly comment: string;
  readonly input: Fields;
  readonly refuse?: true;
}

/** What a file tests: `run` gives the result for an input, null or a CoffreError when it must be refused. */
export interface Area {
  readonly area: string;
  readonly comment: string;
  readonly fields?: Fields;
  readonly run: (input: Fields) => Fields | null;
  readonly cases: readonly Case[];
}

/** One case as a host reads it. */
export interface Vector {
  readonly id: number;
  readonly comment: string;
  readonly input: Fields;
  readonly result: "valid" | "refuse";
  readonly expected: Fields | null;
}

export interface VectorFile extends Fields {
  readonly area: string;
  readonly comment: string;
  readonly tests: readonly (Vector & Fields)[];
}

/** The result for an input, or null when it is refused; any other error is a fault of ours and is thrown. */
export function runCase(area: Area, input: Fields): Fields | null {
  try {
    return area.run(input);
  } catch (error) {
    if (error instanceof CoffreError || error instanceof InvariantError) return null;
    throw error;
  }
}

/** The file of an area; throws when a case that must be refused is not, or the other way round. */
export function makeFile(area: Area): VectorFile {
  const tests = area.cases.map((c, index) => {
    const expected = runCase(area, c.input);
    if ((expected === null) !== (c.refuse === true)) throw new Error(`${area.area}: ${c.comment}: not as it was said`);
    const result: "valid" | "refuse" = expected === null ? "refuse" : "valid";
    return { id: index + 1, comment: c.comment, input: c.input, result, expected };
  });
  return { area: area.area, comment: area.comment, ...area.fields, tests };
}

/** A text field of an input. */
export function text(input: Fields, name: string): string {
  const value = input[name];
  if (typeof value !== "string") throw new Error(`${name} must be text`);
  return value;
}

/** A number field of an input. */
export function integer(input: Fields, name: string): number {
  const value = input[name];
  if (typeof value !== "number") throw new Error(`${name} must be a number`);
  return value;
}

/** A field of an input whose bytes are written in hexadecimal. */
export function bytes(input: Fields, name: string): Uint8Array {
  return new Uint8Array(Buffer.from(text(input, name), "hex"));
}

/** `length` bytes that begin with `first` and grow by one. */
export function run(length: number, first = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (first + index) & 255);
}

/** Lower-case hexadecimal. */
export function hex(value: Uint8Array): string {
  return Buffer.from(value).toString("hex");
}
