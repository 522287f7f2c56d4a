// The effects that a host has begun and not answered yet. Rule: each is answered once or forgotten with its process; an
// answer comes by the clock, never from within the call that began its effect.

import type { Answer } from "../../engine/src/border/answers.ts";
import type { Effect } from "../../engine/src/border/effects.ts";
import { type EffectGround, startEffect, type WorkEffect } from "./effects.ts";
import type { Timer } from "./virtual-clock.ts";

interface Pending {
  readonly effect: WorkEffect;
  begun: boolean;
  stop: () => void;
}

export class EffectDesk {
  readonly #ground: EffectGround;
  readonly #delayMs: (effect: WorkEffect) => number;
  readonly #answer: (effect: Effect, answer: Answer) => void;
  #pending = new Map<number, Pending>();
  #wake: { readonly effect: Extract<Effect, { kind: "wake" }>; readonly timer: Timer } | null = null;

  /** `delayMs` says how long an effect waits before it is done; `answer` takes what came of it. */
  constructor(
    ground: EffectGround,
    delayMs: (effect: WorkEffect) => number,
    answer: (effect: Effect, answer: Answer) => void,
  ) {
    this.#ground = ground;
    this.#delayMs = delayMs;
    this.#answer = answer;
  }

  /** Whether nothing but a wake is under way. */
  get isEmpty(): boolean {
    return this.#pending.size === 0;
  }

  /** The effects under way, wakes aside, in the order in which they were begun. */
  get underWay(): readonly Effect[] {
    return [...this.#pending.values()].map(({ effect }) => effect);
  }

  /** When the engine wants to be woken, in virtual time, or null. */
  get wakeAtMs(): number | null {
    return this.#wake?.timer.atMs ?? null;
  }

  begin(effect: WorkEffect): void {
    this.#refuseKnown(effect.id);
    const pending: Pending = { effect, begun: false, stop: () => {} };
    const life = this.#pending;
    life.set(effect.id, pending);
    const { clock } = this.#ground;
    const timer = clock.schedule(clock.nowMs + this.#delayMs(effect), () => {
      pending.begun = true;
      pending.stop = startEffect(this.#ground, effect, (answer) => {
        // What was sent before a crash still arrives; nobody is there to hear of it.
        if (life === this.#pending && life.delete(effect.id)) this.#answer(effect, answer);
      });
    });
    pending.stop = () => timer.cancel();
  }

  /** A new wake replaces the one before. `skewMs` is how far the device's clock is before the virtual one. */
  setWake(effect: Extract<Effect, { kind: "wake" }>, skewMs: number): void {
    this.#refuseKnown(effect.id);
    this.#wake?.timer.cancel();
    const timer = this.#ground.clock.schedule(effect.atMs - skewMs, () => {
      this.#wake = null;
      this.#answer(effect, { kind: "woken" });
    });
    this.#wake = { effect, timer };
  }

  /** Stops an effect; it is answered `cancelled`, unless it has ended. */
  cancel(id: number): void {
    if (this.#wake?.effect.id === id) {
      const { effect, timer } = this.#wake;
      timer.cancel();
      this.#wake = null;
      this.#answer(effect, { kind: "cancelled" });
      return;
    }
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    pending.stop();
    this.#pending.delete(id);
    this.#answer(pending.effect, { kind: "cancelled" });
  }

  /** The process ended: what was not begun never is, and no answer comes any more. */
  forget(): void {
    for (const pending of this.#pending.values()) if (!pending.begun) pending.stop();
    this.#pending = new Map();
    this.#wake?.timer.cancel();
    this.#wake = null;
  }

  #refuseKnown(id: number): void {
    if (this.#pending.has(id) || this.#wake?.effect.id === id) throw new Error(`effect ${id} came twice`);
  }
}
