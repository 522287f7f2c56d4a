// The rule for a new passphrase (docs/host-api.md H-26). Rule: it is fixed and has vectors, so that every host refuses the
// same ones; an existing passphrase is never judged.

/** Why a new passphrase is refused. */
export type Weakness = "too-short" | "too-few-different" | "too-common";

const FEWEST_POINTS = 10;
const FEWEST_DIFFERENT = 5;

const COMMON: ReadonlySet<string> = new Set([
  "abcdefghij",
  "abcdefghijkl",
  "administrator",
  "azertyuiop",
  "baseball",
  "coffre",
  "coffrecoffre",
  "football",
  "iloveyou",
  "letmeinletmein",
  "motdepasse",
  "passphrase",
  "password",
  "passwordpassword",
  "princess",
  "qwertyuiop",
  "qwertzuiop",
  "sunshine",
  "superman",
  "trustno",
  "welcome",
]);

/** The first reason to refuse `passphrase` as a new one, or null when there is none. */
export function findWeakness(passphrase: string): Weakness | null {
  const points = Array.from(passphrase);
  if (points.length < FEWEST_POINTS) return "too-short";
  if (new Set(points).size < FEWEST_DIFFERENT) return "too-few-different";
  const letters = passphrase.replace(/[^A-Za-z]/g, "").toLowerCase();
  const isCommon = letters === "" ? isRun(passphrase.replace(/[^0-9]/g, "")) : COMMON.has(letters);
  return isCommon ? "too-common" : null;
}

/** Whether there are two digits or more, and each is one above, or each one below, the one before; 0 and 9 are neighbours. */
function isRun(digits: string): boolean {
  const steps = new Set<number>();
  for (let at = 1; at < digits.length; at++) steps.add((Number(digits[at]) - Number(digits[at - 1]) + 10) % 10);
  return steps.size === 1 && (steps.has(1) || steps.has(9));
}
