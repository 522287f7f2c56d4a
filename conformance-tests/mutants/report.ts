// The table of mutants and what found them, as docs/reliability-report.md shows it. Rule: what was not found stands first.

import type { Mutant } from "./mutant.ts";
import type { Found } from "./search.ts";

export interface Finding {
  readonly mutant: Mutant;
  /** One for each range. */
  readonly found: readonly Found[];
}

/** True when some range found the mutant. */
export function isFound({ found }: Finding): boolean {
  return found.some(({ invariant }) => invariant !== null);
}

/** The table in Markdown. */
export function formatTable(findings: readonly Finding[]): string {
  const rows = [...findings]
    .sort((a, b) => Number(isFound(a)) - Number(isFound(b)) || medianSeeds(b) - medianSeeds(a))
    .map((finding) => `| ${cellsOf(finding).join(" | ")} |`);
  const heads = ["mutant", "the mistake", "two faults", "found in ranges", "median seeds", "by"];
  return [`| ${heads.join(" | ")} |`, `|${"---|".repeat(heads.length)}`, ...rows].join("\n");
}

function cellsOf(finding: Finding): string[] {
  const { mutant, found } = finding;
  const successes = found.filter(({ invariant }) => invariant !== null);
  const seeds = medianSeeds(finding);
  const invariants = new Set(successes.map(({ invariant }) => `${invariant}`));
  return [
    `\`${mutant.name}\``,
    mutant.mistake,
    mutant.needsCoincidence ? "yes" : "",
    `${successes.length} of ${found.length}`,
    Number.isFinite(seeds) ? `${seeds}` : "not found",
    [...invariants].sort().join(", "),
  ];
}

/** The median of the seeds that were needed; a range without a find counts as infinitely many. */
export function medianSeeds({ found }: Finding): number {
  const seeds = found
    .map((one) => (one.invariant === null ? Number.POSITIVE_INFINITY : one.seeds))
    .sort((a, b) => a - b);
  return seeds[Math.floor((seeds.length - 1) / 2)] ?? Number.POSITIVE_INFINITY;
}
