// The loop around the engine (docs/host-api.md §1). Rule: one step is one transaction, and its effects begin only after the
// commit.
//
//            inputs wait ──▶ step: BEGIN, handle, COMMIT ──▶ effects run ──▶ their answers wait
//                                     │ fault: ROLLBACK
//                                     ▼
//            a new engine, `started`, the last conditions, and what was asked and not answered
//                                     │ the third within ten minutes
//                                     ▼
//                                  stopped
//
// An engine that is dropped takes its effects along: they are cancelled, and their answers go nowhere (H-6).

import type { Answer, Ask, Conditions, Effect, Engine, Input, View } from "coffre-engine";
import { CancelledEffect } from "./host-fault.ts";
import { MESSAGE_CHARS } from "./message-limits.ts";
import type { Ended, Fault, RuntimeParts } from "./runtime-parts.ts";
import { formatAnswer, formatChange, formatInput, type WaitingInput, WaitingInputs } from "./waiting-inputs.ts";
import { Wake } from "./wake.ts";

/** Three faults in ten minutes: the work has stopped, and says so (H-3). */
export class RuntimeStopped extends Error {
  override readonly name = "RuntimeStopped";
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(`stopped after ${MOST_FAULTS} faults; the last one: ${fault.code}: ${fault.message}`);
    this.fault = fault;
  }
}

interface PendingAsk {
  readonly ask: Ask;
  readonly resolve: (ended: Ended) => void;
  readonly reject: (error: Error) => void;
}

type Reply = { effects: Effect[]; more: boolean } | { fault: Fault };

const ENTROPY_BYTES = 64;
const MOST_FAULTS = 3;
const FAULT_WINDOW_MS = 600_000;

export class Runtime {
  readonly #parts: RuntimeParts;
  readonly #wake: Wake;
  readonly #running = new Map<number, AbortController>();
  readonly #asks: PendingAsk[] = [];
  readonly #waiting = new WaitingInputs();
  #engine: Engine | null = null;
  #conditions: Conditions | null = null;
  /** The vault that was opened: a new engine must open it again before it can go on. */
  #opened: Ask | null = null;
  #faultTimesMs: number[] = [];
  #scheduled = false;
  #stopped: Error | null = null;
  /** What must be shown before anything else happens (H-33). */
  #shown: Promise<void> | null = null;

  constructor(parts: RuntimeParts) {
    this.#parts = parts;
    this.#wake = new Wake(parts.clock);
  }

  /** Says `started` and the conditions; called first, once, and not for a reader. */
  start(conditions: Conditions): void {
    this.#conditions = conditions;
    this.#push(...this.#firstInputs());
  }

  /** Hands the conditions over when they changed. */
  setConditions(conditions: Conditions): void {
    this.#conditions = conditions;
    this.#push(formatInput({ kind: "conditions", ...conditions }));
  }

  /** Says that something below `root` changed: in those folders, or anywhere when null. */
  tellChanged(root: string, folders: readonly string[] | null): void {
    this.#push(formatChange(root, folders));
  }

  /** Hands over what the host has seen besides. */
  tell(input: Extract<Input, { kind: "unwatched" }>): void {
    this.#push(formatInput(input));
  }

