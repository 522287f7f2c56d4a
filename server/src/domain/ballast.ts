// Room for what frees room (P-86): on a full disk the ballast is given up for it, and made again when there is room. Rule:
// while the ballast is away nothing is taken from clients, or they would fill the room that was meant for removing.

import { AccountLocks } from "./account-locks.ts";
import { type Room, StorageFull } from "./storage.ts";

const LOCK = "ballast";

/** Runs `work`, and once more with the room of the ballast when the disk is full; `work` may be run twice. */
export async function runWithBallast<Result>(
  work: () => Promise<Result>,
  giveBallast: () => Promise<void>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StorageFull)) throw error;
  }
  await giveBallast();
  return work();
}

export class Ballast {
  readonly #room: Room;
  readonly #locks = new AccountLocks();
  #isAway = false;

  constructor(room: Room) {
    this.#room = room;
  }

  /** Runs work that frees room, or that reading waits for, also on a full disk; it may be run twice. */
  free<Result>(work: () => Promise<Result>): Promise<Result> {
    return runWithBallast(work, () =>
      this.#locks.hold(LOCK, async () => {
        this.#isAway = true;
        await this.#room.giveBallast();
      }),
    );
  }

  /** StorageFull while the room is kept free for removing; looks whether there is more by now. */
  async requireThere(): Promise<void> {
    if (this.#isAway) await this.keep();
    if (this.#isAway) throw new StorageFull();
  }

  /** Makes the ballast where it is missing and the disk has room; called at the start, now and then, and after freeing. */
  keep(signal: AbortSignal | null = null): Promise<void> {
    return this.#locks.hold(LOCK, async () => {
      const isThere = await this.#room.makeBallast(signal);
      if (signal?.aborted !== true) this.#isAway = !isThere;
    });
  }
}
