// Readers of single fields, out of which the readers of answers and inputs are made. Rule: a reader returns the value that it
// was given and copies nothing; what does not fit is `host-malformed`, and unknown fields are ignored.

import { CoffreError } from "../errors.ts";
import { type Digest, parseHostDigest } from "../ids.ts";

/** The value as a `T`; `host-malformed`, with the field's name, when it is none. */
export type Read<T> = (value: unknown, name: string) => T;

/** A reader for each field of `T` but its `kind`; a field that `T` gains does not compile until it has one. */
export type Fields<T> = { readonly [F in keyof Omit<T, "kind">]-?: Read<T[F]> };

/** A text. */
export function text(value: unknown, name: string): string {
  if (typeof value !== "string") throw malformed(`text in ${name}`);
  return value;
}

/** Any number; a file system may say one that no double holds exactly. */
export function number(value: unknown, name: string): number {
  if (typeof value !== "number") throw malformed(`a number in ${name}`);
  return value;
}

/** A whole number from 0. */
export function count(value: unknown, name: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw malformed(`a count in ${name}`);
  return value;
}

/** True or false. */
export function truth(value: unknown, name: string): boolean {
  if (typeof value !== "boolean") throw malformed(`true or false in ${name}`);
  return value;
}

/** Bytes in base64 as the engine decodes it, so that a bad text is never blamed on a server. */
export function base64(value: unknown, name: string): string {
  const given = text(value, name);
  const padding = given.endsWith("==") ? 2 : given.endsWith("=") ? 1 : 0;
  const digits = given.slice(0, given.length - padding);
  const last = digits.slice(-1);
  // The bits that padding leaves over are zero.
  const isWhole = padding === 0 || (padding === 2 ? /[AQgw]/ : /[AEIMQUYcgkosw048]/).test(last);
  if (given.length % 4 !== 0 || !isWhole || /[^A-Za-z0-9+/]/.test(digits)) throw malformed(`base64 in ${name}`);
  return given;
}

/** A SHA-256 or a keyed digest. */
export const digest: Read<Digest> = parseHostDigest;

/** What another reader reads with more care. */
export function untouched<T>(value: unknown): T {
  return value as T;
}

/** One of a closed list; `values` names all of it. */
export function oneOf<T extends string>(values: Readonly<Record<T, true>>): Read<T> {
  return (value, name) => {
    if (typeof value !== "string" || !Object.hasOwn(values, value)) throw malformed(`a known word in ${name}`);
    return value as T;
  };
}

/** What may be absent; absent is not null. */
export function optional<T>(read: Read<T>): Read<T> {
  return (value, name) => (value === undefined ? (value as T) : read(value, name));
}

/** What may be null. */
export function nullable<T>(read: Read<T>): Read<T | null> {
  return (value, name) => (value === null ? null : read(value, name));
}

/** A list. */
export function list<T>(read: Read<T>): Read<readonly T[]> {
  return (value, name) => {
    if (!Array.isArray(value)) throw malformed(`a list in ${name}`);
    for (const item of value) read(item, name);
    return value;
  };
}

/** An object with these fields. */
export function object<T extends object>(fields: Fields<T>): Read<T> {
  const entries = Object.entries(fields) as [string, Read<unknown>][];
  return (value, name) => {
    const given = fieldsOf(value, name);
    for (const [field, read] of entries) read(given[field], field);
    return given as T;
  };
}

/** An object of one of several kinds. */
export function byKind<T extends { readonly kind: string }>(
  kinds: {
    readonly [K in T["kind"]]: Read<Extract<T, { readonly kind: K }>>;
  },
): Read<T> {
  const readers = new Map(Object.entries(kinds) as [string, Read<T>][]);
  return (value, name) => {
    const read = readers.get(String(fieldsOf(value, name)["kind"]));
    if (read === undefined) throw malformed(`a known kind of ${name}`);
    return read(value, name);
  };
}

/** The fields of an object. */
export function fieldsOf(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformed(`an object in ${name}`);
  return value as Record<string, unknown>;
}

/** The refusal of what a host handed over. */
export function malformed(expected: string): CoffreError {
  return new CoffreError("host-malformed", `expected ${expected}`);
}
