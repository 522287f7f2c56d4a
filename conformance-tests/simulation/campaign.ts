// One seed from its number to its report. Rule: what breaks is played again, shortened, and described so that one command
// plays it once more.

import type { EngineFactory } from "../scripted-host/script-engines.ts";
import type { Invariant } from "./broken.ts";
import { bundleForSimulation, type Crypto } from "./bundle.ts";
import { enginesOf, quickJsEnginesOf } from "./engines.ts";
import type { FaultCounts, FaultKind } from "./fault-kinds.ts";
import { type Played, playStory } from "./play.ts";
import { shrink, withMoves } from "./shrink.ts";
import { drawStory, type Story } from "./story.ts";

/** One seed in so many has the real cryptography, where nothing else was asked for. */
export const REAL_CRYPTO_ONE_IN = 50;
/** One seed in so many starts each engine alone. */
const ALONE_ONE_IN = 19;

/** How to play seeds. `crypto` null: the real one for one seed in fifty. `moves` null: all of a story's. */
export interface Manner {
  readonly crypto: Crypto | null;
  readonly moves: readonly number[] | null;
  /** Each seed is played in QuickJS too, and must give the same trace. */
  readonly inQuickJs: boolean;
}

/** What a seed gave. */
export interface SeedReport {
  readonly seed: number;
  readonly crypto: Crypto;
  readonly mix: readonly FaultKind[];
  readonly trace: string;
  readonly counts: FaultCounts;
  readonly steps: number;
  readonly virtualMs: number;
  readonly broken: { readonly invariant: Invariant; readonly story: string } | null;
}

const engines = new Map<string, ReturnType<typeof enginesOf>>();
const bundles = new Map<Crypto, Promise<string>>();

/** Plays a seed on the engine as it is; a story that breaks a promise is told as short as it was found. */
export async function reportSeed(seed: number, { crypto, moves, inQuickJs }: Manner): Promise<SeedReport> {
  const chosen = crypto ?? (seed % REAL_CRYPTO_ONE_IN === 0 ? "real" : "fake");
  const script = await (bundles.get(chosen) ?? keepBundle(chosen));
  const story = drawStory(seed);
  const played = playSeed(seed, script, moves);
  const { trace, counts, steps, virtualMs } = played;
  const report = { seed, crypto: chosen, mix: story.mix, trace, counts, steps, virtualMs };
  if (inQuickJs) {
    const other = playStory(moves === null ? story : withMoves(story, moves), await quickJsEnginesOf(script));
    if (other.trace !== trace) {
      const told = tell(story, moves ?? story.moves.keys(), "same-everywhere", `QuickJS: ${other.trace}`);
      return { ...report, broken: { invariant: "same-everywhere", story: `${told} --quickjs` } };
    }
  }
  if (played.kind === "held") return { ...report, broken: null };
  const { invariant } = played;
  const told =
    moves === null
      ? tellShortest(story, invariant, enginesFor(seed, script))
      : tell(story, moves, invariant, played.detail);
  const again = chosen === "real" ? `${told} --crypto real` : told;
  return { ...report, broken: { invariant, story: again } };
}

/** Plays a seed's story, or some of its moves, on some bundle, without shortening it. */
export function playSeed(seed: number, script: string, moves: readonly number[] | null, keepsTrace = false): Played {
  const story = drawStory(seed);
  return playStory(moves === null ? story : withMoves(story, moves), enginesFor(seed, script), { keepsTrace });
}

/** The shortest story found that breaks the same promise, in words. */
function tellShortest(story: Story, invariant: Invariant, factory: EngineFactory): string {
  const kept = shrink(story, invariant, (shorter) => {
    const played = playStory(shorter, factory);
    return played.kind === "broken" ? played.invariant : null;
  });
  const played = playStory(withMoves(story, kept), factory);
  return tell(story, kept, invariant, played.kind === "broken" ? played.detail : "");
}

function tell(story: Story, moves: Iterable<number>, invariant: Invariant, detail: string): string {
  const kept = [...moves];
  return [
    `seed ${story.seed}, ${kept.length} of ${story.moves.length} moves: ${invariant}`,
    `  ${detail}`,
    ...kept.map((at) => `  ${at}. ${JSON.stringify(story.moves[at])}`),
    `  again: npm run simulate -- --seeds ${story.seed} --moves ${kept.join(",")}`,
  ].join("\n");
}

function keepBundle(crypto: Crypto): Promise<string> {
  const bundle = bundleForSimulation([], crypto);
  bundles.set(crypto, bundle);
  return bundle;
}

/** The engines that a seed is played on, so that it is always played alike. */
function enginesFor(seed: number, script: string): EngineFactory {
  let both = engines.get(script);
  if (both === undefined) {
    both = enginesOf(script);
    engines.set(script, both);
  }
  return seed % ALONE_ONE_IN === 0 ? both.alone : both.together;
}
