// A small backup, killed at every point. Each time the next process must bring everything to its end, and a new machine
// must get back what is called synced.

import { describe, expect, test } from "vitest";
import type { CrashPoint } from "../../scripted-host/crash-point.ts";
import { seededContent } from "../../scripted-host/file-content.ts";
import type { ScriptedHost } from "../../scripted-host/scripted-host.ts";
import { checkGuarantees } from "./guarantees.ts";
import { backUp, expectedTree, pairPhone, ROOT, restoreElsewhere } from "./phone.ts";

function fill({ ground: { tree } }: ScriptedHost): void {
  for (let i = 0; i < 4; i++) tree.write(`${ROOT}/f${i}`, `photo ${i}`);
  tree.write(`${ROOT}/film`, seededContent(1, 2_500_000));
  tree.addFolder(`${ROOT}/trip`);
  tree.write(`${ROOT}/trip/a`, "a");
  tree.link(`${ROOT}/l`, "trip");
}

/** Steps and effects of an undisturbed backup: how many crash points there are. */
function countPoints(): { steps: readonly number[]; effects: readonly number[] } {
  const { host } = pairPhone(fill);
  const before = { steps: host.steps, effects: host.effectsDone };
  backUp({ host } as never);
  const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
  return { steps: range(before.steps, host.steps), effects: range(before.effects, host.effectsDone) };
}

function survive(point: CrashPoint): void {
  const phone = pairPhone(fill);
  phone.host.crashAt(point);
  let result = backUp(phone);
  checkGuarantees(phone.host);
  if (result === null) {
    phone.host.start();
    result = backUp(phone);
  }
  checkGuarantees(phone.host);
  expect(result).toMatchObject({ outcome: "ok", counts: { filesSynced: 6, filesWaiting: 0 } });
  expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
}

describe("a backup that is killed", () => {
  const { steps, effects } = countPoints();

  test("before any of its commits goes on as if the step had never been", () => {
    for (const step of steps) survive({ kind: "before-commit", step });
  });

  test("after any of its commits, with no effect begun, goes on", () => {
    for (const step of steps) survive({ kind: "after-commit", step });
  });

  test("after any of its effects, with the answer lost, goes on", () => {
    for (const effect of effects) survive({ kind: "after-effect", effect });
  });

  test("again and again, once in every few steps, still comes to its end", () => {
    const phone = pairPhone(fill);
    let result = null;
    for (let kills = 0; result === null && kills < 500; kills++) {
      phone.host.crashAt({ kind: "after-commit", step: phone.host.steps + 25 });
      if (!phone.host.isUp) phone.host.start();
      result = backUp(phone);
      checkGuarantees(phone.host);
    }
    expect(result).toMatchObject({ outcome: "ok", counts: { filesSynced: 6 } });
    expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
  });
});
