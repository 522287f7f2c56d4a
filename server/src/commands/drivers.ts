// The drivers as commands need them. Rule: commands know these types, and only main.ts knows what is behind them.

import type { Instance, Stores, Terms } from "../domain/instance.ts";
import { makeInstance } from "../domain/instance.ts";
import type { Purpose } from "../domain/store-note.ts";

export type Certificate = { readonly key: string; readonly cert: string };

export interface Drivers {
  /** Makes the data folder when it is not there; null when another server holds it. */
  lockData(data: string): Promise<{ release(): void } | null>;
  /** Whether a server ever kept something in the folder. */
  hasData(data: string): Promise<boolean>;
  /** An Error in words when a folder without data is hardly meant to become a server's. */
  checkNewFolder(data: string): Promise<void>;
  /** Makes root the data's owner for the rest of the process. */
  actAsOwner(data: string): Promise<void>;
  /** An Error in words when root would serve data of another user. */
  refuseOtherOwner(data: string): Promise<void>;
  /**
   * Opens the stores below the data folder. Only `serve` makes or migrates the database; `rebuild` gets an empty one that is
   * made beside it.
   */
  openStores(data: string, purpose: Purpose): Promise<Stores>;
  /** Whether the folder has a database in which something was ever written. */
  hasDatabase(data: string): Promise<boolean>;
  /** Opens blobs and journal alone, and writes nothing; `keyFault` says what is wrong with the keys beside them. */
  openBareStores(data: string): Promise<Pick<Stores, "blobs" | "journal"> & { readonly keyFault: string | null }>;
  /** Removes what an earlier process left half written; for the process that holds the lock. */
  sweepTemporary(data: string): Promise<void>;
  /**
   * Puts the database that a rebuild made, closed by now, in the place of the present one, which is kept: says under what
   * name, null when there was none. A kill leaves one of the two in place.
   */
  replaceDatabase(data: string, nowMs: number): Promise<string | null>;
  /** Copies the database at one moment into a new file, also while a server runs; false when something stands there. */
  copyDatabase(data: string, to: string): Promise<boolean>;
  /** Removes all files of a vault from blobs and journal, durably; while no server runs. */
  removeVaultFiles(data: string, vault: string): Promise<void>;
  /** Writes the database, closed by now, anew without what was deleted in it. */
  compactDatabase(data: string): Promise<void>;
  /** The server's own certificate; `mayMake` makes it when it is not there, else that is an Error in words. */
  openSelfCertificate(data: string, nowMs: number, mayMake: boolean): Promise<Certificate>;
  /** Where log lines go; no line is waited for. */
  readonly log: { write(line: string): void; end(): Promise<boolean> };
  /** Hex SHA-256 of the certificate's SPKI. */
  readPin(cert: string): string;
}

/** A failure that the operator can act upon: one sentence, without a stack. */
export class OperatorError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "OperatorError";
  }
}

/** OperatorError for a folder without data; else root acts as its owner from then on. */
export async function enterData(drivers: Drivers, data: string): Promise<void> {
  if (!(await drivers.hasData(data))) throw new OperatorError(`there is no server's data in ${data}: check --data`);
  await drivers.actAsOwner(data);
}

/** Runs `work` on the stores in `data`, beside a running server or without one. */
export async function withInstance<Result>(
  drivers: Drivers,
  data: string,
  purpose: Purpose,
  terms: Terms,
  work: (instance: Instance) => Promise<Result>,
): Promise<Result> {
  const stores = await drivers.openStores(data, purpose);
  try {
    return await work(makeInstance(stores, terms));
  } finally {
    await stores.database.close();
  }
}
