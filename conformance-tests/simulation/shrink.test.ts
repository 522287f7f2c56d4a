// Stories are shortened to what breaks the promise. Rule: what is left breaks it, and no single move of it can go.

import { expect, test } from "vitest";
import { shrink } from "./shrink.ts";
import { drawStory } from "./story.ts";

test("a story is shortened to the moves that matter", () => {
  const story = drawStory(5);
  const matters = [2, 5, story.moves.length - 1].map((at) => story.moves[at]);
  const kept = shrink(story, "named", ({ moves }) =>
    matters.every((move) => moves.includes(move as never)) ? "named" : null,
  );
  expect(kept).toEqual([2, 5, story.moves.length - 1]);
});

test("a story that breaks another promise when it is shortened stays as it is", () => {
  const story = drawStory(5);
  const kept = shrink(story, "named", ({ moves }) => (moves.length === story.moves.length ? "named" : "absence"));
  expect(kept.length).toBe(story.moves.length);
});
