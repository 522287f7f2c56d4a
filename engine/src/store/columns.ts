// Rows by the names of their columns, and statements by the names of their values. Rule: one description gives both the SQL and
// the record, so nothing is read or bound by its position and no two columns can change places.

import { invariant } from "../errors.ts";
import { type Digest, storedId } from "../ids.ts";
import type { Row, Store, StoreValue } from "./store.ts";

/** Makes a column's value what the record has; our own bug when it cannot be. */
export type Reader<V> = (value: StoreValue | undefined) => V;

export function int(value: StoreValue | undefined): number {
  invariant(typeof value === "number", "a column is no number");
  return value;
}

export function text(value: StoreValue | undefined): string {
  invariant(typeof value === "string", "a column is no text");
  return value;
}

export function bytes(value: StoreValue | undefined): Uint8Array {
  invariant(value instanceof Uint8Array, "a column holds no bytes");
  return value;
}

/** 0 or 1. */
export function flag(value: StoreValue | undefined): boolean {
  return int(value) === 1;
}

/** A text that was one of a closed list when it was written. */
export function word<W extends string>(value: StoreValue | undefined): W {
  return text(value) as W;
}

/** 64 hexadecimal digits. */
export function id<I extends Digest>(value: StoreValue | undefined): I {
  return storedId<I>(text(value));
}

export function orNull<V>(read: Reader<V>): Reader<V | null> {
  return (value) => (value === null ? null : read(value));
}

/** By the record's names: the reader of the column of that name, or of what the SQL says. */
type Description = { readonly [name: string]: Reader<unknown> | readonly [sql: string, read: Reader<unknown>] };
type ValueOf<C> = C extends Reader<infer V> ? V : C extends readonly [string, Reader<infer V>] ? V : never;
type RecordOf<D> = { readonly [N in keyof D]: ValueOf<D[N]> };

/** The columns that queries of one kind give. */
export class Columns<T> {
  readonly #names: readonly string[];
  readonly #readers: readonly Reader<unknown>[];
  readonly #list: string;

  constructor(description: Description) {
    this.#names = Object.keys(description);
    const columns = Object.entries(description).map(([name, column]) =>
      typeof column === "function" ? ([name, column] as const) : column,
    );
    this.#readers = columns.map(([, read]) => read);
    this.#list = columns.map(([sql]) => sql).join(", ");
  }

  /** The records of a query; `rest` is what stands behind its list of columns, from `FROM` on. */
  all(store: Store, rest: string, params: Row = []): T[] {
    return store.all(`SELECT ${this.#list} ${rest}`, params).map((row) => {
      const record: Record<string, unknown> = {};
      for (let i = 0; i < this.#names.length; i++) {
        record[this.#names[i] as string] = (this.#readers[i] as Reader<unknown>)(row[i]);
      }
      return record as T;
    });
  }

  /** The first record of a query, or null. */
  first(store: Store, rest: string, params: Row = []): T | null {
    return this.all(store, rest, params)[0] ?? null;
  }
}

export function columns<const D extends Description>(description: D): Columns<RecordOf<D>> {
  return new Columns(description);
}

/** The only column of a query's rows. */
export function scalars<V>(store: Store, read: Reader<V>, sql: string, params: Row = []): V[] {
  return store.all(sql, params).map(([value]) => read(value));
}

/** The only value of a query that gives one row, as a count or a sum does. */
export function scalar<V>(store: Store, read: Reader<V>, sql: string, params: Row = []): V {
  return read(store.first(sql, params)?.[0]);
}

/** Whether a query finds anything; `rest` as in `Columns.all`. */
export function exists(store: Store, rest: string, params: Row = []): boolean {
  return store.first(`SELECT 1 ${rest} LIMIT 1`, params) !== null;
}

/** A statement in whose text `:name` stands for the record's field of that name. */
export class Statement<T extends { readonly [K in keyof T]: StoreValue | boolean }> {
  readonly #sql: string;
  readonly #names: readonly (keyof T)[];

  constructor(sql: string) {
    this.#names = [...sql.matchAll(/:(\w+)/g)].map(([, name]) => name as keyof T);
    this.#sql = sql.replace(/:\w+/g, "?");
  }

  run(store: Store, record: T): { changes: number; lastId: number } {
    return store.run(this.#sql, this.#bind(record));
  }

  /** Runs it once for each record; returns how many rows that changed. */
  runMany(store: Store, records: readonly T[]): number {
    return store.runMany(
      this.#sql,
      records.map((record) => this.#bind(record)),
    );
  }

  #bind(record: T): Row {
    return this.#names.map((name) => {
      const value: StoreValue | boolean | undefined = record[name];
      invariant(value !== undefined, "a statement asks for a value that its record lacks");
      return typeof value === "boolean" ? Number(value) : value;
    });
  }
}
