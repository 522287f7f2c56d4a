// The single path by which an account changes (P-71): check → object → rows. Rule: the object is the commit; whatever
// happens after it, its rows come, now or at the next start.

import { AccountLocks } from "./account-locks.ts";
import { parseBaseBody } from "./base-body.ts";
import { applyChange } from "./change-rows.ts";
import { type AccountChange, decodeChange, encodeChange } from "./changes.ts";
import type { Database } from "./database.ts";
import { parseRecord } from "./device-structures.ts";
import type { Id } from "./encodings.ts";
import { followReferences } from "./references.ts";
import type { BlobStore, Journal } from "./storage.ts";

/** What a check decides: the answer alone, or a change and the answer once it is durable. */
export type Decision<Result> = { readonly change: AccountChange | null; readonly result: Result };

type Stores = { readonly database: Database; readonly journal: Journal; readonly blobs: BlobStore };

/** Login names and invitations are unique over all accounts: changes of those hold this lock first. */
const REGISTRY_LOCK = "registry";

export class Ledger {
  readonly #stores: Stores;
  readonly #locks = new AccountLocks();

  constructor(stores: Stores) {
    this.#stores = stores;
  }

  /**
   * Runs `check` under the account's lock; when it decides on a change, writes the object and the rows before the result
   * is given. `check` may run again when another process took the number. A Refusal from `check` changes nothing.
   */
  change<Result>(vault: Id, check: () => Promise<Decision<Result>>): Promise<Result> {
    return this.#locks.hold(vault, () => this.#run(vault, check));
  }

  /** The same, alone among all accounts' changes of this kind: for logins and invitations. */
  changeRegistry<Result>(vault: Id, check: () => Promise<Decision<Result>>): Promise<Result> {
    return this.#locks.hold(REGISTRY_LOCK, () => this.change(vault, check));
  }

  /** Runs `work` while nothing of the account changes. */
  hold<Result>(vault: Id, work: () => Promise<Result>): Promise<Result> {
    return this.#locks.hold(vault, work);
  }

  /** Writes a damaged or lost object again under its own number; for the work of a `check` or of `hold`. */
  rewrite(vault: Id, sequence: number, change: AccountChange): Promise<void> {
    return this.#stores.journal.replace(vault, sequence, encodeChange(vault, sequence, change));
  }

  /** Applies every object that has no rows; called before the server listens. Gives how many there were. */
  async recover(): Promise<number> {
    let applied = 0;
    for (const vault of await this.#stores.journal.listVaults()) applied += await this.#applyPending(vault);
    return applied;
  }

  async #run<Result>(vault: Id, check: () => Promise<Decision<Result>>): Promise<Result> {
    for (;;) {
      const { change, result } = await check();
      if (change === null) return result;
      const sequence = (await this.#readSequence(vault)) + 1;
      const object = encodeChange(vault, sequence, change);
      if ((await this.#stores.journal.append(vault, sequence, object)) === "taken") {
        await this.#applyPending(vault);
        continue;
      }
      await this.#apply(vault, sequence, change);
      return result;
    }
  }

  async #applyPending(vault: Id): Promise<number> {
    const { journal } = this.#stores;
    const known = await this.#readSequence(vault);
    const pending = known === 0 ? await journal.list(vault) : await this.#listAfter(vault, known);
    if (known === 0) await this.#applyFirstVaultObject(vault, pending);
    for (const sequence of pending) {
      const bytes = await journal.read(vault, sequence);
      if (bytes !== null) await this.#apply(vault, sequence, decodeChange(bytes, vault, sequence));
    }
    return pending.length;
  }

  /**
   * Objects may be gone at the front of a rebuilt account, because replaced vault objects are removed after 30 days
   * (P-24): its row is made from the first one that is left, and stays at sequence 0 until the others follow.
   */
  async #applyFirstVaultObject(vault: Id, pending: readonly number[]): Promise<void> {
    for (const sequence of pending) {
      const bytes = await this.#stores.journal.read(vault, sequence);
      const change = bytes === null ? null : decodeChange(bytes, vault, sequence);
      if (change === null || !(change.kind === "account" || change.kind === "vault-object")) continue;
      await this.#stores.database.transaction(async (transaction) => {
        await applyChange(transaction, vault, sequence, change, []);
        await transaction.query("UPDATE vaults SET sequence = 0 WHERE vault = $1", [vault]);
      });
      return;
    }
  }

  async #listAfter(vault: Id, known: number): Promise<number[]> {
    const found: number[] = [];
    for (let next = known + 1; (await this.#stores.journal.read(vault, next)) !== null; next += 1) found.push(next);
    return found;
  }

  async #apply(vault: Id, sequence: number, change: AccountChange): Promise<void> {
    const references = await this.#listReferences(vault, change);
    await this.#stores.database.transaction((transaction) =>
      applyChange(transaction, vault, sequence, change, references),
    );
  }

  async #listReferences(vault: Id, change: AccountChange): Promise<Id[]> {
    const { database, blobs } = this.#stores;
    if (change.kind === "record") {
      const header = parseRecord(change.record, vault, change.device, change.number);
      return (await followReferences(database, blobs, vault, header)).found;
    }
    if (change.kind === "base") {
      const [row] = await database.read<{ signing_key: Uint8Array }>(
        `SELECT signing_key FROM vaults WHERE vault = $1`,
        [vault],
      );
      if (row === undefined) return [];
      return (
        await followReferences(
          database,
          blobs,
          vault,
          parseBaseBody(change.body, vault, change.number, row.signing_key),
        )
      ).found;
    }
    return [];
  }

  async #readSequence(vault: Id): Promise<number> {
    const [row] = await this.#stores.database.read<{ sequence: number }>(
      `SELECT sequence FROM vaults WHERE vault = $1`,
      [vault],
    );
    return row?.sequence ?? 0;
  }
}
