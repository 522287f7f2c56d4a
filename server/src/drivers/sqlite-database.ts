// The metadata store on SQLite (node:sqlite, WAL, synchronous=FULL). Rule: one connection writes, another reads what is
// committed, so that a reader never sees a transaction's middle.

import { statSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import type { Database, Transaction, Value } from "../domain/database.ts";
import { MIGRATIONS } from "../domain/schema.ts";
import { StorageFull } from "../domain/storage.ts";
import { LateDatabase } from "./late-database.ts";

/**
 * SQLITE_FULL; SQLITE_IOERR_WRITE, which some file systems give for a full disk; SQLITE_IOERR_SHMSIZE, when the index of the
 * write-ahead log finds no room (https://sqlite.org/rescode.html).
 */
const FULL_CODES: ReadonlySet<unknown> = new Set([13, 778, 4874]);
/** How long a statement waits for the other process (`coffre-server invite` beside a running server). */
const BUSY_TIMEOUT_MS = 10_000;
/** Pages of write-ahead log after which SQLite moves them to the database file. */
const CHECKPOINT_PAGES = 4_000;

/** A statement, and which value each of its `?` takes. */
type Prepared = { readonly statement: StatementSync; readonly order: readonly number[] };

class Connection implements Transaction {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, Prepared>();

  constructor(path: string | URL, isAsItStands = false) {
    this.#database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, readOnly: isAsItStands });
    if (isAsItStands) return;
    try {
      this.#database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
        PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    } catch (error) {
      this.#database.close();
      throw translateError(error);
    }
  }

  async query<Found>(sql: string, values: readonly Value[] = []): Promise<Found[]> {
    return this.queryNow<Found>(sql, values);
  }

  queryNow<Found>(sql: string, values: readonly Value[] = []): Found[] {
    try {
      const { statement, order } = this.#prepare(sql);
      const bound = order.map((index): SQLInputValue => values[index] ?? null);
      return statement.all(...bound) as Found[];
    } catch (error) {
      throw translateError(error);
    }
  }

  get isInTransaction(): boolean {
    return this.#database.isTransaction;
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #prepare(sql: string): Prepared {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    // SQLite reads `$1` as a name, and looks through all of them for each one: of a list of 500 that is most of the work.
    const order: number[] = [];
    const positional = sql.replaceAll(/\$(\d+)/g, (_, digits: string) => {
      order.push(Number(digits) - 1);
      return "?";
    });
    const prepared = { statement: this.#database.prepare(positional), order };
    // Lists make statements of many lengths: keep a bounded number.
    if (this.#statements.size >= 500) this.#statements.clear();
    this.#statements.set(sql, prepared);
    return prepared;
  }
}

class SqliteDatabase implements Database {
  readonly #writer: Connection;
  readonly #reader: Connection;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(writer: Connection, reader: Connection) {
    this.#writer = writer;
    this.#reader = reader;
  }

  read<Found>(sql: string, values: readonly Value[] = []): Promise<Found[]> {
    return this.#reader.query<Found>(sql, values);
  }

  transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    const running = this.#tail.then(() => runTransaction(this.#writer, work));
    this.#tail = running.catch(() => undefined);
    return running;
  }

  async close(): Promise<void> {
    await this.#tail;
    this.#reader.close();
    this.#writer.close();
  }
}

/**
 * Opens the database file. `mayMigrate` makes it and brings its tables up to date; without it a file that is missing or of
 * an older version is an Error in words, as one that is newer than this code always is.
 */
export async function openSqliteDatabase(path: string, mayMigrate = true): Promise<Database> {
  if (!mayMigrate && !isDatabase(path)) {
    throw new Error(
      "there is no database in this folder: start coffre-server on it once, or run 'coffre-server rebuild'",
    );
  }
  const writer = new Connection(path);
  try {
    const version = readVersion(writer);
    if (version < MIGRATIONS.length && !mayMigrate) {
      throw new Error(
        `the database is of schema ${version}, of an older coffre-server, and this one works on ${MIGRATIONS.length}: use the version that serves it, or start this one's server on it first`,
      );
    }
    if (version > MIGRATIONS.length) {
      throw new Error(
        `the database is of schema ${version}, and this coffre-server knows up to ${MIGRATIONS.length}: start the newer one`,
      );
    }
    for (let next = version; next < MIGRATIONS.length; next += 1) await migrate(writer, next);
    return new SqliteDatabase(writer, new Connection(path));
  } catch (error) {
    writer.close();
    throw error;
  }
}

/**
 * Opens a database on a disk that is too full for opening it as ever: it is read as it stands, and opened for good with the
 * first transaction that finds room. StorageFull when it was not closed whole, or has tables of another version.
 */
export async function openLateDatabase(path: string): Promise<Database> {
  // What a log still holds is not in the file.
  if (!isDatabase(path) || isDatabase(`${path}-wal`)) throw new StorageFull();
  const url = pathToFileURL(path);
  // Without this SQLite would need room for a file beside it. Nobody else writes: there is no room.
  url.searchParams.set("immutable", "1");
  const reader = new Connection(url, true);
  if (readVersion(reader) !== MIGRATIONS.length) {
    reader.close();
    throw new StorageFull();
  }
  const closing = { read: reader.query.bind(reader), close: async () => reader.close() };
  return new LateDatabase(closing, () => openSqliteDatabase(path, false));
}

/** Whether something was ever written to the file: SQLite makes an empty one before that. */
function isDatabase(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

async function migrate(writer: Connection, from: number): Promise<void> {
  await runTransaction(writer, async (transaction) => {
    // Another process may have been faster.
    if (readVersion(writer) !== from) return;
    for (const statement of MIGRATIONS[from] ?? []) await transaction.query(statement);
    await transaction.query(`PRAGMA user_version = ${from + 1}`);
  });
}

function readVersion(connection: Connection): number {
  return connection.queryNow<{ user_version: number }>("PRAGMA user_version")[0]?.user_version ?? 0;
}

async function runTransaction<Result>(
  connection: Connection,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  connection.queryNow("BEGIN IMMEDIATE");
  try {
    const result = await work(connection);
    connection.queryNow("COMMIT");
    return result;
  } catch (error) {
    // SQLite ends the transaction itself for some errors, a full disk among them.
    if (connection.isInTransaction) connection.queryNow("ROLLBACK");
    throw error;
  }
}

function translateError(error: unknown): unknown {
  const code = error instanceof Error && "errcode" in error ? error.errcode : null;
  return FULL_CODES.has(code) ? new StorageFull() : error;
}
