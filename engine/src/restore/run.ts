// One restore from beginning to end: a flow before the fetching, the fetching itself, a flow after it. Rule: the phase in
// the Store says where a later process goes on; what runs in parallel is driven by `pump`, everything else is a flow.

import type { DamageCode, FailureCode } from "../border/reasons.ts";
import type { Result } from "../border/results.ts";
import type { Context } from "../runtime/context.ts";
import type { Flow } from "../runtime/flow.ts";
import { Fetcher } from "./fetch/fetcher.ts";
import { placeParts, unlockEpochs } from "./fetch/parts.ts";
import { makeFolders, recover, settleExisting } from "./fetch/preparation.ts";
import { select } from "./fetch/selection.ts";
import { discardWork, reportFiles, setFolderTimes, settleOccupied } from "./finish/completion.ts";
import { Finisher } from "./finish/finisher.ts";
import { makeLinks } from "./finish/links.ts";
import { tellNamesApart } from "./finish/rivals.ts";
import type { KeyRing } from "./index/key-ring.ts";
import { reportShutOut, shutOutOf } from "./index/shut-out.ts";
import { PHASES, type Phase, putJob, type RestoreAsk, readJob } from "./job.ts";
import { ProgressMeter } from "./progress.ts";
import type { Session } from "./session.ts";
import { hasDamage, readFileDamages } from "./tables/damage-rows.ts";
import { hasFailedByServer, setCodes, sumRestore } from "./tables/restored-files.ts";

type RestoreResult = Result & { readonly ask: "restore" };

/** What a run is given. */
export interface RunGround {
  readonly ctx: Context;
  readonly session: Session;
  readonly keys: KeyRing;
  readonly ask: RestoreAsk;
  /** True when an earlier process began this restore. */
  readonly isResumed: boolean;
  /** Starts a flow that ends with this run. */
  readonly start: (flow: Flow<void>, ended: () => void, failed: (code: FailureCode) => void) => void;
  readonly ended: (result: RestoreResult) => void;
}

export class RestoreRun {
  readonly #ground: RunGround;
  readonly #ctx: Context;
  readonly #progress: ProgressMeter;
  #fetcher: Fetcher | null = null;
  #finisher: Finisher | null = null;
  #isWaiting = false;
  #isAsking = false;

  constructor(ground: RunGround) {
    this.#ground = ground;
    this.#ctx = ground.ctx;
    this.#progress = new ProgressMeter(ground.ctx);
  }

