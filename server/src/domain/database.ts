// The metadata store as the domain needs it. Rule: SQL is of the subset that SQLite and Postgres share: `$1` parameters,
// ON CONFLICT, RETURNING, times as epoch milliseconds in BIGINT, bytes in BLOB columns.

export type Value = number | string | Uint8Array | null;
export type Row = Record<string, Value>;

/** Statements that commit together or not at all. */
export interface Transaction {
  /** Runs one statement; the rows are what it selects or RETURNs. */
  query<Found = Row>(sql: string, values?: readonly Value[]): Promise<Found[]>;
}

/**
 * Durable rows. A contract for every driver:
 * - `read` sees what is committed, never a transaction's middle.
 * - `transaction` runs one at a time with others that write, is on stable storage when its promise is fulfilled, and
 *   leaves nothing when `work` throws. `work` awaits nothing but its transaction.
 * - A full disk is `StorageFull` (storage.ts), and the store goes on serving afterwards.
 */
export interface Database {
  read<Found = Row>(sql: string, values?: readonly Value[]): Promise<Found[]>;
  transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** `$first, $first+1, …` for a list of `count` values inside IN (…). */
export function listPlaceholders(first: number, count: number): string {
  return Array.from({ length: count }, (_, index) => `$${first + index}`).join(", ");
}

/** The values in pieces of at most `size`, for statements with a list. */
export function* cutList<Element>(values: readonly Element[], size = 500): Generator<readonly Element[]> {
  for (let start = 0; start < values.length; start += size) yield values.slice(start, start + size);
}
