// How a disk counts time: in ticks of a millisecond, of ten, or of two seconds and without times of change, as memory cards do.
// Rule: no tick is so long, or comes twice, that a change could not be seen by any phone.

import type { FileTree } from "../scripted-host/file-tree.ts";
import type { SeededRandom } from "../scripted-host/seeded-random.ts";
import type { FaultKind } from "./fault-kinds.ts";

/** A clock that is set back gives one tick twice. */
const TICK_COMES_TWICE: readonly FaultKind[] = ["clock-jump"];
/** Without times of change these leave no trace within two seconds. */
const NEEDS_CHANGE_TIMES: readonly FaultKind[] = ["change-while-read", "kept-times"];

/** Chooses how a story's disk counts time, as far as its faults allow. */
export function chooseTicks(tree: FileTree, mix: readonly FaultKind[], random: SeededRandom): void {
  const choice = random.pick(["fine", "jiffies", "seconds"] as const);
  if (choice === "fine" || TICK_COMES_TWICE.some((kind) => mix.includes(kind))) return;
  const isCard = choice === "seconds" && !NEEDS_CHANGE_TIMES.some((kind) => mix.includes(kind));
  tree.tickMs = isCard ? 2_000 : 10;
  tree.hasChangeTimes = !isCard;
}
