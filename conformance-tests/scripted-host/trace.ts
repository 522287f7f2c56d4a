// The trace of a run: every input, effect and Store call, hashed as it comes. Rule: two engines that behave alike give
// the same digest; secrets show their lengths only (docs/host-api.md H-7).

import { createHash, type Hash } from "node:crypto";
import type { Answer } from "../../engine/src/border/answers.ts";
import type { Effect, EffectKind } from "../../engine/src/border/effects.ts";
import type { Input } from "../../engine/src/border/inputs.ts";

const HASHED_CHARACTERS = 16_384;

export class Trace {
  /** The lines, when they are kept. */
  readonly lines: string[] = [];
  #count = 0;
  /** Lines that wait to be hashed: many short texts cost more than one long one. */
  #waiting = "";
  readonly #hash: Hash = createHash("sha256");
  readonly #keeps: boolean;

  constructor(keepsLines = false) {
    this.#keeps = keepsLines;
  }

  add(kind: string, text: string): void {
    this.#count++;
    this.#waiting += `${kind} ${text}\n`;
    if (this.#waiting.length > HASHED_CHARACTERS) this.#hashWaiting();
    if (this.#keeps) this.lines.push(`${kind} ${text}`);
  }

  /** How many lines came so far. */
  get count(): number {
    return this.#count;
  }

  /** SHA-256 of the lines so far, in hex. */
  digest(): string {
    this.#hashWaiting();
    return this.#hash.copy().digest("hex");
  }

  #hashWaiting(): void {
    this.#hash.update(this.#waiting);
    this.#waiting = "";
  }
}

/** What stands in a trace for a secret. */
function lengthOf(secret: unknown): string {
  const text = typeof secret === "string" ? secret : JSON.stringify(secret);
  return `<${text.length}>`;
}

/** `fields` of `value` replaced by their lengths, where they are there. */
function mask<T extends object>(value: T, ...fields: readonly string[]): T {
  const masked = { ...value } as Record<string, unknown>;
  for (const field of fields)
    if (masked[field] !== undefined && masked[field] !== null) masked[field] = lengthOf(masked[field]);
  return masked as T;
}

/** An effect as a trace may show it. */
export function maskEffect(effect: Effect): unknown {
  switch (effect.kind) {
    case "request":
      return mask(effect, "bearer", "json");
    case "upload":
    case "download":
      return mask(effect, "bearer");
    case "secret":
    case "seal":
      return mask(effect, "bytes");
    case "show": {
      const view = effect.view as { readonly kind?: string };
      return view.kind === "words" ? { ...effect, view: mask(view, "words") } : effect;
    }
    case "scan":
    case "hash":
    case "open":
    case "finish-file":
    case "wake":
    case "derive":
    case "watch":
    case "cancel":
      return effect;
  }
}

/** An answer as a trace may show it; `kind` is its effect's. */
export function maskAnswer(kind: EffectKind, answer: Answer): unknown {
  switch (kind) {
    case "request":
      return mask(answer, "body");
    case "derive":
    case "secret":
    case "open":
      return mask(answer, "bytes");
    case "download":
      return "parts" in answer
        ? { ...answer, parts: (answer.parts as readonly object[]).map((part) => mask(part, "bytes")) }
        : answer;
    case "scan":
    case "hash":
    case "upload":
    case "seal":
    case "finish-file":
    case "wake":
    case "show":
    case "watch":
    case "cancel":
      return answer;
  }
}

/** An input that is no answer, as a trace may show it. */
export function maskInput(input: Input): unknown {
  if (input.kind !== "ask" || !("words" in input.ask)) return input;
  return { ...input, ask: mask(input.ask, "words") };
}
