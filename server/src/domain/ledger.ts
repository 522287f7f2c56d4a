// The single path by which an account changes (P-71): check → object → rows. Rule: the object is the commit; whatever
// happens after it, its rows come, now or at the next start. Locks save work: the object alone decides, over any number of
// processes.

import { AccountLocks } from "./account-locks.ts";
import { applyFound, applyNext, applyWhole, type LedgerStores, readSequence } from "./applying.ts";
import type { Ballast } from "./ballast.ts";
import { type AccountChange, encodeChange, UnknownChange } from "./changes.ts";
import { type Claim, reserveNames } from "./claims.ts";
import type { Id } from "./encodings.ts";
import { type FoundObject, readObject } from "./journal-objects.ts";
import { recoverVault } from "./recovery.ts";
import { Refusal } from "./refusal.ts";
import { StorageFull } from "./storage.ts";

/**
 * What a check decides: the answer alone, or a change and the answer once it is durable. `claims` are names that no other
 * account may have.
 */
export type Decision<Result> = {
  readonly change: AccountChange | null;
  readonly result: Result;
  readonly claims?: readonly Claim[];
};

export type LedgerRecovery = {
  readonly changes: number;
  /** Objects that were mended, or that version 0.1 had removed. */
  readonly mended: readonly { readonly vault: Id; readonly sequence: number }[];
  readonly removed: number;
  /** Accounts without any whole vault object, which cannot be served. */
  readonly unreadable: readonly Id[];
  /** Accounts whose objects could not be read or applied now: each request tries again. */
  readonly unsettled: readonly Id[];
};

/** Accounts that want one name wait for each other in this process; other processes meet at the reservation. */
const REGISTRY_LOCK = "registry";
/** A change that loses its number this often in a row is answered `busy`. */
const MAX_ATTEMPTS = 100;

export class Ledger {
  readonly #stores: LedgerStores;
  readonly #ballast: Ballast;
  readonly #locks = new AccountLocks();
  /** Accounts with objects that have no rows yet, and those of which no whole vault object is left. */
  readonly #unsettled = new Set<Id>();
  readonly #unreadable = new Set<Id>();
  #mayList = false;

  constructor(stores: LedgerStores, ballast: Ballast) {
    this.#stores = stores;
    this.#ballast = ballast;
  }

