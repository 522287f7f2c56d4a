// What is remembered of a restore that is under way. Rule: a process that is asked for the same restore goes on with it;
// another ask begins anew.

import type { Ask } from "../border/asks.ts";
import type { VaultId } from "../ids.ts";
import { getSetting, putSetting } from "../store/settings.ts";
import type { Store } from "../store/store.ts";
import { clearRestore } from "./tables/restored-files.ts";

export type RestoreAsk = Ask & { readonly kind: "restore" };

/**
 * How far a restore is; each phase may be begun again.
 *
 *   select ─▶ parts ─▶ existing ─▶ folders ─▶ fetch ─▶ occupied ─▶ links ─▶ times
 */
export type Phase = "select" | "parts" | "existing" | "folders" | "fetch" | "occupied" | "links" | "times";

/** The order of the phases. */
export const PHASES: readonly Phase[] = [
  "select",
  "parts",
  "existing",
  "folders",
  "fetch",
  "occupied",
  "links",
  "times",
];

export interface Job {
  readonly ask: RestoreAsk;
  readonly phase: Phase;
}

/** Setting `restoring`: the vault that the index is of, and the restore under way. */
export interface Restoring {
  readonly server: string;
  readonly vault: VaultId;
  readonly job: Job | null;
}

export function readRestoring(store: Store): Restoring | null {
  return getSetting(store, "restoring") as Restoring | null;
}

export function putRestoring(store: Store, restoring: Restoring | null): void {
  putSetting(store, "restoring", restoring);
}

/** The restore under way, or null. */
export function readJob(store: Store): Job | null {
  return readRestoring(store)?.job ?? null;
}

/** Sets or (null) ends the restore under way. */
export function putJob(store: Store, job: Job | null): void {
  const restoring = readRestoring(store);
  if (restoring !== null) putRestoring(store, { ...restoring, job });
}

/** The job of this ask: the one under way when it is the same, else a new one. True when it goes on. */
export function takeJob(store: Store, ask: RestoreAsk): boolean {
  const job = readJob(store);
  if (job !== null && askText(job.ask) === askText(ask)) return true;
  clearRestore(store);
  putJob(store, { ask, phase: "select" });
  return false;
}

/** The fields in a fixed order, so that equal asks have equal texts. */
function askText({ target, work, at, device, selections, existing, withRevoked }: RestoreAsk): string {
  const places = selections.map(({ root, path }) => [root, path]);
  return JSON.stringify([target, work, at ?? null, device ?? null, places, existing, withRevoked === true]);
}
