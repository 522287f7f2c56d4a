// When a run is over. Rule: a run that must end ends when everything is done that can be done now, or when waiting longer would
// bring nothing; any other ends by a failure alone.

import type { FailureCode } from "../border/reasons.ts";
import type { Context } from "../runtime/context.ts";
import { getSetting, putSetting } from "../store/settings.ts";
import { findBlock } from "./policy.ts";
import type { Hasher } from "./read/hasher.ts";
import type { Recorder } from "./record/recorder.ts";
import { type Run, sinceMs } from "./run.ts";
import type { Scanner } from "./scan/scanner.ts";
import type { Uploader } from "./send/uploader.ts";
import { hasPlans } from "./tables/blob-rows.ts";
import { currentEpoch } from "./tables/epoch-rows.ts";
import { hasUnsent } from "./tables/reading-queue.ts";

/** A rest is not written down again within this. */
const NOTED_EVERY_MS = 60_000;
/** Trouble that does not pass while somebody waits: a run that must end ends at once. */
const FINAL: ReadonlySet<FailureCode> = new Set(["peer-quota-exceeded", "peer-refused", "peer-tls"]);

/** `hopeless`: trouble that no waiting mends. `given-up`: somebody waited long enough. */
type Verdict = "goes-on" | "settled" | "failed" | "blocked" | "hopeless" | "given-up";

export class Ending {
  readonly #ctx: Context;
  readonly #run: Run;
  readonly #scanner: Scanner;
  readonly #hasher: Hasher;
  readonly #uploader: Uploader;
  readonly #recorder: Recorder;

  constructor(ctx: Context, run: Run, scanner: Scanner, hasher: Hasher, uploader: Uploader, recorder: Recorder) {
    this.#ctx = ctx;
    this.#run = run;
    this.#scanner = scanner;
    this.#hasher = hasher;
    this.#uploader = uploader;
    this.#recorder = recorder;
  }

  /** True while a file's content is known and not all of it is stored, but for what the server refuses. */
  hasPending(): boolean {
    return this.#run.listingInFlight || hasUnsent(this.#ctx.store);
  }

  /** True when a run that must end has ended, or any run has failed. */
  isOver(): boolean {
    return this.#judge() !== "goes-on";
  }

  /** How a run ended, or that it goes on. */
  #judge(): Verdict {
    const { now, more, store } = this.#ctx;
    const run = this.#run;
    if (run.failure !== null) return "failed";
    if (this.#isSettled()) {
      this.#forgetTrouble();
      this.#noteSynced();
      if (getSetting(store, "firstBackupDone") !== true && this.#endFirstBackup()) return "goes-on";
      return run.mode === "watch" ? "goes-on" : "settled";
    }
    if (run.mode === "watch" || run.hashesInFlight > 0 || run.scanInFlight || more) return "goes-on";
    if (this.#isExchanging()) return "goes-on";
    // Conditions come right after the start; until then nothing is decided.
    if (findBlock(run.policy, run.conditions, now) !== null) return run.conditions === null ? "goes-on" : "blocked";
    if (run.isOverBudget) return "blocked";
    if (run.backoff.trouble !== null && FINAL.has(run.backoff.trouble.failure)) return "hopeless";
    const givesUpAt = run.backoff.givesUpAtMs();
    return givesUpAt !== null && now >= givesUpAt ? "given-up" : "goes-on";
  }

  /** A run found nothing more to do: `status` tells when that was, to the minute. */
  #noteSynced(): void {
    const { store, now } = this.#ctx;
    const known = getSetting(store, "allSyncedMs");
    if (known === null || sinceMs(known, now) >= NOTED_EVERY_MS) putSetting(store, "allSyncedMs", now);
  }

  /** Nothing is left that trouble could keep from being sent. */
  #forgetTrouble(): void {
    const run = this.#run;
    if (run.backoff.trouble === null) return;
    run.backoff.succeeded();
    run.blockedBy = findBlock(run.policy, run.conditions, this.#ctx.now);
  }

  /** True while the server may still answer something. */
  #isExchanging(): boolean {
    const run = this.#run;
    return (
      run.uploads.size > 0 || run.recordInFlight || run.epochInFlight || run.auditInFlight || run.log === "checking"
    );
  }

  /** Everything that can be done is done. */
  #isSettled(): boolean {
    const run = this.#run;
    return (
      run.log === "open" &&
      !run.epochInFlight &&
      !run.auditInFlight &&
      !run.rotateWanted &&
      this.#scanner.isDone() &&
      this.#hasher.isDone() &&
      this.#hasher.nextRetryAtMs() === null &&
      run.unplanned.chunks === 0 &&
      this.#uploader.isDone() &&
      this.#recorder.isDone() &&
      !this.hasPending()
    );
  }

  /** The first complete backup ends its epoch (F-40); false when there is no epoch to end. */
  #endFirstBackup(): boolean {
    const epoch = currentEpoch(this.#ctx.store);
    if (epoch === null || epoch.bytes === 0) return false;
    // What the server refuses is still under way.
    if (hasPlans(this.#ctx.store)) return false;
    putSetting(this.#ctx.store, "firstBackupDone", true);
    this.#run.wantRotation(this.#ctx, true);
    this.#ctx.more = true;
    return true;
  }
}
