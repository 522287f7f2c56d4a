// Blobs that the server does not take while it takes others. Rule: one blob that fails again and again slows down, names its
// files and lets others go on; when all of them fail, it is trouble with the server.

import type { FailureCode, WaitingReason } from "../border/reasons.ts";
import type { Trouble } from "../peer/exchange.ts";
import { trouble } from "../peer/exchange.ts";
import type { Context } from "../runtime/context.ts";
import { STATE } from "../store/schema.ts";
import { int } from "../store/store.ts";
import { contentLimit, discardPlan, splitPlan } from "./planner.ts";
import type { Run } from "./run.ts";

/** Failures of one blob before its files are named, and before a blob of several chunks is cut in two. */
const NAMED_FAILURES = 3;
/** Tries after which a run that must end leaves a blob for the next one. */
const STUCK_TRIES = 5;
/** Tries in vain after which a blob is cut in two although nothing says that it is to blame. */
const VAIN_TRIES = 6;
/** Blobs refused in a row before it is trouble with the server. */
const ROW_OF_REFUSALS = 5;
const RETRY_BASE_MS = 500;
const RETRY_CAP_MS = 900_000;
const REFUSED: WaitingReason = "upload-refused";

/** SQL: a planned blob that a run which must end leaves alone. */
export const STUCK: string = `tries >= ${STUCK_TRIES} AND retry_ms IS NOT NULL`;

interface Failures {
  count: number;
  /** How many blobs had been stored when it last failed. */
  storedBefore: number;
}

/** Whether trouble with an upload may be about what was sent, and not about the server as a whole. */
export function isAboutBodies({ failure, broken }: Trouble): boolean {
  return broken || failure === "peer-error" || failure === "peer-not-coffre";
}

export class Refusals {
  readonly #ctx: Context;
  readonly #run: Run;
  readonly #failures = new Map<number, Failures>();
  #stored = 0;
  #inARow = 0;

  constructor(ctx: Context, run: Run) {
    this.#ctx = ctx;
    this.#run = run;
  }

  /** A backup begins: all are tried again. */
  begin(): void {
    this.#failures.clear();
    this.#inARow = 0;
    const { store } = this.#ctx;
    store.run("UPDATE blob SET tries = 0, retry_ms = NULL WHERE state = 0 AND retry_ms IS NOT NULL");
    store.run(`UPDATE entry SET reason = NULL WHERE state IN (${STATE.pending}, ${STATE.listing}) AND reason = ?`, [
      REFUSED,
    ]);
  }

  /** SQL: whether a planned blob may be sent now. */
  mayBeSent(): string {
    const { now } = this.#ctx;
    // What is to be sent later than any blob waits comes from a clock that was set back since.
    const isDue = `retry_ms IS NULL OR retry_ms <= ${now} OR retry_ms > ${now + RETRY_CAP_MS}`;
    return this.#run.mode === "watch" ? `(${isDue})` : `(${isDue}) AND NOT (${STUCK})`;
  }

  /** When the next one may be sent again that may not be sent yet; null when none is in this run. */
  nextRetryAtMs(): number | null {
    const all = `SELECT min(retry_ms) FROM blob WHERE state = 0 AND retry_ms > ${this.#ctx.now}`;
    const row = this.#ctx.store.first(this.#run.mode === "watch" ? all : `${all} AND tries < ${STUCK_TRIES}`);
    return row === null || row[0] === null ? null : int(row, 0);
  }

  /** The server took a blob. */
  took(blob: number): void {
    this.#stored += 1;
    this.#inARow = 0;
    if (this.#failures.delete(blob)) this.#name(blob, null);
  }

  /** A blob did not arrive, and the whole run waits. It is to blame only where others arrived since it failed before. */
  failed(blob: number): void {
    const failures = this.#count(blob, (known) => this.#stored > known.storedBefore);
    // Nothing else may be left to compare it with; smaller bodies harm nothing.
    const { tries } = this.#readBlob(blob);
    const isVain = tries >= VAIN_TRIES;
    if (isVain && splitPlan(this.#ctx, blob)) this.#failures.delete(blob);
    else if (failures > 1 || (isVain && this.#run.mode === "watch")) this.#putBack(blob, Math.max(failures, tries - 1));
  }

  /** The server refused a blob for what it is. `peer-altered`: it got other bytes than were sent, which may not happen again. */
  refused(blob: number, code: FailureCode & ("peer-altered" | "peer-refused")): void {
    // What is not to be sent again as it is will hardly be taken of the others.
    this.#inARow += code === "peer-refused" ? 2 : 1;
    if (this.#inARow >= ROW_OF_REFUSALS) {
      this.#run.link.broke();
      this.#run.backoff.failed(this.#ctx, trouble(REFUSED, code, null), "storing");
      if (this.#readBlob(blob).size > contentLimit(this.#run.link.blobChunks)) {
        discardPlan(this.#ctx, this.#run, blob);
        return;
      }
    }
    const failures = this.#count(blob, () => true);
    if (code === "peer-refused") this.#ctx.store.run("UPDATE blob SET tries = ? WHERE id = ?", [STUCK_TRIES, blob]);
    this.#putBack(blob, code === "peer-refused" ? STUCK_TRIES : failures);
  }

  #readBlob(blob: number): { readonly size: number; readonly tries: number } {
    const row = this.#ctx.store.first("SELECT size, tries FROM blob WHERE id = ?", [blob]) ?? [0, 0];
    return { size: int(row, 0), tries: int(row, 1) };
  }

  #count(blob: number, isItsOwn: (known: Failures) => boolean): number {
    const known = this.#failures.get(blob);
    const count = known === undefined ? 1 : known.count + (isItsOwn(known) ? 1 : 0);
    this.#failures.set(blob, { count, storedBefore: this.#stored });
    return count;
  }

  /** The blob waits; others are sent meanwhile. */
  #putBack(blob: number, failures: number): void {
    // Only some of what is in it may be refused: the rest shall not wait with it.
    if (failures >= NAMED_FAILURES && splitPlan(this.#ctx, blob)) {
      this.#failures.delete(blob);
      return;
    }
    const delayMs = Math.min(RETRY_CAP_MS, RETRY_BASE_MS * 4 ** Math.min(failures - 1, 10));
    this.#ctx.store.run("UPDATE blob SET retry_ms = ? WHERE id = ?", [this.#ctx.now + delayMs, blob]);
    if (failures >= NAMED_FAILURES) this.#name(blob, REFUSED);
  }

  /** What the files of a blob wait for. */
  #name(blob: number, reason: WaitingReason | null): void {
    this.#ctx.store.run(
      `UPDATE entry SET reason = ? WHERE state IN (${STATE.new}, ${STATE.hashing}, ${STATE.pending}, ${STATE.listing})
       AND id IN (SELECT p.entry FROM piece p JOIN chunk c ON c.id = p.chunk WHERE c.blob = ?
       UNION SELECT owner FROM blob WHERE id = ? AND owner IS NOT NULL)`,
      [reason, blob, blob],
    );
  }
}
