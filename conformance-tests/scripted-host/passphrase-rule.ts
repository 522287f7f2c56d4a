// Which new passphrases are refused (docs/host-api.md H-26). Rule: the text is looked at as the prompt gave it, in code
// points, before it is stretched.

export type WeakReason = "too-short" | "too-few-different" | "too-common";

const LEAST_CODE_POINTS = 10;
const LEAST_DIFFERENT = 5;

/** Why a new passphrase is refused, or null. `common` holds lower-case words. */
export function judgePassphrase(passphrase: string, common: ReadonlySet<string>): WeakReason | null {
  const points = [...passphrase];
  if (points.length < LEAST_CODE_POINTS) return "too-short";
  if (new Set(points).size < LEAST_DIFFERENT) return "too-few-different";
  const letters = passphrase.replace(/[A-Z]/g, (letter) => letter.toLowerCase()).replace(/[^a-z]/g, "");
  if (common.has(letters)) return "too-common";
  return letters === "" && isRun(passphrase.replace(/[^0-9]/g, "")) ? "too-common" : null;
}

/** Whether each digit is the one before plus one, or each the one before minus one, counted around. */
function isRun(digits: string): boolean {
  const steps = new Set([...digits].slice(1).map((digit, index) => (Number(digit) - Number(digits[index]) + 10) % 10));
  return steps.size === 1 && (steps.has(1) || steps.has(9));
}
