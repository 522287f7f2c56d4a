// Changes that must not matter: the same story on a phone whose clock is a little off, or that lies in another time zone.
// (A locale cannot matter: the script has no `Intl`, which the house rules hold.)

import { expect, test } from "vitest";
import { bundleForSimulation } from "./bundle.ts";
import { enginesOf } from "./engines.ts";
import { type Played, playStory } from "./play.ts";
import type { PhoneClock } from "./stage.ts";
import { drawStory } from "./story.ts";

const SEEDS = Array.from({ length: 16 }, (_, at) => 1 + at);
const PATIENCE = { timeout: 300_000 };
const TIME_ZONES = [14 * 60, -11 * 60 - 30];
const SKEWS_MS = [90_000, -90_000];

const { alone: engines } = enginesOf(await bundleForSimulation());
const play = (seed: number, phone: PhoneClock): Played => playStory(drawStory(seed), engines, { phone });
const played = new Map(SEEDS.map((seed) => [seed, play(seed, { skewMs: 0, utcOffsetMinutes: 0 })]));

test("another time zone changes nothing, down to the number of calls", PATIENCE, () => {
  for (const [seed, { kind, newest, steps, requests }] of played) {
    for (const utcOffsetMinutes of TIME_ZONES) {
      const other = play(seed, { skewMs: 0, utcOffsetMinutes });
      const seen = { seed, kind: other.kind, newest: other.newest, steps: other.steps, requests: other.requests };
      expect(seen).toEqual({ seed, kind, newest, steps, requests });
    }
  }
});

test("a clock that is a minute and a half off changes nothing of what the server has in the end", PATIENCE, () => {
  for (const [seed, { kind, newest }] of played) {
    for (const skewMs of SKEWS_MS) {
      const other = play(seed, { skewMs, utcOffsetMinutes: 0 });
      expect({ seed, kind: other.kind, newest: other.newest }).toEqual({ seed, kind, newest });
    }
  }
});

test("the stories end with something on the server", () => {
  for (const [seed, { kind, newest }] of played)
    expect({ seed, kind, has: newest.length > 0 }).toMatchObject({ kind: "held" });
  const rich = [...played.values()].filter(({ newest }) => newest.length > 3);
  expect(rich.length).toBeGreaterThan(SEEDS.length / 2);
});
