// The engine's codes in words. Rule: one sentence for each code that says what is so and what can be done (words/en.json); a code
// of a newer engine is shown as it is.

import { FAILURE_CODES, type WaitingReason } from "coffre-engine";
import { keysOf, say } from "./language.ts";
import { sayTime } from "./printable.ts";

/** Why a file waits. */
export function waitingWords(reason: WaitingReason): string {
  return say("waiting", reason);
}

/** The sentence of a failure's code. */
export function failureWords(code: string): string {
  return isFailureCode(code) ? say("failure", code) : say("form", "unknown-failure", { code });
}

export function isFailureCode(code: string): code is (typeof FAILURE_CODES)[number] {
  return (FAILURE_CODES as readonly string[]).includes(code);
}

export function damageWords(code: string): string {
  return say("damage", code as never);
}

/** What the owner should read, once: a sentence for the code, or for the code with its reason. */
export function noticeWords(
  code: string,
  count: number | undefined,
  reason: string | undefined,
  untilMs?: number,
): string {
  const keys = keysOf("notice");
  const key = keys.find((name) => name === `${code}/${reason}`) ?? code;
  const words = say("notice", key as never, untilMs === undefined ? {} : { time: sayTime(untilMs) });
  return count === undefined ? say("form", "notice", { words }) : say("form", "notice-counted", { words, count });
}
