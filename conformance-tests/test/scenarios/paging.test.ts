// Folders whose listing takes several answers, and changes that are seen between two of them. Rule: only a listing from its
// beginning to its end, of one and the same go, says that something is gone.

import { expect, test } from "vitest";
import { backUp, backUpAgain, expectedTree, type Phone, pairPhone, ROOT, restoreElsewhere } from "./phone.ts";

const FILES = 20;

/** A synced phone whose host lists five entries at once, and that watches. */
function watchingPhone(): Phone {
  const phone = pairPhone(({ ground: { tree } }) => {
    for (let i = 10; i < 10 + FILES; i++) tree.write(`${ROOT}/many/${i}`, `file ${i}`);
  });
  backUp(phone);
  phone.host.ground.tree.faults.entriesAtOnce = 5;
  phone.host.ask({ kind: "backup", mode: "watch" });
  return phone;
}

/** Steps until a later piece of the folder's listing is asked for. */
function reachLaterPiece({ host }: Phone): void {
  const isLater = (): boolean =>
    host.effectsUnderWay.some((effect) => effect.kind === "scan" && effect.folders.some(({ after }) => after !== null));
  for (let steps = 0; !isLater(); steps++) {
    if (steps > 200) throw new Error("no later piece was asked for");
    host.step();
  }
}

test("a change that is seen between two answers makes nothing gone that is there", () => {
  const phone = watchingPhone();
  reachLaterPiece(phone);
  phone.host.tell({ kind: "changed", root: ROOT, folders: ["many"] });
  phone.host.runFor(60_000);
  expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
});

test("what was missing in a listing that was broken off, and came back, is not gone", () => {
  const phone = watchingPhone();
  const { tree } = phone.host.ground;
  tree.rename(`${ROOT}/many/10`, "/aside");
  reachLaterPiece(phone);
  tree.rename("/aside", `${ROOT}/many/10`);
  tree.remove(`${ROOT}/many/29`);
  phone.host.tell({ kind: "changed", root: ROOT, folders: ["many"] });
  phone.host.runFor(60_000);
  expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
});

test("a change behind the cursor, seen while the folder is listed, is not left to the next sweep", () => {
  const phone = watchingPhone();
  reachLaterPiece(phone);
  phone.host.ground.tree.write(`${ROOT}/many/00`, "new, before all others");
  phone.host.tell({ kind: "changed", root: ROOT, folders: ["many"] });
  phone.host.runFor(60_000);
  expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
});

test("a change that is seen while a short listing is under way is not left to the next sweep", () => {
  const phone = watchingPhone();
  phone.host.ground.tree.faults.entriesAtOnce = Number.POSITIVE_INFINITY;
  phone.host.runFor(60_000);
  phone.host.tell({ kind: "changed", root: ROOT, folders: ["many"] });
  while (!phone.host.effectsUnderWay.some(({ kind }) => kind === "scan")) phone.host.step();
  // The host has listed the folder; its answer and the change are handed over together.
  phone.host.step();
  phone.host.ground.tree.write(`${ROOT}/many/99`, "new");
  phone.host.tell({ kind: "changed", root: ROOT, folders: ["many"] });
  phone.host.runFor(60_000);
  expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
  expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: FILES + 1 } });
});
