// The rule for a new passphrase (docs/host-api.md). Rule: it is fixed and has vectors, so that every host refuses the
// same ones; an existing passphrase is never judged.

/** Why a new passphrase is refused. */
export type PassphraseWeakness = "too-short" | "too-few-different" | "too-common";

const MIN_POINTS = 10;
const MIN_DIFFERENT_POINTS = 5;

const COMMON: ReadonlySet<string> = new Set([
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
]);

/**
 * Why `text` may not be a new passphrase, or null when it may; the first reason that holds, in the order of the type.
 *
 * Too common is a text that, with A–Z in lower case, is one of a short list once trailing digits and `!`, `.`, `?` and
 * then everything but `a-z 0-9` are dropped, or that is nothing but a run of digits that follow one another (0 after 9).
 */
export function passphraseWeakness(text: string): PassphraseWeakness | null {
  const points = [...text];
  if (points.length < MIN_POINTS) return "too-short";
  if (new Set(points).size < MIN_DIFFERENT_POINTS) return "too-few-different";
  const lower = text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  if (isDigitRun(keepAlphanumerics(lower))) return "too-common";
  const stem = keepAlphanumerics(lower.replace(/[0-9!.?]+$/, ""));
  return COMMON.has(stem) ? "too-common" : null;
}

function keepAlphanumerics(text: string): string {
  return text.replace(/[^a-z0-9]/g, "");
}

/** Whether `text` is digits alone, each the next (or each the previous) of the one before it, modulo 10. */
function isDigitRun(text: string): boolean {
  if (!/^[0-9]{2,}$/.test(text)) return false;
  const step = (text.charCodeAt(1) - text.charCodeAt(0) + 10) % 10;
  if (step !== 1 && step !== 9) return false;
  for (let i = 2; i < text.length; i++) {
    if ((text.charCodeAt(i) - text.charCodeAt(i - 1) + 10) % 10 !== step) return false;
  }
  return true;
}
