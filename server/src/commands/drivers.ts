// The drivers as commands need them. Rule: commands know these types, and only main.ts knows what is behind them.

import type { Instance, Stores, Terms } from "../domain/instance.ts";
import { makeInstance } from "../domain/instance.ts";

export type Certificate = { readonly key: string; readonly cert: string };

export interface Drivers {
  /** Makes the data folder when it is not there; null when another server holds it. */
  lockData(data: string): Promise<{ release(): void } | null>;
  /** Whether a server ever kept something in the folder. */
  hasData(data: string): Promise<boolean>;
  /** Opens the stores below the data folder. */
  openStores(data: string): Promise<Stores>;
  /** Removes what an earlier process left half written; for the process that holds the lock. */
  sweepTemporary(data: string): Promise<void>;
  /** Renames the database, and says to what; null when there is none. */
  setDatabaseAside(data: string): Promise<string | null>;
  openSelfCertificate(data: string, nowMs: number): Promise<Certificate>;
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

/** Runs `work` on the stores in `data`, beside a running server or without one. */
export async function withInstance<Result>(
  drivers: Drivers,
  data: string,
  terms: Terms,
  work: (instance: Instance) => Promise<Result>,
): Promise<Result> {
  if (!(await drivers.hasData(data))) throw new OperatorError(`there is no server's data in ${data}: check --data`);
  const stores = await drivers.openStores(data);
  try {
    return await work(makeInstance(stores, terms));
  } finally {
    await stores.database.close();
  }
}
