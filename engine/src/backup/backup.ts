// The backup of one device: what runs when. Rule: every step ends in `pump`, which looks at the rows and lets each machine
// do what it may; no machine calls another.

import type { BackupMode } from "../border/asks.ts";
import type { Conditions } from "../border/inputs.ts";
import { toHex } from "../bytes.ts";
import type { Context } from "../runtime/context.ts";
import { getSetting, policyOf, putSetting } from "../store/settings.ts";
import { Alarm } from "./alarm.ts";
import { Asks, type BackupAsk } from "./asks.ts";
import { Auditor } from "./audit/auditor.ts";
import { Ending } from "./ending.ts";
import { isRotationDue, pumpEpochs } from "./log/epochs.ts";
import { checkHead } from "./log/head-check.ts";
import { findBlock } from "./policy.ts";
import { Hasher } from "./read/hasher.ts";
import { Recorder } from "./record/recorder.ts";
import { Reporter } from "./reporter.ts";
import { Run } from "./run.ts";
import { changeRoots } from "./scan/roots.ts";
import { Scanner } from "./scan/scanner.ts";
import { pumpLargeFiles } from "./send/large-files.ts";
import { Uploader } from "./send/uploader.ts";
import { noteFailure } from "./session.ts";
import { type Stage, stageOf } from "./stage.ts";
import { viewStatus } from "./status.ts";
import { type CurrentEpoch, hasUnsentEnvelope } from "./tables/epoch-rows.ts";
import { addStart } from "./tables/record-rows.ts";
import { viewRoots } from "./tables/root-rows.ts";
import { wakeTimes } from "./wake-times.ts";

const SWEEP_MS = 15 * 60_000;
const START_ID_BYTES = 16;

export class Backup {
  readonly #ctx: Context;
  readonly #run: Run;
  readonly #scanner: Scanner;
  readonly #hasher: Hasher;
  readonly #uploader: Uploader;
  readonly #recorder: Recorder;
  readonly #reporter: Reporter;
  readonly #alarm: Alarm;
  readonly #asks: Asks = new Asks();
  readonly #ending: Ending;
  readonly #auditor: Auditor;

  constructor(ctx: Context) {
    this.#ctx = ctx;
    this.#run = new Run();
    this.#scanner = new Scanner(ctx, this.#run);
    this.#hasher = new Hasher(ctx, this.#run);
    this.#uploader = new Uploader(ctx, this.#run);
    this.#recorder = new Recorder(ctx, this.#run);
    this.#reporter = new Reporter(ctx, this.#run);
    this.#alarm = new Alarm(ctx);
    this.#auditor = new Auditor(ctx, this.#run);
    this.#ending = new Ending(ctx, this.#run, this.#scanner, this.#hasher, this.#uploader, this.#recorder);
  }

