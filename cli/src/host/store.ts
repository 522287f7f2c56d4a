// The Store: one SQLite database of the engine's (docs/host-api.md §1, H-8). Rule: what goes in comes out the same; a
// failure is a value for the engine and a fault for the runtime.

import { chmodSync, existsSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { StorePort } from "coffre-engine";
import { toAsciiJson } from "coffre-engine";
import { type StorageTrouble, storageTroubleOf } from "./storage-trouble.ts";

/** A step that broke a limit of H-5. */
export class StoreLimit extends Error {
  override readonly name = "StoreLimit";
}

/** The Store failed within a step, which therefore does not count. */
export class StoreFailure extends Error {
  override readonly name = "StoreFailure";
}

type StoreValue = null | number | string | { readonly b64: string };
type SqlValue = null | bigint | string | Uint8Array;

const STATEMENTS = 256;
const BUSY_MS = 5_000;
/** The most text through the Store in a step, both ways (H-5). */
const STEP_CHARS = 4 * 1024 * 1024;

/** A database, open until `close`, and the step that runs in it. */
export class Store {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #begin: string;
  #failure: StoreFailure | null = null;
  #trouble: StorageTrouble | null = null;
  #chars = 0;

  private constructor(database: DatabaseSync, begin: string) {
    this.#database = database;
    this.#begin = begin;
  }

  /** Opens `file`, making it, readable by its owner only. One process at a time: whoever opens it holds a HomeLock. */
  static open(file: string): Store {
    const isNew = !existsSync(file);
    const database = new DatabaseSync(file, { timeout: BUSY_MS, enableForeignKeyConstraints: false });
    if (isNew) chmodSync(file, 0o600);
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    return new Store(database, "BEGIN IMMEDIATE");
  }

  /**
   * A database that nobody else ever sees: in memory, and what does not fit there in a file without a name, which ends with
   * the process however that ends.
   */
  static openPassing(): Store {
    const database = new DatabaseSync("", { enableForeignKeyConstraints: false });
    return new Store(database, "BEGIN IMMEDIATE");
  }

  /** Opens `file` for reading, while another process may be writing it; null when there is none. */
  static openToRead(file: string): Store | null {
    if (!existsSync(file)) return null;
    const database = new DatabaseSync(file, { readOnly: true, timeout: BUSY_MS, enableForeignKeyConstraints: false });
    return new Store(database, "BEGIN");
  }

  /** What the engine calls. */
  readonly port: StorePort = {
    run: (text) => this.#answer(text, (call) => this.#run(call)),
    runMany: (text) => this.#answer(text, (call) => this.#runMany(call)),
    all: (text) => this.#answer(text, (call) => this.#all(call)),
  };

  /** Begins a step. */
  begin(): void {
    this.#failure = null;
    this.#chars = 0;
    this.#execute(this.#begin);
  }

  /** Ends a step for good. Throws the step's StoreFailure, which the engine may have overlooked, instead. */
  commit(): void {
    if (this.#failure !== null) throw this.#failure;
    this.#execute("COMMIT");
  }

  /** What the disk under the last statement that failed was in, or null. */
  get trouble(): StorageTrouble | null {
    return this.#trouble;
  }

  /** Undoes a step. */
  rollback(): void {
    if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #execute(sql: string): void {
    try {
      this.#database.exec(sql);
    } catch (error) {
      this.#trouble = storageTroubleOf(error);
      throw error;
    }
  }

  #answer(text: string, work: (call: StoreCall) => unknown): string {
    try {
      this.#count(text);
      const answer = toAsciiJson(work(JSON.parse(text)));
      this.#count(answer);
      return answer;
    } catch (error) {
      const failure = failureOf(error);
      this.#trouble = storageTroubleOf(error);
      this.#failure ??= new StoreFailure(`the Store failed: ${error instanceof Error ? error.message : "?"}`);
      return `{"failure":"${failure}"}`;
    }
  }

  #count(text: string): void {
    this.#chars += text.length;
    if (this.#chars > STEP_CHARS)
      throw new StoreLimit(`expected at most ${STEP_CHARS} characters through the Store in a step`);
  }

  #run({ sql, params = [] }: StoreCall): unknown {
    const { changes, lastInsertRowid } = this.#prepare(sql).run(...params.map(toSql));
    return { changes: Number(changes), lastId: Number(lastInsertRowid) };
  }

  #runMany({ sql, rows = [] }: StoreCall): unknown {
    const statement = this.#prepare(sql);
    let changes = 0;
    for (const row of rows) changes += Number(statement.run(...row.map(toSql)).changes);
    return { changes };
  }

  #all({ sql, params = [] }: StoreCall): unknown {
    const rows = this.#prepare(sql).all(...params.map(toSql)) as unknown as unknown[][];
    // In their places: these rows are nobody else's, and most of their values stay as they are.
    for (const row of rows)
      for (let i = 0; i < row.length; i += 1) if (typeof row[i] === "object") row[i] = fromSql(row[i]);
    return { rows };
  }

  /** A statement is compiled once; the ones not used for longest make room. */
  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      statement.setReturnArrays(true);
    } else this.#statements.delete(sql);
    this.#statements.set(sql, statement);
    if (this.#statements.size > STATEMENTS) this.#statements.delete(this.#statements.keys().next().value as string);
    return statement;
  }
}

interface StoreCall {
  readonly sql: string;
  readonly params?: readonly StoreValue[];
  readonly rows?: readonly (readonly StoreValue[])[];
}

/** Numbers are bound as big integers: node:sqlite would store a plain number as a real. */
function toSql(value: StoreValue): SqlValue {
  if (value === null || typeof value === "string") return value;
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === "object" && typeof value.b64 === "string") return Buffer.from(value.b64, "base64");
  throw new TypeError("expected null, an integer within ±2^53, text, or {b64}");
}

function fromSql(value: unknown): unknown {
  return value instanceof Uint8Array
    ? { b64: Buffer.from(value.buffer, value.byteOffset, value.length).toString("base64") }
    : value;
}

/** The code of a step that the database refused, as its owner is told. */
export function faultCodeOf(error: unknown): "host-no-space" | "host-error" {
  return failureOf(error) === "full" ? "host-no-space" : "host-error";
}

/** The failure's name on the border. */
function failureOf(error: unknown): "full" | "io" | "other" {
  const trouble = storageTroubleOf(error);
  return trouble === "full" || trouble === "io" ? trouble : "other";
}
