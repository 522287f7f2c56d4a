// What a run shows: progress while it goes on, its result at the end, and what `status` says later. Rule: counts in results
// come from the rows, never from what a machine believes.

import type { FailureCode, WaitingReason } from "../border/reasons.ts";
import type { Context } from "../runtime/context.ts";
import type { RunState } from "../store/settings.ts";
import { getSetting, putSetting } from "../store/settings.ts";
import type { Waiter } from "./asks.ts";
import type { Run } from "./run.ts";
import { countStates, sampleWaiting } from "./status.ts";

const PROGRESS_MS = 500;
/** Results of one step that hold a sample of what waits: more would not fit on the border. */
const MOST_SAMPLES = 3;

export class Reporter {
  readonly #ctx: Context;
  readonly #run: Run;
  #shownAtMs = 0;
  #shown = "";
  #remembered: string | null = null;

  constructor(ctx: Context, run: Run) {
    this.#ctx = ctx;
    this.#run = run;
  }

  result(
    ask: "add-root" | "remove-root" | "believe-gone" | "set" | "rotate" | "drilled" | "stop",
    code: FailureCode | null,
  ): void {
    this.#ctx.show({ kind: "result", ask, outcome: code === null ? "ok" : "failed", code });
  }

  progress(): void {
    const { counters, blockedBy } = this.#run;
    const phase = this.#phase();
    // The last word before a rest is never held back: no step may follow that would say it.
    if (phase !== "idle" && Math.abs(this.#ctx.now - this.#shownAtMs) < PROGRESS_MS) return;
    const { filesDone, filesTotal, bytesDone, bytesTotal } = counters;
    // What a blob holds counts as soon as it is stored; files count with their receipts.
    const sent = Math.min(bytesTotal, Math.max(bytesDone + counters.bytesStored, 0));
    // A rest is said also when nothing else is new, as after a file that went away.
    const shown = `${filesDone}/${filesTotal}/${sent}/${bytesTotal}/${blockedBy}/${phase === "idle"}`;
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#shownAtMs = this.#ctx.now;
    this.#ctx.show({
      kind: "progress",
      phase,
      filesDone,
      filesTotal,
      bytesDone: sent,
      bytesTotal,
      ...(blockedBy === null ? {} : { waiting: blockedBy }),
    });
  }

  #phase(): "scanning" | "hashing" | "uploading" | "recording" | "idle" {
    const run = this.#run;
    if (run.scanInFlight) return "scanning";
    if (run.uploads.size > 0) return "uploading";
    if (run.hashesInFlight > 0) return "hashing";
    return run.recordInFlight ? "recording" : "idle";
  }

  /** Keeps how the run stands for `status`; writes only when it changed. */
  remember(nextAtMs: number | null): void {
    const state: RunState = { state: stateOf(this.#run.failure), blocked: this.#run.blockedBy, nextAtMs };
    const text = JSON.stringify(state);
    this.#remembered ??= JSON.stringify(getSetting(this.#ctx.store, "run"));
    if (text === this.#remembered) return;
    this.#remembered = text;
    putSetting(this.#ctx.store, "run", state);
  }

  /** The run's result for each of those who asked: failed with a code, or done, with or without files that wait. */
  finish(waiters: readonly Waiter[]): void {
    const run = this.#run;
    const trouble = run.backoff.trouble;
    run.blockedBy = blockOf(run.failure) ?? run.blockedBy;
    this.remember(null);
    const waits = trouble !== null && (trouble.reason === "quota-exceeded" || trouble.reason === "server-full");
    const failed = run.failure ?? (trouble !== null && !waits ? trouble.failure : null);
    this.#end(waiters, failed, waits ? trouble.failure : null);
  }

  /** The result of those who were stopped out of a run that goes on for others. */
  stopped(waiters: readonly Waiter[]): void {
    this.#end(waiters, "user-stopped", null);
  }

  /** Shows each its result: `failed`, or why something waits, or neither. */
  #end(waiters: readonly Waiter[], failed: FailureCode | null, waitsFor: FailureCode | null): void {
    const { counters, blockedBy } = this.#run;
    const { store } = this.#ctx;
    const counts = countStates(store, blockedBy);
    const outcome = failed !== null ? "failed" : counts.filesWaiting > 0 ? "waiting" : "ok";
    const files = sampleWaiting(store, blockedBy);
    for (const [index, { mode, since }] of waiters.entries()) {
      this.#ctx.show({
        kind: "result",
        ask: "backup",
        mode,
        outcome,
        code: failed ?? waitsFor,
        counts,
        files: index < MOST_SAMPLES ? files : [],
        bytesRead: counters.bytesRead - since.bytesRead,
        bytesSent: counters.bytesSent - since.bytesSent,
        blobsSent: counters.blobsSent - since.blobsSent,
        requests: counters.requests - since.requests,
      });
    }
  }
}

/** Failures over a server that is not the one that this machine was paired with, or cannot show that it is. */
const NOT_TRUSTED: ReadonlySet<FailureCode> = new Set(["peer-pin", "peer-tls", "peer-key-changed", "peer-not-trusted"]);

function stateOf(failure: FailureCode | null): RunState["state"] {
  if (failure === "peer-forked") return "forked";
  if (failure === "peer-cloned") return "cloned";
  return failure === "peer-device-revoked" ? "revoked" : "ok";
}

function blockOf(failure: FailureCode | null): WaitingReason | null {
  if (failure === "peer-forked") return "stopped-forked";
  if (failure === "peer-cloned") return "stopped-cloned";
  if (failure !== null && NOT_TRUSTED.has(failure)) return "server-not-trusted";
  return failure === "peer-device-revoked" ? "device-revoked" : null;
}
