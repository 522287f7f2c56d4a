// Names that were listed and cannot be looked at. Rule: each waits with its reason, also one that was synced, and its row stays
// as it was, so that nothing is read again when it can be seen; one that a rule excludes is excluded.

import type { WaitingReason } from "../../border/reasons.ts";
import type { Context } from "../../runtime/context.ts";
import { STATE } from "../../store/schema.ts";
import type { Run } from "../run.ts";
import { entriesById } from "../tables/entry-sets.ts";
import type { KnownEntry } from "../tables/known-entries.ts";
import { forgetPieces } from "../tables/piece-rows.ts";
import { addUnseen, awaitSight, exclude, markUnseen, type Unseen } from "../tables/sighted-rows.ts";

/** Those of one folder. */
export class UnseenEntries {
  readonly #ctx: Context;
  readonly #run: Run;
  readonly #folder: number;
  readonly #found: Unseen[] = [];
  readonly #marks: { readonly id: number; readonly reason: WaitingReason }[] = [];
  readonly #excluded: { readonly id: number; readonly rule: string }[] = [];
  readonly #waiting: { readonly id: number; readonly reason: WaitingReason }[] = [];

  constructor(ctx: Context, run: Run, folder: number) {
    this.#ctx = ctx;
    this.#run = run;
    this.#folder = folder;
  }

  /** `rule` excludes the name, and `reason` is why it cannot be looked at. */
  addNew(name: string, rule: string | null, reason: WaitingReason): void {
    this.#found.push({ name, rule, reason: rule === null ? reason : null });
  }

  addKnown({ id, state, unseen }: KnownEntry, rule: string | null, reason: WaitingReason): void {
    const wasExcluded = state === STATE.excluded;
    if (rule !== null && !wasExcluded) this.#excluded.push({ id, rule });
    else if (rule === null && wasExcluded) this.#waiting.push({ id, reason });
    else if (rule === null && unseen !== reason) this.#marks.push({ id, reason });
  }

  write(): void {
    const { store } = this.#ctx;
    addUnseen(store, this.#folder, this.#found);
    markUnseen(store, this.#marks);
    awaitSight(store, this.#waiting);
    for (const { id, rule } of this.#excluded) {
      const entry = entriesById([id]);
      this.#run.uncount(this.#ctx, entry);
      forgetPieces(store, entry);
      exclude(store, entry, rule);
    }
  }
}