  /** A process began: draws its start id (F-62) and takes the rows as they are. */
  started(ownFolders: readonly string[]): void {
    const run = this.#run;
    run.ownFolders = ownFolders;
    run.startId = toHex(this.#ctx.entropy.draw(START_ID_BYTES));
    addStart(this.#ctx.store, run.startId, this.#ctx.now);
    this.#scanner.started();
    this.#hasher.started();
    run.resetForStart(this.#ctx);
    run.resumeLink(this.#ctx);
    this.#uploader.started();
  }

  conditions(conditions: Conditions): void {
    this.#run.conditions = conditions;
  }

  changed(locator: string, folders: readonly string[] | null): void {
    this.#scanner.changed(locator, folders);
  }

  /** The host can, or cannot, see every change below a root. */
  unwatched(locator: string, unwatched: boolean): void {
    this.#scanner.unwatched(locator, unwatched);
  }

  ask(ask: BackupAsk): void {
    const { store } = this.#ctx;
    switch (ask.kind) {
      case "status":
        this.#ctx.show(viewStatus(store));
        return;
      case "roots":
        this.#ctx.show({ kind: "result", ask: "roots", outcome: "ok", code: null, roots: viewRoots(store) });
        return;
      case "add-root":
      case "remove-root":
      case "believe-gone":
        this.#reporter.result(ask.kind, changeRoots(store, ask));
        if (ask.kind === "remove-root") this.#run.resetForStart(this.#ctx);
        return;
      case "set":
        putSetting(store, "policy", { ...policyOf(store), ...ask.policy });
        this.#reporter.result(ask.kind, null);
        return;
      case "rotate":
        this.#run.wantRotation(this.#ctx, true);
        this.#reporter.result(ask.kind, null);
        return;
      case "verify":
        this.#auditor.ask(ask.all === true);
        return;
      case "drilled":
        this.#auditor.noteDrill(ask);
        this.#reporter.result(ask.kind, null);
        return;
      case "backup":
        this.#asks.add(ask.mode, this.#run.counters);
        return;
    }
  }

  /** Ends what goes on at the next safe point; with a mode only for those who asked for that, while others want the rest. */
  stop(mode: BackupMode | null): void {
    // What was asked just before is stopped too.
    this.#beginNext();
    if (mode === null || this.#asks.areAll(mode)) {
      this.#asks.joinRun();
      this.#run.fail("user-stopped");
    } else this.#reporter.stopped(this.#asks.drop(mode));
    this.#reporter.result("stop", null);
  }

  /** Begins what was asked, unless a run is under way that ends by itself. */
  #beginNext(): void {
    const { mode } = this.#run;
    if (this.#asks.hasWaiting && (mode === null || mode === "watch")) this.#begin(this.#asks.take(this.#run.counters));
  }

  #begin(mode: BackupMode): void {
    const run = this.#run;
    run.pairing = getSetting(this.#ctx.store, "pairing");
    run.begin(this.#ctx, mode);
    this.#uploader.begin();
    if (run.pairing === null) {
      run.fail("user-not-paired");
      return;
    }
    if (viewRoots(this.#ctx.store).length === 0) {
      run.fail("user-no-roots");
      return;
    }
    this.#scanner.begin(mode);
    // A process may live for weeks: each run begins with the head (F-90), not only its first.
    if (run.log === "open") run.log = "closed";
    if (mode === "watch") {
      const roots = viewRoots(this.#ctx.store).map((root) => root.locator);
      this.#ctx.tell({ kind: "watch", roots });
      run.nextSweepAtMs = this.#ctx.now + SWEEP_MS;
    }
  }

  /** Lets every machine do what it may now, and ends the run when there is nothing more to do. */
  pump(): void {
    const run = this.#run;
    this.#beginNext();
    if (run.mode === null) return;
    run.policy = policyOf(this.#ctx.store);
    if (run.failure === null) this.#work();
    if (run.failure !== null) this.#ctx.cancelExchanges();
    if (this.#ending.isOver()) {
      this.#end();
      return;
    }
    this.#reporter.progress();
    const nextAtMs = this.#nextSweepOrRetry();
    this.#reporter.remember(nextAtMs);
    this.#alarm.set(wakeTimes(run, this.#ctx.now, [nextAtMs, this.#uploader.nextRetryAtMs()]));
  }

  /** Tells those whose run has ended; whoever waits is next, or a watch that stepped aside goes on. */
  #end(): void {
    const run = this.#run;
    const how = run.failure === null ? "settled" : run.failure === "user-stopped" ? "stopped" : "failed";
    this.#reporter.finish(this.#asks.end(how));
    run.mode = this.#asks.isWatched ? "watch" : null;
    if (run.mode === null) run.nextSweepAtMs = null;
    if (run.mode !== null || this.#asks.hasWaiting) this.#ctx.more = true;
  }

  #work(): void {
    const ctx = this.#ctx;
    const run = this.#run;
    // A sweep that is further off than sweeps are apart is that of a clock that was set back since.
    const isSweepDue = (at: number): boolean => ctx.now >= at || at - ctx.now > SWEEP_MS;
    if (run.nextSweepAtMs !== null && isSweepDue(run.nextSweepAtMs)) {
      // One that is not through yet is not begun anew.
      if (this.#scanner.hasListedAll()) this.#scanner.startSweep();
      run.nextSweepAtMs = ctx.now + SWEEP_MS;
      // Each sweep is a run of its own: it begins with the head (F-90).
      if (run.log === "open") run.log = "closed";
    }
    this.#scanner.pump();
    const block = findBlock(run.policy, run.conditions, ctx.now);
    run.blockedBy = block ?? run.backoff.trouble?.reason ?? null;
    run.isOverBudget = false;
    this.#exchange(stageOf(ctx, run, block));
    if (run.isOverBudget) run.blockedBy ??= "data-budget";
    // Last, so that what was just planned is replaced while it is on its way, and not after it arrived.
    this.#hasher.pump();
  }

  /** What needs the server: first the heads are compared, then an epoch is open, then blobs and records go. */
  #exchange(stage: Stage): void {
    switch (stage.kind) {
      case "at-rest":
      case "failed":
      case "paused":
      case "checking":
      case "draining":
        return;
      case "blocked":
        // Nothing goes on over a network that the owner did not allow.
        this.#ctx.cancelExchanges();
        return;
      case "closed":
        this.#compareHeads();
        return;
      case "opening":
        this.#openEpoch();
        return;
      case "sending":
        this.#send(stage.epoch);
        this.#auditor.pump();
    }
  }

  #compareHeads(): void {
    const ctx = this.#ctx;
    const run = this.#run;
    if (run.pairing === null) return;
    run.log = "checking";
    ctx.start(
      checkHead(ctx, run, run.pairing),
      () => {
        ctx.more = true;
      },
      (error) => {
        run.log = "closed";
        noteFailure(ctx, run, error);
      },
    );
  }

  #openEpoch(): void {
    const ctx = this.#ctx;
    const run = this.#run;
    const hasUnsent = hasUnsentEnvelope(ctx.store);
    // What was asked to end has never begun.
    if (!hasUnsent && !run.epochInFlight) run.wantRotation(ctx, false);
    const isQuiet = run.uploads.size === 0 && !run.recordInFlight;
    if (isQuiet && (hasUnsent || this.#hasWork())) pumpEpochs(ctx, run);
  }

  #send(epoch: CurrentEpoch): void {
    const ctx = this.#ctx;
    const run = this.#run;
    const isDue = isRotationDue(epoch, run, ctx.now) && this.#mayRotate(epoch);
    const allRead = this.#scanner.isDone() && this.#hasher.isDone();
    pumpLargeFiles(ctx, run, epoch.number);
    this.#uploader.pump(epoch.number, allRead, !isDue);
    const allSent = allRead && run.unplanned.chunks === 0 && this.#uploader.isDone() && !this.#ending.hasPending();
    // What is there is recorded before the month's budget lets more go.
    this.#recorder.pump(epoch, allSent || (run.isOverBudget && run.uploads.size === 0));
    const barrier =
      run.uploads.size === 0 && !run.recordInFlight && this.#uploader.isDone() && !this.#recorder.hasFrozen();
    if (isRotationDue(epoch, run, ctx.now) && barrier && this.#mayRotate(epoch)) pumpEpochs(ctx, run);
  }

  /** An epoch under which nothing was sealed is not rotated for its age. */
  #mayRotate(epoch: CurrentEpoch): boolean {
    return this.#run.rotateWanted || epoch.bytes > 0;
  }

  #hasWork(): boolean {
    return (
      this.#run.unplanned.chunks > 0 ||
      this.#run.readyEntries > 0 ||
      !this.#uploader.isDone() ||
      this.#recorder.hasFrozen()
    );
  }

  #nextSweepOrRetry(): number | null {
    const times = [this.#run.nextSweepAtMs, this.#hasher.nextRetryAtMs()].filter((time) => time !== null);
    return times.length === 0 ? null : Math.min(...times);
  }
}
