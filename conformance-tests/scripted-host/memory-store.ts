// The Store of docs/host-api.md 1 over node:sqlite, in memory or in a file, with faults. Rule: every call happens within
// a transaction that the host opened; a call that fails says so as a value, and the host rolls back.

import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { formatAscii, fromBase64, isBorderText, MESSAGE_CHARACTERS, toBase64 } from "./border-text.ts";

/** The three calls of an engine; ASCII JSON both ways. */
export interface StorePort {
  run(text: string): string;
  runMany(text: string): string;
  all(text: string): string;
}

export type StoreCall = keyof StorePort;
export type StoreFailure = "full" | "io" | "other";
type Value = null | number | string | { readonly b64: string };

/** Store traffic of one step, in characters both ways (H-5). */
const TRAFFIC_CHARACTERS = 4 * 1_048_576;

export class MemoryStore {
  readonly port: StorePort;
  /** Decides whether a call fails. `number` counts calls from 0. */
  faultOf: (call: StoreCall, sql: string, number: number) => StoreFailure | null = () => null;
  /** Hears of every call with both texts. */
  observe: (call: StoreCall, textIn: string, textOut: string) => void = () => {};
  /** What went wrong in this transaction, for the report; null when nothing did. */
  failure: string | null = null;
  #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  /** Those of a test's own questions. */
  readonly #questions = new Map<string, StatementSync>();
  /** Those that were seen. */
  readonly #tables = new Set<string>();
  #open = false;
  #hasWritten = false;
  #trafficCharacters = 0;
  #count = 0;

  /** `path` names a file; without it the database lies in memory. */
  constructor(path = ":memory:") {
    this.#database = new DatabaseSync(path, { enableForeignKeyConstraints: false });
    this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    this.port = {
      run: (text) => this.#answer("run", text),
      runMany: (text) => this.#answer("runMany", text),
      all: (text) => this.#answer("all", text),
    };
  }

  begin(): void {
    this.failure = null;
    this.#trafficCharacters = 0;
    this.#hasWritten = false;
    this.#prepare("BEGIN IMMEDIATE").run();
    this.#open = true;
  }

  commit(): void {
    this.#open = false;
    this.#prepare("COMMIT").run();
  }

  /** Whether anything was to be changed since `begin`. */
  get hasWritten(): boolean {
    return this.#hasWritten;
  }

  rollback(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#prepare("ROLLBACK").run();
  }

  /** All of the database as of now: an older copy to bring back later. In memory only. */
  snapshot(): Uint8Array {
    return this.#database.serialize();
  }

  /** Brings a snapshot back; an empty one wipes the database. */
  restore(snapshot: Uint8Array): void {
    this.close();
    this.#database = new DatabaseSync(":memory:", { enableForeignKeyConstraints: false });
    if (snapshot.length > 0) this.#database.deserialize(snapshot);
  }

  /** Rows of a test's own question, outside of any transaction. */
  query(sql: string, ...params: readonly SQLInputValue[]): readonly Record<string, unknown>[] {
    let statement = this.#questions.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#questions.set(sql, statement);
    }
    return statement.all(...params) as Record<string, unknown>[];
  }

  /** Whether there is a table, outside of any transaction. One that is there stays, until another database is brought back. */
  hasTable(name: string): boolean {
    if (this.#tables.has(name)) return true;
    if (this.query("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", name).length === 0) return false;
    this.#tables.add(name);
    return true;
  }

  close(): void {
    this.#statements.clear();
    this.#questions.clear();
    this.#tables.clear();
    this.#database.close();
  }

  #answer(call: StoreCall, text: string): string {
    const answered = this.#perform(call, text);
    this.#trafficCharacters += text.length + answered.length;
    if (this.#trafficCharacters > TRAFFIC_CHARACTERS) this.failure ??= "more than 4 MiB of Store traffic in a step";
    this.observe(call, text, answered);
    return answered;
  }

  #perform(call: StoreCall, text: string): string {
    if (!this.#open) return this.#fail("other", "a Store call outside of a step");
    if (!isBorderText(text)) return this.#fail("other", "Store text is not ASCII, or too long");
    const { sql, params, rows } = JSON.parse(text) as { sql: string; params?: Value[]; rows?: Value[][] };
    const fault = this.faultOf(call, sql, this.#count++);
    if (fault !== null) return this.#fail(fault, `the test let the call fail: ${fault}`);
    try {
      const statement = this.#prepare(sql);
      if (call === "all") return this.#readRows(statement, params ?? []);
      this.#hasWritten = true;
      if (call === "run") {
        const { changes, lastInsertRowid } = statement.run(...(params ?? []).map(bindable));
        return formatAscii({ changes: Number(changes), lastId: Number(lastInsertRowid) });
      }
      let changes = 0;
      for (const row of rows ?? []) changes += Number(statement.run(...row.map(bindable)).changes);
      return formatAscii({ changes });
    } catch (error) {
      return this.#fail("other", `${error instanceof Error ? error.message : "unknown"} in: ${sql}`);
    }
  }

  #readRows(statement: StatementSync, params: readonly Value[]): string {
    const rows = statement.all(...params.map(bindable)) as unknown as unknown[][];
    for (const row of rows) for (let i = 0; i < row.length; i++) row[i] = crossing(row[i]);
    const text = formatAscii({ rows });
    return text.length <= MESSAGE_CHARACTERS ? text : this.#fail("other", "rows above 524,288 characters");
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      statement.setReturnArrays(true);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #fail(failure: StoreFailure, why: string): string {
    this.failure ??= why;
    return formatAscii({ failure });
  }
}

/** Numbers go in as integers: node:sqlite would bind them as reals. */
function bindable(value: Value): SQLInputValue {
  if (typeof value === "number") return BigInt(value);
  if (value === null || typeof value === "string") return value;
  return fromBase64(value.b64);
}

function crossing(value: unknown): Value {
  if (value instanceof Uint8Array) return { b64: toBase64(value) };
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new RangeError("a real crossed the border");
  return value as Value;
}
