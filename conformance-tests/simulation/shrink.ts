// Shortens a story that breaks a promise. Rule: the shorter story breaks the same one; moves are left out in halves, quarters
// and so on, and at last one by one, within a budget of plays.

import type { Invariant } from "./broken.ts";
import type { Move, Story } from "./story.ts";

const MOST_PLAYS = 300;

/** The shortest list of indexes of moves found with which `breaks` still gives this invariant. */
export function shrink(
  story: Story,
  invariant: Invariant,
  breaks: (story: Story) => Invariant | null,
): readonly number[] {
  let kept = story.moves.map((_, index) => index);
  let plays = 0;
  const stillBreaks = (indexes: readonly number[]): boolean => {
    plays++;
    return breaks(withMoves(story, indexes)) === invariant;
  };
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < kept.length && plays < MOST_PLAYS; ) {
      const fewer = [...kept.slice(0, from), ...kept.slice(from + size)];
      if (stillBreaks(fewer)) kept = fewer;
      else from += size;
    }
    if (size === 1) break;
  }
  return kept;
}

/** The story with only these of its moves. */
export function withMoves(story: Story, indexes: readonly number[]): Story {
  return { ...story, moves: indexes.map((index) => story.moves[index] as Move) };
}
