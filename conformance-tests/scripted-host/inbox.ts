// Inputs that wait for the next step, as the text that will cross and as the text that a trace may show. Rule: an answer
// that is too large becomes a failure here, before the engine hears of it.

import type { Answer } from "../../engine/src/border/answers.ts";
import type { Effect } from "../../engine/src/border/effects.ts";
import type { Input } from "../../engine/src/border/inputs.ts";
import { ANSWER_CHARACTERS, formatAscii, MESSAGE_CHARACTERS } from "./border-text.ts";
import { maskAnswer, maskInput } from "./trace.ts";

interface Waiting {
  readonly text: string;
  readonly masked: string;
}

/** What stands around the inputs of a step: time, entropy, punctuation. */
const FRAME_CHARACTERS = 256;

export class Inbox {
  #waiting: Waiting[] = [];

  get count(): number {
    return this.#waiting.length;
  }

  addInput(input: Input): void {
    this.#waiting.push({ text: formatAscii(input), masked: formatAscii(maskInput(input)) });
  }

  addAnswer(effect: Effect, answer: Answer): void {
    let given = answer;
    let text = formatAscii(answer);
    if (text.length > ANSWER_CHARACTERS) {
      given = { kind: "failed", reason: "host-answer-too-large" };
      text = formatAscii(given);
    }
    const frame = `{"kind":"answer","effect":${effect.id},"answer":`;
    this.#waiting.push({ text: `${frame}${text}}`, masked: `${frame}${formatAscii(maskAnswer(effect.kind, given))}}` });
  }

  /** Takes up to `most` inputs, as many as one message holds, in order, joined by commas. */
  take(most: number): Waiting {
    let count = 0;
    let characters = FRAME_CHARACTERS;
    for (; count < Math.min(most, this.#waiting.length); count++) {
      characters += (this.#waiting[count] as Waiting).text.length + 1;
      if (characters > MESSAGE_CHARACTERS && count > 0) break;
    }
    const taken = this.#waiting.splice(0, count);
    return { text: taken.map(({ text }) => text).join(","), masked: taken.map(({ masked }) => masked).join(",") };
  }

  clear(): void {
    this.#waiting = [];
  }
}
