// All mutants. Rule: one that an existing test catches says nothing about the simulator and does not stay; one that no story
// shows yet is kept apart, and is looked for only by its name.

import { LOG_MUTANTS } from "./log-mutants.ts";
import type { Mutant } from "./mutant.ts";
import { READING_MUTANTS } from "./reading-mutants.ts";
import { SCANNING_MUTANTS } from "./scanning-mutants.ts";
import { SENDING_MUTANTS } from "./sending-mutants.ts";
import { UNFOUND_MUTANTS } from "./unfound-mutants.ts";

export const MUTANTS: readonly Mutant[] = [...SCANNING_MUTANTS, ...READING_MUTANTS, ...SENDING_MUTANTS, ...LOG_MUTANTS];

export const ALL_MUTANTS: readonly Mutant[] = [...MUTANTS, ...UNFOUND_MUTANTS];

/** The mutants of these names, or all that stories find when none is named. Throws for a name that none has. */
export function selectMutants(names: readonly string[]): readonly Mutant[] {
  if (names.length === 0) return MUTANTS;
  const unknown = names.filter((name) => !ALL_MUTANTS.some((mutant) => mutant.name === name));
  if (unknown.length > 0) throw new Error(`there is no mutant called ${unknown.join(", ")}`);
  return ALL_MUTANTS.filter(({ name }) => names.includes(name));
}