  begin(): void {
    this.#ground.start(
      this.#prepare(),
      () => this.#fetch(),
      (code) => this.#fail(code),
    );
  }

  /** Issues what there is room for; ends the fetching when nothing is left of it. */
  pump(): void {
    if (this.#fetcher === null || this.#finisher === null) return;
    if (!this.#isWaiting && !this.#isAsking) this.#fetcher.pump();
    this.#finisher.pump();
    this.#progress.show();
    if (!this.#fetcher.isIdle || !this.#finisher.isIdle) return;
    this.#fetcher = null;
    this.#finisher = null;
    this.#ground.start(
      this.#complete(),
      () => this.#end(null),
      (code) => this.#fail(code),
    );
  }

  /** No new effects; the Store keeps where a later process goes on. */
  stop(): void {
    this.#halt();
    this.#ground.ended(this.#result("failed", "user-stopped"));
  }

  *#prepare(): Flow<void> {
    const { session, keys, ask, isResumed } = this.#ground;
    const ctx = this.#ctx;
    if (this.#isAt("select")) {
      yield* select(ctx, ask);
      yield* tellNamesApart(ctx, ask);
      this.#advance("parts");
    }
    if (this.#isAt("parts")) {
      yield* placeParts(ctx, session, keys);
      this.#advance("existing");
    }
    if (this.#isAt("existing")) {
      if (ask.existing !== "replace") yield* settleExisting(ctx, ask);
      this.#advance("folders");
    }
    if (this.#isAt("folders")) {
      yield* makeFolders(ctx, ask);
      this.#advance("fetch");
    } else if (isResumed && this.#isAt("fetch")) {
      yield* recover(ctx, ask);
    }
    if (this.#isAt("fetch")) yield* unlockEpochs(ctx, keys);
  }

  #fetch(): void {
    const { session, keys, ask } = this.#ground;
    this.#progress.begin();
    const events = {
      failed: (code: FailureCode) => this.#fail(code),
      noSpace: (files: readonly number[]) => this.#failForSpace(files),
      unauthorized: () => this.#renew(),
      wait: (atMs: number) => this.#wait(atMs),
      doubt: (code: FailureCode, isOne: () => void) => this.#probe(code, isOne),
      written: (sizeBytes: number) => this.#progress.addBytes(sizeBytes),
    };
    this.#fetcher = new Fetcher(this.#ctx, session, keys, ask.work, ask.selections.length === 0, events);
    this.#finisher = new Finisher(this.#ctx, ask.target, ask.work, ask.existing, {
      failed: () => this.#fail("host-error"),
      noSpace: events.noSpace,
      finished: (files) => this.#progress.addFiles(files),
    });
  }

  *#complete(): Flow<void> {
    const { ask } = this.#ground;
    const ctx = this.#ctx;
    if (this.#isAt("fetch")) this.#advance("occupied");
    if (this.#isAt("occupied")) {
      yield* settleOccupied(ctx, ask);
      this.#advance("links");
    }
    if (this.#isAt("links")) {
      yield* makeLinks(ctx, ask);
      this.#advance("times");
    }
    if (this.#isAt("times")) yield* setFolderTimes(ctx, ask);
    yield* discardWork(ctx, ask);
    yield* reportFiles(ctx);
    if (ask.withRevoked === true) yield* reportShutOut(ctx, shutOutOf(ctx.store, this.#ground.session.vault));
  }

  /** True in the given phase; later phases were passed by an earlier process. */
  #isAt(phase: Phase): boolean {
    return readJob(this.#ctx.store)?.phase === phase;
  }

  #advance(phase: Phase): void {
    const job = readJob(this.#ctx.store);
    if (job !== null && PHASES.indexOf(job.phase) < PHASES.indexOf(phase)) putJob(this.#ctx.store, { ...job, phase });
  }

  #renew(): void {
    if (this.#isAsking) return;
    this.#askAside(
      this.#ground.session.renew(),
      () => {},
      (code) => code,
    );
  }

  /** Asks for something small: a server that answers that has trouble with one blob, not with everything. */
  #probe(code: FailureCode, isOne: () => void): void {
    if (this.#isAsking) return;
    this.#askAside(this.#ground.session.check(), isOne, () => code);
  }

  /** Runs a flow beside the fetching, which waits for it. */
  #askAside(flow: Flow<void>, ended: () => void, codeOf: (code: FailureCode) => FailureCode): void {
    this.#isAsking = true;
    this.#ground.start(
      flow,
      () => {
        this.#isAsking = false;
        this.#isWaiting = false;
        ended();
      },
      (code) => this.#fail(codeOf(code)),
    );
  }

  #wait(atMs: number): void {
    // A flow beside the fetching owns the one wake that a host keeps, and goes on when it can.
    if (this.#isAsking || this.#isWaiting) return;
    this.#isWaiting = true;
    this.#ctx.issue({ kind: "wake", atMs }, () => {
      this.#isWaiting = false;
    });
  }

  #failForSpace(files: readonly number[]): void {
    const { store } = this.#ctx;
    const named = [...new Set(files)];
    const code: DamageCode = "target-no-space";
    setCodes(store, named, code);
    const { views } = readFileDamages(store, Math.min(...named) - 1, named.length);
    this.#ctx.show({ kind: "damage", damage: views.filter((view) => view.code === code) });
    // There may be room when the restore is asked for again, so the files have not failed.
    setCodes(store, named, null);
    this.#fail("host-no-space");
  }

  #fail(code: FailureCode): void {
    this.#halt();
    this.#ground.ended(this.#result("failed", code));
  }

  #halt(): void {
    this.#fetcher?.stop();
    this.#finisher?.stop();
    this.#fetcher = null;
    this.#finisher = null;
  }

  #end(code: null): void {
    const result = this.#result("ok", code);
    const isWhole =
      result.filesFailed === 0 && result.filesSkipped === 0 && !hasDamage(this.#ctx.store, this.#ground.ask.at);
    putJob(this.#ctx.store, null);
    this.#ground.ended(isWhole ? result : { ...result, outcome: "waiting", code: this.#waitingCode(result) });
  }

  /** Whose fault it is that not all is there; null when what was skipped stands in the way by the person's own rule. */
  #waitingCode({ filesFailed }: RestoreResult): FailureCode | null {
    const { store } = this.#ctx;
    if (hasDamage(store, this.#ground.ask.at) || hasFailedByServer(store)) return "peer-damaged";
    return filesFailed > 0 ? "host-target" : null;
  }

  #result(outcome: "ok" | "failed", code: FailureCode | null): RestoreResult {
    const { filesDone, bytesDone, failed, skipped } = sumRestore(this.#ctx.store);
    return {
      kind: "result",
      ask: "restore",
      outcome,
      code,
      filesRestored: filesDone,
      bytesRestored: bytesDone,
      filesFailed: failed,
      filesSkipped: skipped,
      requests: this.#ground.session.line.requests,
    };
  }
}
