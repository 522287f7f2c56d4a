// The rule for a new passphrase (docs/host-api.md). Rule: it is fixed and has vectors, so that every host refuses the
// same ones; an existing passphrase is never judged.

/** Why a new passphrase is refused. */
export type PassphraseWeakness = "too-short" | "too-few-different" | "too-common";

const MIN_POINTS = 10;
const MIN_DIFFERENT_POINTS = 5;

/** What people type; in lower case, letters only. */
export const COMMON_PASSPHRASES: readonly string[] = [
  "password",
  "passphrase",
  "passwordpassword",
  "qwertyuiop",
  "qwertzuiop",
  "azertyuiop",
  "abcdefghij",
  "abcdefghijkl",
  "iloveyou",
  "letmeinletmein",
  "motdepasse",
  "administrator",
  "welcome",
  "football",
  "baseball",
  "sunshine",
  "princess",
  "superman",
  "trustno",
  "coffre",
  "coffrecoffre",
];

/**
 * Why `text` may not be a new passphrase, or null when it may; the first reason that holds, in the order of the type.
 *
 * Too common is a text whose ASCII letters, in lower case and without all that stands between and behind them, are one
 * of a short list; and one whose letters and digits are digits alone, each the next or each the previous (0 beside 9).
 */
export function passphraseWeakness(text: string): PassphraseWeakness | null {
  const points = [...text];
  if (points.length < MIN_POINTS) return "too-short";
  if (new Set(points).size < MIN_DIFFERENT_POINTS) return "too-few-different";
  const stem = text.replace(/[^A-Za-z]/g, "").toLowerCase();
  if (COMMON_PASSPHRASES.includes(stem)) return "too-common";
  return stem === "" && isDigitRun(text.replace(/[^0-9]/g, "")) ? "too-common" : null;
}

/** Whether `digits` are each the next, or each the previous, of the one before it, modulo 10. */
function isDigitRun(digits: string): boolean {
  if (digits.length < 2) return false;
  const step = stepAt(digits, 1);
  if (step !== 1 && step !== 9) return false;
  for (let i = 2; i < digits.length; i++) {
    if (stepAt(digits, i) !== step) return false;
  }
  return true;
}

function stepAt(digits: string, index: number): number {
  return (digits.charCodeAt(index) - digits.charCodeAt(index - 1) + 10) % 10;
}
