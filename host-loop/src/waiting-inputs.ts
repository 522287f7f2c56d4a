// What waits for the engine's next step, as text (docs/host-api.md H-1, H-2). Rule: nothing waits here that no message could
// hold.

import type { Answer, Input } from "coffre-engine";
import { toAsciiJson } from "coffre-engine";
import { RefusedEffect } from "./host-fault.ts";
import { ANSWER_CHARS, MESSAGE_CHARS } from "./message-limits.ts";

/** One input, and its text. */
export interface WaitingInput {
  readonly input: Input;
  readonly text: string;
}

const MOST_INPUTS = 64;
/** Room for what stands around the inputs: time, entropy, punctuation. */
const FRAME_CHARS = 512;

/** `input` as it waits. RefusedEffect when no message can hold it. */
export function formatInput(input: Input): WaitingInput {
  const waiting = { input, text: toAsciiJson(input) };
  if (!isShort(waiting)) throw new RefusedEffect("expected a shorter input");
  return waiting;
}

/** The answer to an effect as it waits; `host-answer-too-large` stands in the place of one that no message could hold (H-1). */
export function formatAnswer(effect: number, answer: Answer): WaitingInput {
  const text = toAsciiJson(answer);
  if (text.length > ANSWER_CHARS) return formatAnswer(effect, { kind: "failed", reason: "host-answer-too-large" });
  // Written once: answers are most of what crosses.
  return { input: { kind: "answer", effect, answer }, text: `{"kind":"answer","effect":${effect},"answer":${text}}` };
}

/** A change below `root`. Folders that no message can hold are told as "anywhere": a change must not get lost. */
export function formatChange(root: string, folders: readonly string[] | null): WaitingInput {
  const input: Input = { kind: "changed", root, folders };
  const waiting = { input, text: toAsciiJson(input) };
  return isShort(waiting) ? waiting : formatInput({ ...input, folders: null });
}

/** The inputs of the next steps, in the order in which they came. */
export class WaitingInputs {
  #inputs: WaitingInput[] = [];

  get isEmpty(): boolean {
    return this.#inputs.length === 0;
  }

  push(...inputs: readonly WaitingInput[]): void {
    this.#inputs.push(...inputs);
  }

  /** Takes out as many as one message holds. */
  take(): WaitingInput[] {
    let chars = FRAME_CHARS;
    let count = 0;
    for (const { text } of this.#inputs.slice(0, MOST_INPUTS)) {
      chars += text.length + 1;
      if (count > 0 && chars > MESSAGE_CHARS) break;
      count++;
    }
    return this.#inputs.splice(0, count);
  }

  /** Takes out all of them. */
  drain(): WaitingInput[] {
    return this.#inputs.splice(0);
  }
}

function isShort({ text }: WaitingInput): boolean {
  return text.length <= MESSAGE_CHARS - FRAME_CHARS;
}
