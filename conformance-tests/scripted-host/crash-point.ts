// Where a scripted host can be killed. Rule: points are counted from the host's first step and first effect, also over
// restarts, so that "a crash at every point" is a loop over numbers.

export type CrashPoint =
  /** The step ran, its transaction is rolled back. */
  | { readonly kind: "before-commit"; readonly step: number }
  /** The transaction is there, none of its effects was begun. */
  | { readonly kind: "after-commit"; readonly step: number }
  /** The effect was done, its answer is lost. */
  | { readonly kind: "after-effect"; readonly effect: number };

export function equalPoints(a: CrashPoint, b: CrashPoint): boolean {
  if (a.kind === "after-effect") return b.kind === "after-effect" && a.effect === b.effect;
  return b.kind === a.kind && b.step === a.step;
}
