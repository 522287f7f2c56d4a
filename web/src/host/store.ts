// The Store: SQLite in this worker's memory (docs/host-api.md §1, H-8). Rule: it touches no disk, for it holds paths in clear; the
// rows die with the page. What goes in comes out the same; a failure is a value for the engine and a fault for the loop.

import sqlite3InitModule, { type Database, type PreparedStatement } from "@sqlite.org/sqlite-wasm";
import { type StorePort, toAsciiJson } from "coffre-engine";
import type { StepStore } from "../../../host-loop/src/index.ts";

type StoreValue = null | number | string | { readonly b64: string };

interface StoreCall {
  readonly sql: string;
  readonly params?: readonly StoreValue[];
  readonly rows?: readonly (readonly StoreValue[])[];
}

const STATEMENTS = 256;
/** The most text through the Store in a step, both ways (H-5). */
const STEP_CHARS = 4 * 1024 * 1024;
const SQLITE_NOMEM = 7;
const SQLITE_IOERR = 10;
const SQLITE_FULL = 13;

/** The Store failed within a step, which therefore does not count. */
export class StoreFailure extends Error {
  override readonly name = "StoreFailure";
}

/** A database in memory, and the step that runs in it. */
export class Store implements StepStore {
  readonly #database: Database;
  readonly #lastId: () => number;
  readonly #statements = new Map<string, PreparedStatement>();
  #failure: StoreFailure | null = null;
  #inStep = false;
  #chars = 0;

  private constructor(database: Database, lastId: () => number) {
    this.#database = database;
    this.#lastId = lastId;
  }

  /** Loads SQLite and opens an empty database. */
  static async open(): Promise<Store> {
    const sqlite = await sqlite3InitModule();
    const database = new sqlite.oo1.DB(":memory:", "c");
    database.exec("PRAGMA foreign_keys = OFF; PRAGMA temp_store = MEMORY;");
    return new Store(database, () => Number(sqlite.capi.sqlite3_last_insert_rowid(database)));
  }

  readonly port: StorePort = {
    run: (text) => this.#answer(text, (call) => this.#run(call)),
    runMany: (text) => this.#answer(text, (call) => this.#runMany(call)),
    all: (text) => this.#answer(text, (call) => this.#all(call)),
  };

  begin(): void {
    this.#failure = null;
    this.#chars = 0;
    this.#database.exec("BEGIN IMMEDIATE");
    this.#inStep = true;
  }

  /** Ends a step for good. Throws the step's StoreFailure, which the engine may have overlooked, instead. */
  commit(): void {
    if (this.#failure !== null) throw this.#failure;
    this.#database.exec("COMMIT");
    this.#inStep = false;
  }

  rollback(): void {
    if (!this.#inStep) return;
    this.#inStep = false;
    this.#database.exec("ROLLBACK");
  }

  close(): void {
    for (const statement of this.#statements.values()) statement.finalize();
    this.#statements.clear();
    this.#database.close();
  }

  #answer(text: string, work: (call: StoreCall) => unknown): string {
    try {
      this.#count(text);
      const answer = toAsciiJson(work(JSON.parse(text)));
      this.#count(answer);
      return answer;
    } catch (error) {
      this.#failure ??= new StoreFailure(`the Store failed: ${error instanceof Error ? error.message : "?"}`);
      return `{"failure":"${failureOf(error)}"}`;
    }
  }

  #count(text: string): void {
    this.#chars += text.length;
    if (this.#chars > STEP_CHARS)
      throw new Error(`expected at most ${STEP_CHARS} characters through the Store in a step`);
  }

  #run({ sql, params = [] }: StoreCall): unknown {
    this.#execute(this.#prepare(sql), params);
    return { changes: this.#database.changes(), lastId: this.#lastId() };
  }

  #runMany({ sql, rows = [] }: StoreCall): unknown {
    const statement = this.#prepare(sql);
    let changes = 0;
    for (const row of rows) {
      this.#execute(statement, row);
      changes += this.#database.changes();
    }
    return { changes };
  }

  #all({ sql, params = [] }: StoreCall): unknown {
    const statement = this.#prepare(sql);
    const rows: unknown[][] = [];
    bind(statement, params);
    try {
      while (statement.step()) rows.push((statement.get([]) as unknown[]).map(fromSql));
    } finally {
      statement.reset(true);
    }
    return { rows };
  }

  #execute(statement: PreparedStatement, params: readonly StoreValue[]): void {
    bind(statement, params);
    try {
      while (statement.step());
    } finally {
      statement.reset(true);
    }
  }

  /** A statement is compiled once; the ones not used for longest make room. */
  #prepare(sql: string): PreparedStatement {
    const known = this.#statements.get(sql);
    if (known !== undefined) {
      this.#statements.delete(sql);
      this.#statements.set(sql, known);
      return known;
    }
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    const [oldest] = this.#statements;
    if (this.#statements.size > STATEMENTS && oldest !== undefined) {
      this.#statements.delete(oldest[0]);
      oldest[1].finalize();
    }
    return statement;
  }
}

/** The code of a step that the database refused, as its owner is told: the only room it has is memory. */
export function faultCodeOf(error: unknown): "host-no-space" | "host-error" {
  return failureOf(error) === "full" ? "host-no-space" : "host-error";
}

function bind(statement: PreparedStatement, params: readonly StoreValue[]): void {
  if (params.length > 0) statement.bind(params.map(toSql));
}

/** Numbers are bound as big integers, so that none becomes a real. */
function toSql(value: StoreValue): null | bigint | string | Uint8Array {
  if (value === null || typeof value === "string") return value;
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === "object" && typeof value.b64 === "string") return Uint8Array.fromBase64(value.b64);
  throw new TypeError("expected null, an integer within ±2^53, text, or {b64}");
}

function fromSql(value: unknown): unknown {
  if (value instanceof Uint8Array) return { b64: value.toBase64() };
  return typeof value === "bigint" ? Number(value) : value;
}

/** The failure's name on the border. */
function failureOf(error: unknown): "full" | "io" | "other" {
  const code = error instanceof Error && "resultCode" in error ? Number(error.resultCode) & 0xff : 0;
  if (code === SQLITE_FULL || code === SQLITE_NOMEM) return "full";
  return code === SQLITE_IOERR ? "io" : "other";
}
