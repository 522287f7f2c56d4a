// A host for tests: it drives one engine by hand, in virtual time, and can be killed at any point. Rule: it decides
// nothing about backups, and everything that happens in it is in the trace.

import type { Answer, Ask, Conditions, Effect, Input, Result, View } from "coffre-engine";
import { formatAscii, toBase64 } from "./border-text.ts";
import { type CrashPoint, equalPoints } from "./crash-point.ts";
import { EffectDesk } from "./effect-desk.ts";
import type { EffectGround, WorkEffect } from "./effects.ts";
import { FolderWatch } from "./folder-watch.ts";
import type { HostSetup } from "./host-setup.ts";
import { Inbox } from "./inbox.ts";
import type { MemoryStore, StoreCall } from "./memory-store.ts";
import type { ScriptEngine } from "./script-engines.ts";
import type { SeededRandom } from "./seeded-random.ts";
import { readStepOutput } from "./step-output.ts";
import { maskEffect, type Trace } from "./trace.ts";
import type { VirtualClock } from "./virtual-clock.ts";

export type StepOutcome = "stepped" | "passed" | "idle" | "down";

const MOST_STEPS = 100_000;
const FAULT_WINDOW_MS = 10 * 60_000;
const FAULTS_TO_STOP = 3;

export class ScriptedHost {
  readonly store: MemoryStore;
  readonly ground: EffectGround;
  readonly trace: Trace;
  /** Everything that was shown, in order. */
  readonly views: View[] = [];
  /** Faults of the engine that were survived, with their times. */
  readonly faults: { readonly atMs: number; readonly message: string }[] = [];
  /** How far this device's clock is before the virtual one. */
  skewMs = 0;
  /** Steps and effects so far: what crash points count. */
  steps = 0;
  effectsDone = 0;
  readonly #setup: HostSetup;
  readonly #random: SeededRandom;
  readonly #watch: FolderWatch;
  readonly #desk: EffectDesk;
  #engine: ScriptEngine | null = null;
  readonly #inbox = new Inbox();
  #more = false;
  #crashPoint: CrashPoint | null = null;
  #conditions: Conditions;

