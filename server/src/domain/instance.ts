// What every part of the domain works with: one server's stores, keys, clock and terms. Rule: nothing here names a driver.

import { Ballast } from "./ballast.ts";
import type { Database } from "./database.ts";
import { Ledger } from "./ledger.ts";
import { Quotas } from "./quotas.ts";
import { readChallengeSecret, readServerKeyHash, type ServerKeys } from "./server-keys.ts";
import type { BlobStore, Journal, Room } from "./storage.ts";
import { Tokens } from "./tokens.ts";
import { Unwritten } from "./unwritten.ts";

export type Registration = "open" | "invitation" | "closed";

export type Limits = {
  readonly blobBytes: number;
  readonly recordBytes: number;
  readonly idsPerQuery: number;
  /** What the reference blobs of one record or base name together. */
  readonly idsPerRecord: number;
};

/** What the operator decides. */
export type Terms = {
  readonly registration: Registration;
  /** For each account without a quota of its own; null means as much as the disk takes. */
  readonly quotaBytes: number | null;
  /** The largest part of its account's quota that one device may fill, 0 to 1. */
  readonly deviceShare: number;
  readonly limits: Limits;
};

export type Stores = {
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly journal: Journal;
  readonly keys: ServerKeys;
  readonly room: Room;
};

export type Instance = Stores & {
  readonly terms: Terms;
  readonly ballast: Ballast;
  readonly ledger: Ledger;
  readonly quotas: Quotas;
  readonly tokens: Tokens;
  readonly unwritten: Unwritten;
  readonly serverKeyHash: string;
  readonly challengeSecret: Uint8Array;
  /** Milliseconds since 1970, by the server's clock. */
  now(): number;
};

/** P-22, P-53: a page of records or envelopes in an answer. */
export const PAGE_BYTES = 368_640;
/** P-60: bases are whole bodies in memory. */
export const BASE_BYTES = 8_388_608;

export const DEFAULT_TERMS: Terms = {
  registration: "invitation",
  quotaBytes: null,
  deviceShare: 1,
  // The largest file (1,000 lists of 2,048 chunks) with each chunk in a blob of its own, and twice what 8 TB in full blobs need.
  limits: { blobBytes: 8_388_608, recordBytes: 524_288, idsPerQuery: 1_000, idsPerRecord: 2_097_152 },
};

/** The domain over these stores. */
export function makeInstance(stores: Stores, terms: Terms, now: () => number = Date.now): Instance {
  const ballast = new Ballast(stores.room);
  return {
    ...stores,
    terms,
    ballast,
    ledger: new Ledger(stores, ballast),
    quotas: new Quotas(stores.database, terms, ballast),
    tokens: new Tokens(stores.keys, now),
    unwritten: new Unwritten(now),
    serverKeyHash: readServerKeyHash(stores.keys),
    challengeSecret: readChallengeSecret(stores.keys),
    now,
  };
}
