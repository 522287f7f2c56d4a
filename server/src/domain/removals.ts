// Doing something for one of many in a pass (P-73). Rule: what fails for one account or file waits for the next pass and
// stops no other.

import type { Instance } from "./instance.ts";
import { Refusal } from "./refusal.ts";
import { StorageFull, StoreUnavailable } from "./storage.ts";

/** It could not be done now. */
export const POSTPONED = Symbol("postponed");

/**
 * Does it, with the ballast's room on a full disk. POSTPONED when a file or an account cannot be read or changed
 * now (null from `work` says so too): the next pass tries again, and others are not stopped. A store that is gone ends the
 * pass.
 */
export async function attempt<Result>(
  instance: Instance,
  work: () => Promise<Result | null>,
): Promise<Result | typeof POSTPONED> {
  try {
    return (await instance.ballast.free(work)) ?? POSTPONED;
  } catch (error) {
    const isOfOne =
      error instanceof Refusal ||
      error instanceof StorageFull ||
      error instanceof StoreUnavailable ||
      (error instanceof Error && "syscall" in error);
    if (!isOfOne) throw error;
    await Promise.all([instance.blobs.check(), instance.journal.check()]);
    return POSTPONED;
  }
}
