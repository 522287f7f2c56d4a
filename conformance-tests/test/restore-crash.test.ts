// A restore that is killed anywhere goes on in a later process. Rule: whatever the moment, the second process ends with
// the tree that was backed up, and makes nothing twice.

import { describe, expect, test } from "vitest";
import type { ExistingRule } from "../../engine/src/border/asks.ts";
import { createEngine } from "../../engine/src/index.ts";
import type { CrashPoint } from "../scripted-host/crash-point.ts";
import { seededContent } from "../scripted-host/file-content.ts";
import type { FileTree } from "../scripted-host/file-tree.ts";
import type { ScriptedHost } from "../scripted-host/scripted-host.ts";
import { listTree } from "../scripted-host/tree-listing.ts";
import { openVault, restoreAsk, Stage } from "./restore-stage.ts";

function makeStage(): Stage {
  const stage = new Stage();
  const { tree } = stage.phone.ground;
  tree.addFolder("/phone/empty");
  tree.link("/phone/link", "large");
  tree.write("/phone/dir//61ff/\u{1F600}", "x", 0o600);
  stage.backUp({ nothing: "", small: "small", again: "small", large: seededContent(7, 2_500_000) });
  return stage;
}

/** Runs both asks to the end, over as many processes as it takes; gives how many there were. */
function restoreThroughCrashes(reader: ScriptedHost, existing: ExistingRule): number {
  for (let processes = 1; ; processes++) {
    reader.start();
    if (openVault(reader) === null) continue;
    const result = reader.drive(restoreAsk({ existing }));
    if (result === null) continue;
    expect(result).toMatchObject({ outcome: "ok", filesFailed: 0, filesSkipped: 0 });
    return processes;
  }
}

/** How many steps and effects a restore has that nothing disturbs. */
function countPoints(stage: Stage): { steps: number; effects: number } {
  const reader = stage.reader();
  reader.drive(restoreAsk());
  return { steps: reader.steps, effects: reader.effectsDone };
}

describe.each(["skip", "rename", "replace"] as const)("a restore with the rule %s", (existing) => {
  const stage = makeStage();
  const expected = listTree(stage.phone.ground.tree, "/phone");
  const { steps, effects } = countPoints(stage);
  // What a rule changes is what effects find in the target; a step that is rolled back is nearly an effect that is lost.
  const points: CrashPoint[] = [
    ...Array.from({ length: existing === "skip" ? steps / 4 : 0 }, (_, index) => ({
      kind: "before-commit" as const,
      step: 4 * index,
    })),
    ...Array.from({ length: existing === "skip" ? steps : 0 }, (_, step) => ({ kind: "after-commit" as const, step })),
    ...Array.from({ length: effects }, (_, effect) => ({ kind: "after-effect" as const, effect })),
  ];

  test("comes to the same end from a crash at every point", () => {
    for (const point of points) {
      const reader = stage.world.addHost({ makeEngine: createEngine, role: "restore" });
      reader.crashAt(point);
      const processes = restoreThroughCrashes(reader, existing);
      expect({ point, tree: listTree(reader.ground.tree, "/target/all") }).toEqual({ point, tree: expected });
      expect(
        reader.ground.tree.find("/work").kind === "failed" || listTree(reader.ground.tree, "/work").size === 0,
      ).toBe(true);
      expect(processes).toBeLessThanOrEqual(2);
      reader.stop();
    }
  });
});

/** What a power cut may do to files that were written and not flushed. */
const LOSSES: readonly ((tree: FileTree, file: string, sizeBytes: number) => void)[] = [
  (tree, file) => tree.remove(file),
  (tree, file) => tree.write(file, ""),
  (tree, file, sizeBytes) => tree.alterSilently(file, new Uint8Array(sizeBytes)),
  (tree, file, sizeBytes) => tree.truncate(file, sizeBytes >> 1),
];

test("what a power cut took from the work folder is fetched again", () => {
  const stage = makeStage();
  const expected = listTree(stage.phone.ground.tree, "/phone");
  const { steps } = countPoints(stage);
  let lost = 0;
  for (let step = steps >> 1; step < steps; step += 1) {
    const reader = stage.world.addHost({ makeEngine: createEngine, role: "restore" });
    const { tree } = reader.ground;
    reader.crashAt({ kind: "after-commit", step });
    reader.start();
    if (openVault(reader) !== null && reader.drive(restoreAsk()) !== null) continue;
    const isThere = tree.find("/work").kind !== "failed";
    for (const [name, entry] of isThere ? listTree(tree, "/work") : []) {
      if (entry.kind !== "file") continue;
      LOSSES[lost % LOSSES.length]?.(tree, `/work/${name}`, entry.sizeBytes);
      lost += 1;
    }
    expect(restoreThroughCrashes(reader, "skip")).toBeLessThanOrEqual(2);
    expect({ step, tree: listTree(tree, "/target/all") }).toEqual({ step, tree: expected });
    reader.stop();
  }
  expect(lost).toBeGreaterThan(LOSSES.length);
});
