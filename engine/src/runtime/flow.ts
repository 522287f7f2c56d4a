// Flows: sequences of effects written from top to bottom. Rule: a flow lives in memory alone; whatever must survive a
// crash is in the Store before the next effect leaves, and the machine that owns the flow starts it again from there.

import type { Answer, AnsweredKind, Answers } from "../border/answers.ts";
import type { EffectBody } from "../border/effects.ts";
import { CoffreError } from "../errors.ts";

/** Yields effects, is resumed with their answers, and ends with a value or a CoffreError. */
export type Flow<T> = Generator<EffectBody, T, Answer>;

/** One effect inside a flow: `const answer = yield* perform({ kind: "seal", … })`. `host-…` when the host failed at it. */
export function* perform<K extends AnsweredKind>(body: EffectBody & { readonly kind: K }): Flow<Answers[K]> {
  const answer = yield body;
  if (answer.kind === "cancelled") throw new CoffreError("host-cancelled", "the host cancelled an effect");
  if (answer.kind === "failed") throw new CoffreError(answer.reason, "the host failed at an effect");
  return answer as Answers[K];
}