  /**
   * Runs `check` under the account's lock; when it decides on a change, writes the object and the rows before the result
   * is given. `check` may run again when another process took the number. A Refusal from `check` changes nothing.
   */
  change<Result>(vault: Id, check: () => Promise<Decision<Result>>): Promise<Result> {
    return this.hold(vault, () => this.#run(vault, check));
  }

  /** The same, alone among all accounts' changes of this kind: for logins and invitations. */
  changeRegistry<Result>(vault: Id, check: () => Promise<Decision<Result>>): Promise<Result> {
    return this.#locks.hold(REGISTRY_LOCK, () => this.change(vault, check));
  }

  /** Runs `work` while this process changes nothing of the account; Refusal `busy` while its objects cannot be applied. */
  hold<Result>(vault: Id, work: () => Promise<Result>): Promise<Result> {
    return this.#locks.hold(vault, async () => {
      await this.#settle(vault);
      return work();
    });
  }

  /**
   * The same after everything that other processes left is applied; null, and nothing is run, when it cannot be. StorageFull
   * is passed on, for whoever frees room.
   */
  holdSettled<Result>(vault: Id, work: () => Promise<Result>): Promise<Result | null> {
    return this.#locks.hold(vault, async () => {
      try {
        await this.#settle(vault);
        await applyNext(this.#stores, vault, "rows-may-be-older");
      } catch (error) {
        if (error instanceof UnknownChange || error instanceof StorageFull) throw error;
        return null;
      }
      return work();
    });
  }

  /** Refusal `busy` while objects of the account have no rows and cannot be applied: its rows are not the truth. */
  async requireSettled(vault: Id): Promise<void> {
    if (this.#unsettled.has(vault) || this.#unreadable.has(vault)) await this.hold(vault, async () => undefined);
  }

  /** Tries the accounts again whose objects could not be applied; whether every account's login is known then. */
  async settleAll(): Promise<boolean> {
    for (const vault of [...this.#unsettled]) await this.#locks.hold(vault, () => this.#recoverOne(vault));
    return this.#unsettled.size + this.#unreadable.size === 0;
  }

  /** Writes a damaged or lost object again under its own number; for the work of a `check` or of `hold`. */
  rewrite(vault: Id, sequence: number, change: AccountChange): Promise<void> {
    return this.#stores.journal.replace(vault, sequence, encodeChange(vault, sequence, change));
  }

  /**
   * Applies every object that has no rows; called before the server listens. `mayList` where numbers may be missing: in a
   * new database, or one that version 0.1 wrote. An account that fails stops no other one; an object of a newer version
   * throws UnknownChange.
   */
  async recover(mayList = false): Promise<LedgerRecovery> {
    this.#mayList = mayList;
    let changes = 0;
    let removed = 0;
    const mended: { vault: Id; sequence: number }[] = [];
    for (const vault of await this.#stores.journal.listVaults()) {
      const recovered = await this.#recoverOne(vault);
      if (recovered === null) continue;
      changes += recovered.changes;
      removed += recovered.removed.length;
      mended.push(...recovered.mended.map((sequence) => ({ vault, sequence })));
    }
    return { changes, mended, removed, unreadable: [...this.#unreadable], unsettled: [...this.#unsettled] };
  }

  async #recoverOne(vault: Id): Promise<Awaited<ReturnType<typeof recoverVault>> | null> {
    try {
      // Reading waits for these rows: on a full disk they get the ballast's room.
      const recovered = await this.#ballast.free(() => recoverVault(this.#stores, vault, this.#mayList));
      this.#unsettled.delete(vault);
      if (recovered.isUnreadable) this.#unreadable.add(vault);
      return recovered;
    } catch (error) {
      if (error instanceof UnknownChange) throw error;
      this.#unsettled.add(vault);
      return null;
    }
  }

  async #settle(vault: Id): Promise<void> {
    if (this.#unsettled.has(vault) && (await this.#recoverOne(vault)) === null) throw new Refusal("busy");
    if (this.#unreadable.has(vault)) throw new Refusal("busy");
  }

  async #run<Result>(vault: Id, check: () => Promise<Decision<Result>>): Promise<Result> {
    let taken = 0;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      // Read before the check: what the check did not see cannot get the number after it.
      const sequence = Math.max((await readSequence(this.#stores.database, vault)) ?? 0, taken) + 1;
      const { change, result, claims = [] } = await check();
      if (change === null) return result;
      if (!(await reserveNames(this.#stores, vault, sequence, claims))) continue;
      if (await this.#append(vault, sequence, change)) return result;
      taken = sequence;
    }
    throw new Refusal("busy");
  }

  /** Writes the change under the number and applies what stands there then; false when that is another one. */
  async #append(vault: Id, sequence: number, change: AccountChange): Promise<boolean> {
    const { journal } = this.#stores;
    const object = encodeChange(vault, sequence, change);
    if ((await journal.append(vault, sequence, object)) === "written") {
      await applyWhole(this.#stores, vault, sequence, change, "rows-are-present");
      return true;
    }
    const found = await readObject(journal, vault, sequence);
    // A store that says "taken" and shows nothing is asked again by whoever comes next.
    if (found.kind === "absent") throw new Refusal("busy");
    await applyFound(this.#stores, vault, sequence, found, "rows-are-present");
    await this.#requireReadable(vault, found);
    // A driver that tried again after a lost answer meets its own bytes: they are in no other process's object.
    return found.kind === "whole" && Buffer.compare(found.bytes, object) === 0;
  }

  /** Refusal `busy` for an account that has objects and no row: nothing can be made of it, and nothing is added to it. */
  async #requireReadable(vault: Id, found: FoundObject): Promise<void> {
    if (found.kind === "whole" && found.change.kind === "empty") return;
    if ((await readSequence(this.#stores.database, vault)) === null) throw new Refusal("busy");
  }
}
