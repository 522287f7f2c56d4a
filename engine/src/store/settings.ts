// What the engine remembers besides its queue: one JSON value a key, each with its type here.
// Rule: no key, token or passphrase is ever among them.

import type { Policy } from "../border/inputs.ts";
import type { WaitingReason } from "../border/reasons.ts";
import type { ServerAddress } from "../border/transfers.ts";
import type { DeviceId, Digest, VaultId } from "../ids.ts";
import { text as readText, scalars } from "./columns.ts";
import type { Store } from "./store.ts";

/** This machine's place in a vault. Keys are public ones, in base64. */
export interface Pairing {
  readonly server: ServerAddress;
  readonly serverKey: string;
  readonly login: string;
  readonly vault: VaultId;
  readonly vaultSigningKey: string;
  readonly vaultKemKey: string;
  readonly device: DeviceId;
  readonly deviceName: string;
}

/** The last receipt that was verified. */
export interface LastReceipt {
  readonly number: number;
  readonly hash: Digest;
  readonly timeMs: number;
}

/** How the last run stands, so that `status` can tell without a run. */
export interface RunState {
  readonly state: "ok" | "forked" | "cloned" | "revoked";
  /** What keeps uploads from running, null when nothing does. */
  readonly blocked: WaitingReason | null;
  readonly nextAtMs: number | null;
}

/** What the link to the server has shown: chunks in a blob, the most that was not refused, streams. */
export interface LinkState {
  readonly chunks: number;
  readonly cap: number;
  readonly width: number;
}

/** What was last found out about what the server holds. */
export interface Verified {
  readonly kind: "audit" | "drill";
  readonly atMs: number;
  /** Checked blobs (or files of a drill), of how many, and how many were bad. */
  readonly blobs: number;
  readonly of: number;
  readonly bad: number;
}

export interface Settings {
  readonly pairing: Pairing;
  readonly policy: Policy;
  readonly receipt: LastReceipt;
  readonly run: RunState;
  /** True once a backup found nothing more to do. */
  readonly firstBackupDone: boolean;
  /** True after records were adopted once (F-91). */
  readonly adopted: boolean;
  /** When the list of envelopes was last compared with the server's. */
  readonly envelopesComparedMs: number;
  /** Blobs of this vault still to be asked for after the server lost records: the last id that was asked. */
  readonly recheckAfter: number;
  /** When the oldest entry became ready to be recorded; null when none is. */
  readonly readySinceMs: number;
  /** True while the end of the epoch is asked for and has not come. */
  readonly rotateWanted: boolean;
  /** How large blobs were, and how many went at once, when that last changed. */
  readonly link: LinkState & { readonly atMs: number };
  /** How often small files were read, while large ones waited, since the last piece of one of those; null: not since. */
  readonly smallReadings: number;
  /** What blobs cost over metered networks, and in which month since 1970. */
  readonly meteredUse: { readonly month: number; readonly bytes: number };
  /** The last audit, and the last drill. */
  readonly verified: Verified;
  readonly drilled: Verified;
  /** When a backup last found nothing more to do. */
  readonly allSyncedMs: number;
  /** When a watch last began an audit by itself. */
  readonly auditedMs: number;
  /** What `create` and `join` froze before they sent it; owned by pairing. */
  readonly pairingDraft: unknown;
  /** What `open-vault`, `list` and `restore` keep; owned by restore. */
  readonly restoring: unknown;
  /** The export under way; owned by `restore/export`. */
  readonly exporting: unknown;
}

export const DEFAULT_POLICY: Policy = {
  unmeteredOnly: false,
  roamingToo: false,
  meteredBytesPerMonth: null,
  chargingOnly: false,
  hours: null,
  uploadBytesPerS: null,
};

/** The value of a setting, or null when it was never set. Read from the database once a process: nobody else writes there. */
export function getSetting<K extends keyof Settings>(store: Store, key: K): Settings[K] | null {
  let text = store.settings.get(key);
  if (text === undefined) {
    text = scalars(store, readText, "SELECT value FROM meta WHERE key = ?", [key])[0] ?? null;
    store.settings.set(key, text);
  }
  return text === null ? null : (JSON.parse(text) as Settings[K]);
}

/** Sets a setting; null removes it. */
export function putSetting<K extends keyof Settings>(store: Store, key: K, value: Settings[K] | null): void {
  const text = value === null ? null : JSON.stringify(value);
  if (text === null) store.run("DELETE FROM meta WHERE key = ?", [key]);
  else store.run("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", [key, text]);
  store.settings.set(key, text);
}

/** What the owner allows: everything, until something else was set. */
export function policyOf(store: Store): Policy {
  const policy = getSetting(store, "policy");
  // One that an earlier version stored lacks what came later.
  return policy === null ? DEFAULT_POLICY : { ...DEFAULT_POLICY, ...policy };
}
