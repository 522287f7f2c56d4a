// What every machine of the engine is given: the step's time, entropy and Store, and a way to issue effects.
// Rule: effects in flight live in memory; after a restart each machine issues again what its rows ask for.

import type { Answer, AnsweredKind } from "../border/answers.ts";
import { toAsciiJson } from "../border/ascii-json.ts";
import type { Effect, EffectBody } from "../border/effects.ts";
import { readAnswer } from "../border/read-answer.ts";
import type { View } from "../border/views.ts";
import { invariant } from "../errors.ts";
import type { Store } from "../store/store.ts";
import { Entropy } from "./entropy.ts";
import type { Flow } from "./flow.ts";

/** Characters of effects that one step gives at the most; the border's limit is 524,288 and one effect may be large. */
const STEP_EFFECTS_CHARS = 150_000;
/** Store traffic after which a machine leaves the rest to the next step; the host's limit is 4 MiB. */
const STEP_TRAFFIC_CHARS = 1_500_000;

export class Context {
  readonly store: Store;
  /** Each reads the answer to its effect before it uses it. */
  readonly #handlers = new Map<number, (answer: Answer) => void>();
  /** Exchanges in flight that were not cancelled. */
  readonly #exchanges = new Set<number>();
  #nextId = 0;
  #now = 0;
  #monotonicMs = 0;
  #entropy: Entropy | null = null;
  #effects: string[] = [];
  #effectChars = 0;
  /** A machine sets this when it has more to do in a step of its own. */
  more = false;

  constructor(store: Store) {
    this.store = store;
  }

  /** Milliseconds since 1970 by the host's clock; it may jump. */
  get now(): number {
    return this.#now;
  }

  /** Milliseconds of the host's clock that is never set; the beginning is the process's own. */
  get monotonicMs(): number {
    return this.#monotonicMs;
  }

  get entropy(): Entropy {
    invariant(this.#entropy !== null, "entropy is there within a step only");
    return this.#entropy;
  }

  beginStep(now: number, monotonicMs: number, entropy: Uint8Array): void {
    this.#now = now;
    this.#monotonicMs = monotonicMs;
    this.#entropy = new Entropy(entropy);
    this.#effects = [];
    this.#effectChars = 0;
    this.more = false;
    this.store.trafficChars = 0;
    // Ids begin at random, so that an answer to an engine that was rebuilt since is never taken for one of ours.
    if (this.#nextId === 0) this.#nextId = 1 + this.entropy.below(2 ** 32) * 2 ** 20;
  }

  /** The step's answer to the host. */
  endStep(): string {
    this.#entropy = null;
    return `{"effects":[${this.#effects.join(",")}],"more":${this.more}}`;
  }

  /** False when a machine should leave further work to the next step; it then sets `more`. */
  hasRoom(): boolean {
    const room = this.#effectChars < STEP_EFFECTS_CHARS && this.store.trafficChars < STEP_TRAFFIC_CHARS;
    if (!room) this.more = true;
    return room;
  }

  /** Issues an effect that is answered; `then` runs within the step that brings the answer. Returns its id. */
  issue<K extends AnsweredKind>(body: EffectBody & { readonly kind: K }, then: (answer: Answer<K>) => void): number {
    const id = this.#emit(body);
    this.#handlers.set(id, (answer) => then(readAnswer(body.kind, answer)));
    return id;
  }

  /** Issues an effect that has no answer. */
  tell(body: EffectBody & { readonly kind: "show" | "watch" | "cancel" }): void {
    this.#emit(body);
  }

  show(view: View): void {
    this.tell({ kind: "show", view });
  }

  /** Runs a flow to its end over as many steps as it needs. Errors that are not CoffreErrors stop the step. */
  start<T>(flow: Flow<T>, ended: (value: T) => void, failed: (error: unknown) => void): void {
    this.#resume(flow, null, ended, failed);
  }

  /** Hands an answer to whoever issued the effect; unknown ids are ignored (H-6), and what does not fit is `host-malformed`. */
  answer(effect: number, answer: Answer): void {
    const use = this.#handlers.get(effect);
    if (use === undefined) return;
    this.#handlers.delete(effect);
    this.#exchanges.delete(effect);
    use(answer);
  }

  /** Cancels every exchange with a server; each still gets its own answer. */
  cancelExchanges(): void {
    for (const effect of this.#exchanges) this.tell({ kind: "cancel", effect });
    this.#exchanges.clear();
  }

  #resume<T>(flow: Flow<T>, answer: Answer | null, ended: (value: T) => void, failed: (error: unknown) => void): void {
    let next: IteratorResult<EffectBody, T>;
    try {
      next = answer === null ? flow.next(undefined as unknown as Answer) : flow.next(answer);
    } catch (error) {
      failed(error);
      return;
    }
    if (next.done) {
      ended(next.value);
      return;
    }
    const { kind } = next.value;
    invariant(kind !== "show" && kind !== "watch" && kind !== "cancel", "a flow waits for an effect without an answer");
    const id = this.#emit(next.value);
    this.#handlers.set(id, (given) => this.#resume(flow, readAnswer(kind, given), ended, failed));
  }

  #emit(body: EffectBody): number {
    const id = this.#nextId;
    this.#nextId += 1;
    if (body.kind === "upload" || body.kind === "download" || body.kind === "request") this.#exchanges.add(id);
    const effect: Effect = { ...body, id };
    const text = toAsciiJson(effect);
    this.#effects.push(text);
    this.#effectChars += text.length;
    return id;
  }
}