  constructor(setup: HostSetup) {
    this.#setup = setup;
    this.#random = setup.random;
    this.store = setup.store;
    this.trace = setup.trace;
    this.ground = setup.ground;
    this.#conditions = setup.conditions;
    const delayMs = (effect: WorkEffect): number => setup.delayMs(effect, this.#random);
    this.#desk = new EffectDesk(setup.ground, delayMs, (effect, answer) => this.#take(effect, answer));
    this.#watch = new FolderWatch(setup.ground.clock, setup.ground.tree, (root, folders) => {
      this.tell({ kind: "changed", root, folders });
    });
    this.store.observe = (call: StoreCall, textIn: string, textOut: string) =>
      this.trace.add(call, `${textIn} ${textOut}`);
  }

  get clock(): VirtualClock {
    return this.ground.clock;
  }

  /** False before `start`, after a crash, and after three faults in ten minutes. */
  get isUp(): boolean {
    return this.#engine !== null;
  }

  /** Starts the process: a new engine over the same Store, told `started` and the conditions. */
  start(): void {
    this.stop();
    this.#engine = this.#setup.makeEngine(this.store.port);
    const { role, ownFolders, software } = this.#setup;
    this.tell({ kind: "started", role, ownFolders, software });
    this.tell({ kind: "conditions", ...this.#conditions });
  }

  /** Ends the process where it stands: nothing pending survives, nor do slots in memory. */
  crash(): void {
    this.trace.add("crash", "");
    this.store.rollback();
    this.stop();
    this.ground.slots.forgetMemory();
  }

  /** Crashes when `point` is reached, once. */
  crashAt(point: CrashPoint | null): void {
    this.#crashPoint = point;
  }

  tell(input: Input): void {
    this.#inbox.addInput(input);
  }

  ask(ask: Ask): void {
    this.tell({ kind: "ask", ask });
  }

  setConditions(conditions: Partial<Conditions>): void {
    this.#conditions = { ...this.#conditions, ...conditions };
    if (this.isUp) this.tell({ kind: "conditions", ...this.#conditions });
  }

  /** Whether nothing will happen before the next wake, or a change from outside. */
  get isIdle(): boolean {
    return this.#inbox.count === 0 && !this.#more && this.#desk.isEmpty && !this.#watch.isPending;
  }

  /** Effects that were begun and not answered, wakes aside. */
  get effectsUnderWay(): readonly Effect[] {
    return this.#desk.underWay;
  }

  /** When the engine wants to be woken, or null. */
  get wakeAtMs(): number | null {
    return this.#desk.wakeAtMs;
  }

  /** One step of the engine when there is something to hand over, else what the clock has due next. */
  step(): StepOutcome {
    if (this.#engine === null) return "down";
    if (this.#inbox.count > 0 || this.#more) {
      this.#stepEngine(this.#engine);
      return this.isUp ? "stepped" : "down";
    }
    if (this.isIdle) return "idle";
    if (!this.#passTime()) throw new Error("effects are pending, but no timer is set");
    return this.isUp ? "passed" : "down";
  }

  /** Runs all timers of the next millisecond that has any: what ends together is handed over together. */
  #passTime(): boolean {
    if (!this.clock.runNext()) return false;
    while (this.isUp && this.clock.nextAtMs === this.clock.nowMs) this.clock.runNext();
    return true;
  }

  /** Steps until nothing is left but a wake; "down" when a crash point was reached. Throws above `mostSteps`. */
  runUntilIdle(mostSteps: number = MOST_STEPS): "idle" | "down" {
    for (let count = 0; count < mostSteps; count++) {
      const outcome = this.step();
      if (outcome === "idle" || outcome === "down") return outcome;
    }
    throw new Error(`still busy after ${mostSteps} steps`);
  }

  /** Lets `ms` of virtual time pass and does all that is due; ends early when the host goes down. */
  runFor(ms: number, mostSteps: number = MOST_STEPS): "idle" | "down" {
    const endMs = this.clock.nowMs + ms;
    for (let count = 0; count < mostSteps; count++) {
      if (this.#engine === null) return "down";
      const nextAtMs = this.clock.nextAtMs;
      if (this.#inbox.count > 0 || this.#more) this.#stepEngine(this.#engine);
      else if (nextAtMs !== null && nextAtMs <= endMs) this.#passTime();
      else {
        this.clock.advance(endMs - this.clock.nowMs);
        return "idle";
      }
    }
    throw new Error(`still busy after ${mostSteps} steps`);
  }

  /**
   * Asks, and runs through wakes until the result of that ask is shown; null when the host went down before. Throws when
   * nothing would ever happen any more, above `mostSteps`, and after `mostMs` of virtual time.
   */
  drive(ask: Ask, mostMs: number = 7 * 86_400_000, mostSteps: number = MOST_STEPS): Result | null {
    const seen = this.views.length;
    const endMs = this.clock.nowMs + mostMs;
    this.ask(ask);
    for (let count = 0; count < mostSteps; count++) {
      const outcome = this.step();
      if (outcome === "down") return null;
      if (outcome === "stepped") {
        const result = this.resultOf(ask.kind, seen);
        if (result !== null) return result;
      }
      if (outcome === "idle" && !this.#passTime()) throw new Error(`idle without a result of ${ask.kind}`);
      if (this.clock.nowMs > endMs) throw new Error(`no result of ${ask.kind} in ${mostMs} ms`);
    }
    throw new Error(`no result of ${ask.kind} after ${mostSteps} steps`);
  }

  /** The newest result of an ask among the views from `since` on, or null. A status is its own result. */
  resultOf(ask: Ask["kind"], since = 0): Result | null {
    for (let at = this.views.length - 1; at >= since; at--) {
      const view = this.views[at] as View;
      if (view.kind === "result" && view.ask === ask) return view;
    }
    return null;
  }

  /** Frees the engine; the Store stays open. */
  stop(): void {
    this.#engine?.dispose?.();
    this.#forget();
  }

  #forget(): void {
    this.#engine = null;
    this.#inbox.clear();
    this.#desk.forget();
    this.#watch.set([]);
    this.#more = false;
  }

  #stepEngine(engine: ScriptEngine): void {
    const inputs = this.#inbox.take(this.#setup.batch(this.#inbox.count, this.#random));
    const now = this.clock.nowMs + this.skewMs;
    const head = `"now":${now},"monotonicMs":${this.clock.nowMs},"entropy":"${toBase64(this.#random.bytes(64))}"`;
    const step = this.steps++;
    this.trace.add("in", `${now} [${inputs.masked}]`);
    this.store.begin();
    let text: unknown;
    try {
      text = engine.handle(`{${head},"inputs":[${inputs.text}]}`);
    } catch (error) {
      this.#fault(`the engine threw: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      return;
    }
    if (this.#reached({ kind: "before-commit", step })) {
      this.crash();
      return;
    }
    const wrong = this.store.failure === null ? null : `the Store failed: ${this.store.failure}`;
    const out = wrong === null ? readStepOutput(text) : { kind: "wrong" as const, message: wrong };
    if (out.kind === "wrong") {
      this.#fault(out.message);
      return;
    }
    this.store.commit();
    this.trace.add("out", formatAscii({ effects: out.effects.map(maskEffect), more: out.more }));
    this.#more = out.more;
    if (this.#reached({ kind: "after-commit", step })) {
      this.crash();
      return;
    }
    for (const effect of out.effects) this.#begin(effect);
  }

  #begin(effect: Effect): void {
    switch (effect.kind) {
      case "show":
        this.views.push(effect.view as View);
        break;
      case "watch":
        this.#watch.set(effect.roots);
        break;
      case "cancel":
        this.#desk.cancel(effect.effect);
        break;
      case "wake":
        this.#desk.setWake(effect, this.skewMs);
        break;
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
        this.#desk.begin(effect);
    }
  }

  /** An effect was done: its answer waits for the next step. */
  #take(effect: Effect, answer: Answer): void {
    if (this.#reached({ kind: "after-effect", effect: this.effectsDone++ })) {
      this.crash();
      return;
    }
    this.#inbox.addAnswer(effect, answer);
  }

  #reached(point: CrashPoint): boolean {
    if (this.#crashPoint === null || !equalPoints(this.#crashPoint, point)) return false;
    this.#crashPoint = null;
    return true;
  }

  /** H-3. */
  #fault(message: string): void {
    this.store.rollback();
    this.trace.add("fault", "");
    if (this.#setup.onFault === "throw") throw new Error(message);
    this.faults.push({ atMs: this.clock.nowMs, message });
    const recent = this.faults.filter(({ atMs }) => atMs > this.clock.nowMs - FAULT_WINDOW_MS);
    if (recent.length >= FAULTS_TO_STOP) this.stop();
    else this.start();
  }
}
