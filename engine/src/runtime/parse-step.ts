// Reads what a host hands to `handle` (docs/host-api.md §1, §2). Rule: a step whose text does not fit is refused whole.

import type { Input, StepInput } from "../border/inputs.ts";
import { fromBase64 } from "../bytes.ts";
import { CoffreError } from "../errors.ts";

const MAX_MESSAGE_CHARS = 524_288;
/** 64 bytes in base64. */
const ENTROPY_CHARS = 88;
const ENTROPY_BYTES = 64;
const INPUT_KINDS: ReadonlySet<string> = new Set(["started", "answer", "changed", "unwatched", "conditions", "ask"]);

/** The step in `text`; `host-malformed` when it is none. Answers' own fields are checked where they are read. */
export function parseStep(text: string): StepInput {
  if (text.length > MAX_MESSAGE_CHARS) throw malformed("a message of at most 524,288 characters");
  let step: unknown;
  try {
    step = JSON.parse(text);
  } catch {
    throw malformed("JSON");
  }
  if (!isObject(step)) throw malformed("an object");
  const { now, entropy, inputs } = step;
  // Hosts of the first version have no other clock.
  const { monotonicMs = now } = step;
  if (typeof now !== "number" || !Number.isSafeInteger(now) || now < 0) throw malformed("now in milliseconds");
  if (typeof monotonicMs !== "number" || !Number.isSafeInteger(monotonicMs) || monotonicMs < 0) {
    throw malformed("monotonicMs in milliseconds");
  }
  if (typeof entropy !== "string") throw malformed("entropy");
  if (!Array.isArray(inputs)) throw malformed("inputs");
  return { now, monotonicMs, entropy: parseEntropy(entropy), inputs: inputs.map(parseInput) };
}

function parseEntropy(text: string): Uint8Array {
  if (text.length === ENTROPY_CHARS) {
    try {
      const bytes = fromBase64(text);
      if (bytes.length === ENTROPY_BYTES) return bytes;
    } catch {
      // It was a host that wrote this base64, and no peer.
    }
  }
  throw malformed("64 bytes of entropy");
}

function parseInput(input: unknown): Input {
  if (!isObject(input) || typeof input["kind"] !== "string" || !INPUT_KINDS.has(input["kind"])) {
    throw malformed("an input of a known kind");
  }
  if (input["kind"] === "answer") {
    const answer = input["answer"];
    if (typeof input["effect"] !== "number" || !isObject(answer) || typeof answer["kind"] !== "string") {
      throw malformed("an answer with its effect");
    }
  }
  if (input["kind"] === "ask" && (!isObject(input["ask"]) || typeof input["ask"]["kind"] !== "string")) {
    throw malformed("an ask");
  }
  return input as unknown as Input;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function malformed(expected: string): CoffreError {
  return new CoffreError("host-malformed", `expected ${expected}`);
}
