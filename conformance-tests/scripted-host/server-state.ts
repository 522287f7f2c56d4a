// What the in-memory server keeps: durable state, which can be copied as a backup of the server would, and what a restart
// forgets. Rule: bytes are never changed in place, so a copy shares them.

import type { Roster, VaultObject } from "./server-structures.ts";

export interface StoredBlob {
  readonly bytes: Uint8Array;
  /** The server itself found the bytes wrong: `missing` names it. */
  readonly damaged: boolean;
  /** Until when the server promised to keep it unreferenced (P-43). */
  readonly promisedUntilMs: number;
}

export interface StoredRecord {
  readonly bytes: Uint8Array;
  readonly hash: string;
  readonly receipt: Uint8Array;
  readonly epoch: number;
  readonly receiptMs: number;
  /** Everything that it needs, those of reference blobs too. */
  readonly blobs: readonly string[];
}

export interface DeviceLog {
  readonly envelopes: Map<number, Uint8Array>;
  /** By number; the first has number 1. */
  readonly records: StoredRecord[];
  /** Numbers of records and envelopes that the server itself found wrong: it serves them no more, and asks for them (P-32). */
  readonly damagedRecords: Set<number>;
  readonly damagedEpochs: Set<number>;
}

export interface Account {
  readonly vault: string;
  object: VaultObject;
  objectBytes: Uint8Array;
  roster: Roster;
  rosterBytes: Uint8Array;
  readonly devices: Map<string, DeviceLog>;
  readonly blobs: Map<string, StoredBlob>;
  readonly bases: Map<number, Uint8Array>;
  /** A code that sessions must bring, or null. */
  secondFactor: string | null;
}

/** All that survives a restart, by vault. */
export interface DurableState {
  readonly accounts: Map<string, Account>;
  readonly invitations: Set<string>;
}

/** A copy as of now. */
export function cloneState(state: DurableState): DurableState {
  const accounts = new Map<string, Account>();
  for (const [vault, account] of state.accounts) {
    const devices = new Map<string, DeviceLog>();
    for (const [device, log] of account.devices) {
      devices.set(device, {
        envelopes: new Map(log.envelopes),
        records: [...log.records],
        damagedRecords: new Set(log.damagedRecords),
        damagedEpochs: new Set(log.damagedEpochs),
      });
    }
    accounts.set(vault, { ...account, devices, blobs: new Map(account.blobs), bases: new Map(account.bases) });
  }
  return { accounts, invitations: new Set(state.invitations) };
}

/** The log of a device that the roster names; made empty when it is first asked for. */
export function logOf(account: Account, device: string): DeviceLog | null {
  if (!account.roster.devices.has(device)) return null;
  let log = account.devices.get(device);
  if (log === undefined) {
    log = { envelopes: new Map(), records: [], damagedRecords: new Set(), damagedEpochs: new Set() };
    account.devices.set(device, log);
  }
  return log;
}

/** Ids that some record needs. */
export function referencedBlobs(account: Account): ReadonlySet<string> {
  const referenced = new Set<string>();
  for (const { records } of account.devices.values()) {
    for (const { blobs } of records) for (const id of blobs) referenced.add(id);
  }
  return referenced;
}
