// Questions about a blob that can be asked once each, and their answers (docs/format.md F-120). Rule: nobody but this machine knows a
// question before it is asked, so that a server cannot answer it from a list of digests made beforehand.

import type { AuditQuestion } from "../../border/transfers.ts";
import { concatBytes, fromBase64, toBase64 } from "../../bytes.ts";
import type { Entropy } from "../../runtime/entropy.ts";

/** Pieces are counted from a blob's beginning, in steps of this (docs/protocol.md P-44). */
export const PIECE_BYTES = 65_536;
/** Questions that are kept of each blob. */
export const QUESTIONS = 8;

const NONCE_BYTES = 16;
const QUESTION_BYTES = NONCE_BYTES + 1;
/** Of an answer, as much as is kept: nobody finds other bytes for it. */
const KEPT_BYTES = 16;

/** New questions about a blob of `sizeBytes`, at most 256 pieces. */
export function drawQuestions(entropy: Entropy, sizeBytes: number): AuditQuestion[] {
  const pieces = Math.max(1, Math.ceil(sizeBytes / PIECE_BYTES));
  const drawn = entropy.draw(QUESTIONS * (NONCE_BYTES + 2));
  return Array.from({ length: QUESTIONS }, (_, index) => {
    const from = index * (NONCE_BYTES + 2);
    const chance = (drawn[from + NONCE_BYTES] as number) * 256 + (drawn[from + NONCE_BYTES + 1] as number);
    return { piece: chance % pieces, nonce: toBase64(drawn.subarray(from, from + NONCE_BYTES)) };
  });
}

/** Questions and the beginnings of their answers, as the Store keeps them; null unless each has its answer. */
export function packQuestions(
  questions: readonly AuditQuestion[],
  answers: readonly string[],
): { readonly questions: Uint8Array; readonly answers: Uint8Array } | null {
  const given = answers.map(fromBase64);
  if (given.length !== questions.length || given.some((answer) => answer.length < KEPT_BYTES)) return null;
  return {
    questions: concatBytes(
      ...questions.map(({ nonce, piece }) => concatBytes(fromBase64(nonce), Uint8Array.of(piece))),
    ),
    answers: concatBytes(...given.map((answer) => answer.subarray(0, KEPT_BYTES))),
  };
}

/** The question number `index` of what `packQuestions` made, and what its answer must begin with. */
export function unpackQuestion(
  packed: { readonly questions: Uint8Array; readonly answers: Uint8Array },
  index: number,
): { readonly question: AuditQuestion; readonly answer: Uint8Array } {
  const bytes = packed.questions.subarray(index * QUESTION_BYTES, (index + 1) * QUESTION_BYTES);
  return {
    question: { piece: bytes[NONCE_BYTES] as number, nonce: toBase64(bytes.subarray(0, NONCE_BYTES)) },
    answer: packed.answers.subarray(index * KEPT_BYTES, (index + 1) * KEPT_BYTES),
  };
}
