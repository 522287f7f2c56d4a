// One seed from its number to its verdict. Rule: what breaks is played again, shortened, and described so that one command
// plays it once more.

import type { EngineFactory } from "../scripted-host/script-engines.ts";
import type { Invariant } from "./broken.ts";
import { enginesOf } from "./engines.ts";
import { type Played, playStory } from "./play.ts";
import { shrink, withMoves } from "./shrink.ts";
import { drawStory, type Story } from "./story.ts";

export type Verdict =
  | { readonly kind: "held" }
  | { readonly kind: "broken"; readonly invariant: Invariant; readonly story: string };

const engines = new Map<string, EngineFactory>();

/** Plays a seed's story on a bundle of `bundleForSimulation`; a story that breaks a promise is told as short as it was found. */
export function runSeed(seed: number, { script }: { readonly script: string }): Verdict {
  const factory = enginesFor(script);
  const story = drawStory(seed);
  const played = playStory(story, factory);
  if (played.kind === "held") return { kind: "held" };
  return { kind: "broken", invariant: played.invariant, story: tellShortest(story, played.invariant, factory) };
}

/** Plays a seed's story, or some of its moves, without shortening it. */
export function playSeed(seed: number, script: string, moves: readonly number[] | null): Played {
  const story = drawStory(seed);
  return playStory(moves === null ? story : withMoves(story, moves), enginesFor(script));
}

/** The shortest story found that breaks the same promise, in words. */
export function tellShortest(story: Story, invariant: Invariant, factory: EngineFactory): string {
  const kept = shrink(story, invariant, (shorter) => {
    const played = playStory(shorter, factory);
    return played.kind === "broken" ? played.invariant : null;
  });
  const shortest = withMoves(story, kept);
  const played = playStory(shortest, factory);
  const detail = played.kind === "broken" ? played.detail : "";
  return [
    `seed ${story.seed}, ${kept.length} of ${story.moves.length} moves: ${invariant}`,
    `  ${detail}`,
    ...shortest.moves.map((move, at) => `  ${kept[at]}. ${JSON.stringify(move)}`),
    `  again: npm run simulate -- --seeds ${story.seed} --moves ${kept.join(",")}`,
  ].join("\n");
}

export function enginesFor(script: string): EngineFactory {
  let factory = engines.get(script);
  if (factory === undefined) {
    factory = enginesOf(script);
    engines.set(script, factory);
  }
  return factory;
}
