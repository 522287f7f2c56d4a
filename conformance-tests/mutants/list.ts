// All mutants. Rule: one that an existing test catches says nothing about the simulator and does not stay.

import { LOG_MUTANTS } from "./log-mutants.ts";
import type { Mutant } from "./mutant.ts";
import { READING_MUTANTS } from "./reading-mutants.ts";
import { SCANNING_MUTANTS } from "./scanning-mutants.ts";
import { SENDING_MUTANTS } from "./sending-mutants.ts";

export const MUTANTS: readonly Mutant[] = [...SCANNING_MUTANTS, ...READING_MUTANTS, ...SENDING_MUTANTS, ...LOG_MUTANTS];

/** The mutants of these names, or all when none is named. Throws for a name that none has. */
export function selectMutants(names: readonly string[]): readonly Mutant[] {
  const unknown = names.filter((name) => !MUTANTS.some((mutant) => mutant.name === name));
  if (unknown.length > 0) throw new Error(`there is no mutant called ${unknown.join(", ")}`);
  return names.length === 0 ? MUTANTS : MUTANTS.filter(({ name }) => names.includes(name));
}
