// Names that were listed and cannot be looked at. Rule: each waits with its reason, also one that was synced, and its row stays
// as it was, so that nothing is read again when it can be seen; one that a rule excludes is excluded.

import type { WaitingReason } from "../border/reasons.ts";
import type { Context } from "../runtime/context.ts";
import { KIND, STATE } from "../store/schema.ts";
import type { Row, StoreValue } from "../store/store.ts";
import { forgetPieces } from "./pieces.ts";
import type { Run } from "./run.ts";

/** A name, the rule that excludes it, and why it cannot be looked at. */
export interface Unseen {
  readonly name: string;
  readonly rule: string | null;
  readonly reason: WaitingReason;
}

/** Those of one folder. */
export class UnseenEntries {
  readonly #ctx: Context;
  readonly #run: Run;
  readonly #folder: number;
  readonly #inserts: Row[] = [];
  readonly #marks: Row[] = [];
  readonly #excluded: Row[] = [];
  readonly #waiting: Row[] = [];

  constructor(ctx: Context, run: Run, folder: number) {
    this.#ctx = ctx;
    this.#run = run;
    this.#folder = folder;
  }

  addNew({ name, rule, reason }: Unseen): void {
    const [state, why] = rule === null ? [STATE.waiting, reason] : [STATE.excluded, null];
    this.#inserts.push([this.#folder, name, KIND.other, state, why, rule, why]);
  }

  /** `before` is why it could not be looked at in the listing before, null when it could. */
  addKnown({ rule, reason }: Unseen, before: StoreValue | undefined, wasExcluded: boolean, entry: number): void {
    if (rule !== null && !wasExcluded) this.#excluded.push([rule, entry]);
    else if (rule === null && wasExcluded) this.#waiting.push([reason, reason, entry]);
    else if (rule === null && before !== reason) this.#marks.push([reason, entry]);
  }

  write(): void {
    const { store } = this.#ctx;
    store.runMany(
      `INSERT INTO entry (folder, name, kind, state, size, mtime_s, mtime_us, identity, reason, rule, unseen)
       VALUES (?, ?, ?, ?, 0, 0, 0, '', ?, ?, ?)`,
      this.#inserts,
    );
    store.runMany("UPDATE entry SET unseen = ? WHERE id = ?", this.#marks);
    store.runMany(
      `UPDATE entry SET state = ${STATE.waiting}, rule = NULL, reason = ?, unseen = ? WHERE id = ? AND kind <> ${KIND.folder}`,
      this.#waiting,
    );
    for (const row of this.#excluded) {
      const entry = [row[1] ?? null];
      this.#run.uncount(this.#ctx, "id = ?", entry);
      forgetPieces(this.#ctx, "?", entry);
      store.run(`UPDATE entry SET state = ${STATE.excluded}, rule = ?, reason = NULL, unseen = NULL WHERE id = ?`, row);
    }
  }
}
