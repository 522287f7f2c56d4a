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
  /** The same over an empty database that is made beside the present one. */
  openStoresAnew(data: string): Promise<Stores>;
  /**
   * Puts that database, closed by now, in the place of the present one, which is kept: says under what name, null when
   * there was none. A kill leaves one of the two in place.
   */
  replaceDatabase(data: string, nowMs: number): Promise<string | null>;
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