  /**
   * Asks the engine; the result is the view that ends the ask. Asks of one kind end in the order in which they came. Rejects
   * with RuntimeStopped, or with RefusedEffect an ask that is too long. What was asked is asked again when the engine had to be
   * made anew.
   */
  ask(ask: Ask): Promise<Ended> {
    return new Promise((resolve, reject) => {
      if (this.#stopped !== null) return reject(this.#stopped);
      const input = formatInput({ kind: "ask", ask });
      this.#asks.push({ ask, resolve, reject });
      this.#push(input);
    });
  }

  /** Asks the engine to end what it does at the next safe point; that ask's own result says when. */
  requestStop(): void {
    // Who waits for what is stopped hears how that ends; nobody waits for this.
    this.ask({ kind: "stop" }).catch(() => {});
  }

  /** Cancels all effects and steps no more; pending asks reject with `reason`. */
  stop(reason: Error): void {
    if (this.#stopped !== null) return;
    this.#stopped = reason;
    this.#dropEffects();
    this.#waiting.drain();
    for (const { reject } of this.#asks.splice(0)) reject(reason);
  }

  #firstInputs(): WaitingInput[] {
    const inputs: Input[] = this.#parts.started === null ? [] : [this.#parts.started];
    if (this.#conditions !== null) inputs.push({ kind: "conditions", ...this.#conditions });
    return inputs.map(formatInput);
  }

  #push(...inputs: readonly WaitingInput[]): void {
    if (this.#stopped !== null) return;
    this.#waiting.push(...inputs);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.#stopped !== null) return;
    this.#scheduled = true;
    this.#parts.schedule(() => {
      this.#scheduled = false;
      if (this.#stopped === null) this.#step();
    });
  }

  #step(): void {
    const inputs = this.#waiting.take();
    let reply: Reply;
    try {
      reply = this.#handle(inputs);
    } catch (error) {
      reply = {
        fault: {
          code: this.#parts.faultCodeOf(error),
          message: error instanceof Error ? error.message : String(error),
        },
      };
    }
    if ("fault" in reply) {
      this.#recover(reply.fault, inputs);
      return;
    }
    for (const effect of reply.effects) this.#begin(effect);
    if (reply.more || !this.#waiting.isEmpty) this.#schedule();
  }

  /** One step: its transaction is committed when this returns a reply with effects, and undone otherwise. */
  #handle(inputs: readonly WaitingInput[]): Reply {
    const { store, clock, createEngine } = this.#parts;
    const entropy = this.#parts.entropy(ENTROPY_BYTES);
    const text = `{"now":${clock.nowMs()},"monotonicMs":${clock.monotonicMs()},"entropy":"${entropy}","inputs":[${inputs.map((input) => input.text).join(",")}]}`;
    let committed = false;
    store.begin();
    try {
      this.#engine ??= createEngine(store.port);
      const answer = this.#engine.handle(text);
      if (answer.length > MESSAGE_CHARS)
        return { fault: { code: "host-error", message: "the engine's message is too long" } };
      const reply: Reply = JSON.parse(answer);
      if ("fault" in reply) return reply;
      store.commit();
      committed = true;
      return reply;
    } finally {
      if (!committed) store.rollback();
    }
  }

  #recover(fault: Fault, inputs: readonly WaitingInput[]): void {
    this.#engine = null;
    this.#dropEffects();
    const nowMs = this.#parts.clock.nowMs();
    // A clock that was set back puts faults into the future, where they would count for as long.
    const recent = this.#faultTimesMs.filter((timeMs) => Math.abs(nowMs - timeMs) < FAULT_WINDOW_MS);
    this.#faultTimesMs = [...recent, nowMs];
    this.#parts.onFault(fault);
    if (this.#faultTimesMs.length >= MOST_FAULTS) {
      this.stop(new RuntimeStopped(fault));
      return;
    }
    const changes = [...inputs, ...this.#waiting.drain()].filter(
      ({ input }) => input.kind === "changed" || input.kind === "unwatched",
    );
    const asks = [...(this.#opened === null ? [] : [this.#opened]), ...this.#asks.map(({ ask }) => ask)];
    const again = asks.map((ask) => formatInput({ kind: "ask", ask }));
    this.#push(...this.#firstInputs(), ...changes, ...again);
  }

  #dropEffects(): void {
    this.#wake.clear();
    for (const controller of this.#running.values()) controller.abort();
    this.#running.clear();
  }

  #begin(effect: Effect): void {
    switch (effect.kind) {
      case "show":
        this.#show(effect.view as View);
        return;
      case "watch":
        this.#parts.onWatch(effect.roots);
        return;
      case "wake":
        this.#wake.set(effect.id, effect.atMs, () => this.#answer(effect.id, { kind: "woken" }));
        return;
      case "cancel":
        if (this.#wake.cancel(effect.effect)) this.#answer(effect.effect, { kind: "cancelled" });
        this.#running.get(effect.effect)?.abort();
        return;
      case "scan":
      case "hash":
      case "upload":
      case "download":
      case "seal":
      case "open":
      case "finish-file":
      case "request":
      case "derive":
      case "secret":
        this.#run(effect);
        return;
    }
    effect satisfies never;
    this.#run(effect);
  }

  #run(effect: Effect): void {
    const controller = new AbortController();
    this.#running.set(effect.id, controller);
    const begin = (): Promise<Answer> => this.#parts.carryOut(effect, controller.signal);
    (this.#shown === null ? begin() : this.#shown.then(begin)).then(
      (answer) => this.#finish(effect, controller, answer),
      (error: unknown) => {
        if (error instanceof CancelledEffect) return this.#finish(effect, controller, { kind: "cancelled" });
        const message = error instanceof Error ? error.message : String(error);
        if (this.#isCurrent(effect, controller))
          this.#parts.onFault({ code: "host-effect", message: `${effect.kind}: ${message}` });
        this.#finish(effect, controller, { kind: "failed", reason: "host-error" });
      },
    );
  }

  /** Whether the engine that asked for the effect is still the one that runs. */
  #isCurrent(effect: Effect, controller: AbortController): boolean {
    return this.#stopped === null && this.#running.get(effect.id) === controller;
  }

  #finish(effect: Effect, controller: AbortController, answer: Answer): void {
    if (!this.#isCurrent(effect, controller)) return;
    this.#running.delete(effect.id);
    this.#answer(effect.id, answer);
  }

  #answer(effect: number, answer: Answer): void {
    this.#push(formatAnswer(effect, answer));
  }

  #show(view: View): void {
    const shown = this.#parts.onView(view);
    if (shown instanceof Promise) {
      this.#shown = shown;
      shown.catch((error: Error) => this.stop(error));
    }
    if (view.kind !== "result" && view.kind !== "status") return;
    const kind = view.kind === "result" ? view.ask : "status";
    const at = this.#asks.findIndex(({ ask }) => ask.kind === kind && (!("mode" in view) || modeOf(ask) === view.mode));
    const [pending] = at < 0 ? [] : this.#asks.splice(at, 1);
    if (pending?.ask.kind === "open-vault" && view.kind === "result" && view.outcome !== "failed")
      this.#opened = pending.ask;
    pending?.resolve(view);
  }
}

/** The mode of a backup that is asked for: each mode has ends of its own. */
function modeOf(ask: Ask): string | null {
  return ask.kind === "backup" ? ask.mode : null;
}
