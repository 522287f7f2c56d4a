// A story: what happens to one phone, drawn from a seed as a list of moves. Rule: a move stands for itself, so that a story
// is shortened by leaving moves out; numbers in it are taken modulo what is there.

import { CHUNK_BYTES } from "../../engine/src/format/ladder.ts";
import { SeededRandom } from "../scripted-host/seeded-random.ts";
import { FAULT_KINDS, type FaultKind, LINK_FAULTS, type LinkFaultKind } from "./fault-kinds.ts";

/** What the owner does with files. `at` chooses among what is there, `place` a new path. */
export type FileDeed =
  | "write"
  | "overwrite"
  | "append"
  | "truncate"
  | "replace"
  | "remove"
  | "rename"
  | "chmod"
  | "link"
  | "copy"
  | "turn"
  | "flicker"
  | "rewrite";

/** `rewrite`: another content of the same size, and a moment of a backup later yet another. `flicker`: away for a moment, and back as it was or, as programs do that write a folder anew, with something else in it. */
export type FolderDeed = "make" | "remove" | "rename" | "chmod" | "flicker";

export type Move =
  | { readonly kind: "run"; readonly ms: number }
  | { readonly kind: "backup" }
  | { readonly kind: "watch" }
  | { readonly kind: "status" }
  | { readonly kind: "rotate" }
  | {
      readonly kind: "file";
      readonly deed: FileDeed;
      readonly at: number;
      readonly place: number;
      readonly size: number;
    }
  | {
      readonly kind: "folder";
      readonly deed: FolderDeed;
      readonly at: number;
      readonly place: number;
    }
  | {
      readonly kind: "fault";
      readonly fault: Exclude<FaultKind, LinkFaultKind>;
      readonly at: number;
      readonly amount: number;
    }
  | { readonly kind: "link-fault"; readonly fault: LinkFaultKind; readonly rate: number }
  | { readonly kind: "calm" }
  | { readonly kind: "short-lives"; readonly chunks: number; readonly hours: number };

export interface Story {
  readonly seed: number;
  readonly mix: readonly FaultKind[];
  readonly moves: readonly Move[];
}

const DEEDS: readonly FileDeed[] = [
  "write",
  "write",
  "write",
  "overwrite",
  "append",
  "truncate",
  "replace",
  "remove",
  "rename",
  "chmod",
  "link",
  "copy",
  "turn",
  "flicker",
  "rewrite",
];

const FOLDER_DEEDS: readonly FolderDeed[] = ["make", "remove", "rename", "chmod", "flicker"];

/** Sizes around which things change: nothing, a chunk, a few chunks. */
const SPECIAL_SIZES = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES];
const MOST_MOVES = 26;
const FEWEST_MOVES = 8;
const SHORT_LIVES_SHARE = 0.02;

/** The story of a seed. */
export function drawStory(seed: number): Story {
  const random = new SeededRandom(seed, "story");
  // Some stories have hardly any trouble and some have all of it: a mix shows what a constant rate hides.
  const share = random.pick([0.05, 0.15, 0.15, 0.3, 0.5]);
  const mix = FAULT_KINDS.filter(() => random.chance(share));
  const count = FEWEST_MOVES + random.below(MOST_MOVES - FEWEST_MOVES);
  const moves: Move[] = [];
  for (let i = 0; i < 3; i++) moves.push(drawFile(random, "write"));
  while (moves.length < count) moves.push(...drawMoves(random, mix));
  return { seed, mix, moves: [...moves, ...drawShortLives(seed)] };
}

/** Some stories end with a phone that lives for seconds. */
function drawShortLives(seed: number): Move[] {
  const random = new SeededRandom(seed, "short lives");
  if (!random.chance(SHORT_LIVES_SHARE)) return [];
  return [{ kind: "short-lives", chunks: 4 + random.below(6), hours: 13 + random.below(11) }];
}

function drawMoves(random: SeededRandom, mix: readonly FaultKind[]): Move[] {
  const dice = random.below(100);
  if (dice < 30) return [drawFile(random, random.pick(DEEDS))];
  if (dice < 37) return [{ kind: "folder", deed: random.pick(FOLDER_DEEDS), ...drawPlace(random) }];
  if (dice < 55) return [{ kind: "run", ms: drawMs(random) }];
  if (dice < 72) return [{ kind: random.chance(0.75) ? "backup" : "watch" }, { kind: "run", ms: drawMs(random) }];
  if (dice < 75) return [{ kind: random.pick(["status", "status", "rotate", "calm", "calm"]) }];
  if (mix.length === 0) return [{ kind: "run", ms: drawMs(random) }];
  return [drawFault(random, random.pick(mix)), { kind: "run", ms: drawMs(random) }];
}

function drawFault(random: SeededRandom, fault: FaultKind): Move {
  if (isLinkFault(fault)) return { kind: "link-fault", fault, rate: random.pick([0.02, 0.1, 0.3, 0.9]) };
  return { kind: "fault", fault, at: random.below(1_000), amount: random.below(1_000) };
}

function isLinkFault(fault: FaultKind): fault is LinkFaultKind {
  return (LINK_FAULTS as readonly FaultKind[]).includes(fault);
}

function drawFile(random: SeededRandom, deed: FileDeed): Move {
  return { kind: "file", deed, ...drawPlace(random), size: drawSize(random) };
}

function drawPlace(random: SeededRandom): { at: number; place: number } {
  return { at: random.below(1_000), place: random.below(1_000) };
}

function drawSize(random: SeededRandom): number {
  if (random.chance(0.04)) return random.pick(SPECIAL_SIZES);
  return random.chance(0.1) ? random.below(40_000) : random.below(600);
}

/** From an instant to some days, evenly over the orders of magnitude. */
function drawMs(random: SeededRandom): number {
  return Math.floor(10 ** (random.below(600) / 100 + (random.chance(0.1) ? 2 : 0)));
}
