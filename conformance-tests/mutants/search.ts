// Looks for a seed whose story a mutant does not survive. Rule: a seed on which the engine itself fails finds nothing, since
// it would have failed without the mistake.

import type { Invariant } from "../simulation/broken.ts";
import { bundleForSimulation } from "../simulation/bundle.ts";
import { playSeed } from "../simulation/campaign.ts";
import type { Mutant } from "./mutant.ts";
import { patchPlugin } from "./mutant.ts";

/** Ranges are this far apart, and so disjoint. */
const RANGE_SEEDS = 1_000_000;

/** How a search in one range ended: after how many seeds, and by which invariant; null when it found nothing. */
export interface Found {
  readonly seeds: number;
  readonly invariant: Invariant | null;
  /** Seeds on which the engine without the mistake fails too, by the same invariant. */
  readonly passedOver: number;
}

let original: Promise<string> | null = null;

/** The bundle of the engine as it is. */
function bundleOriginal(): Promise<string> {
  original ??= bundleForSimulation();
  return original;
}

/** The bundle of the engine with the mistake. */
export function bundleMutant(mutant: Mutant): Promise<string> {
  return bundleForSimulation([patchPlugin(mutant)]);
}

/** Plays up to `seeds` stories of range `range` (0, 1, …) on a mutant's bundle, until one breaks a promise. */
export async function searchRange(script: string, range: number, seeds: number): Promise<Found> {
  const first = range * RANGE_SEEDS + 1;
  let passedOver = 0;
  for (let seed = first; seed < first + seeds; seed++) {
    const played = playSeed(seed, script, null);
    if (played.kind === "held") continue;
    const before = playSeed(seed, await bundleOriginal(), null);
    if (before.kind === "held" || before.invariant !== played.invariant) {
      return { seeds: seed - first + 1, invariant: played.invariant, passedOver };
    }
    passedOver += 1;
  }
  return { seeds, invariant: null, passedOver };
}
