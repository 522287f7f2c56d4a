// Blobs that the server does not take while it takes others. Rule: one blob that fails again and again slows down, names its
// files and lets others go on; when all of them fail, it is trouble with the server.

import type { FailureCode, WaitingReason } from "../../border/reasons.ts";
import type { Trouble } from "../../peer/exchange.ts";
import { trouble } from "../../peer/exchange.ts";
import type { Context } from "../../runtime/context.ts";
import type { Run } from "../run.ts";
import {
  forgetTries,
  markStuck,
  nextRetryMs,
  putOff,
  RETRY_CAP_MS,
  readTries,
  STUCK_TRIES,
} from "../tables/blob-rows.ts";
import { forgetRefusals, nameRefusal } from "../tables/entry-rows.ts";
import { contentLimit, discardPlan, splitPlan } from "./planner.ts";

/** Failures of one blob before its files are named, and before a blob of several chunks is cut in two. */
const NAMED_FAILURES = 3;
/** Tries in vain after which a blob is cut in two although nothing says that it is to blame. */
const VAIN_TRIES = 6;
/** Blobs refused in a row before it is trouble with the server. */
const ROW_OF_REFUSALS = 5;
const RETRY_BASE_MS = 500;
const REFUSED: WaitingReason = "upload-refused";

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
    forgetTries(this.#ctx.store);
    forgetRefusals(this.#ctx.store, REFUSED);
  }

  /** When the next one may be sent again that may not be sent yet; null when none is in this run. */
  nextRetryAtMs(): number | null {
    return nextRetryMs(this.#ctx.store, this.#ctx.now, this.#run.mode !== "watch");
  }

  /** The server took a blob. */
  took(blob: number): void {
    this.#stored += 1;
    this.#inARow = 0;
    if (this.#failures.delete(blob)) nameRefusal(this.#ctx.store, blob, null);
  }

  /** A blob did not arrive, and the whole run waits. It is to blame only where others arrived since it failed before. */
  failed(blob: number): void {
    const failures = this.#count(blob, (known) => this.#stored > known.storedBefore);
    // Nothing else may be left to compare it with; smaller bodies harm nothing.
    const { tries } = readTries(this.#ctx.store, blob);
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
      if (readTries(this.#ctx.store, blob).sizeBytes > contentLimit(this.#run.link.blobChunks)) {
        discardPlan(this.#ctx, this.#run, blob);
        return;
      }
    }
    const failures = this.#count(blob, () => true);
    if (code === "peer-refused") markStuck(this.#ctx.store, blob);
    this.#putBack(blob, code === "peer-refused" ? STUCK_TRIES : failures);
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
    putOff(this.#ctx.store, blob, this.#ctx.now + delayMs);
    if (failures >= NAMED_FAILURES) nameRefusal(this.#ctx.store, blob, REFUSED);
  }
}
