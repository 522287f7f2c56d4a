// Progress that a person can believe. Rule: what is done never exceeds what there is, whatever came and went meanwhile.

import { expect, test } from "vitest";
import type { View } from "../../../engine/src/border/views.ts";
import { backUp, expectedTree, type Phone, pairPhone, ROOT, restoreElsewhere } from "./phone.ts";

type Progress = Extract<View, { kind: "progress" }>;

function watchingPhone(): Phone {
  const phone = pairPhone(({ ground: { tree } }) => {
    for (const name of ["a", "b", "trip/c", "trip/d"]) tree.write(`${ROOT}/${name}`, `${name} as it was`);
  });
  phone.host.ask({ kind: "backup", mode: "watch" });
  phone.host.runFor(60_000);
  return phone;
}

function lastProgress(phone: Phone): Progress {
  const shown = phone.host.views.filter((view): view is Progress => view.kind === "progress");
  for (const { filesDone, filesTotal, bytesDone, bytesTotal } of shown) {
    expect(filesDone).toBeLessThanOrEqual(filesTotal);
    expect(bytesDone).toBeLessThanOrEqual(bytesTotal);
  }
  return shown.at(-1) as Progress;
}

test.each([
  ["a file goes", ["a"], 3],
  ["a folder goes", ["trip"], 2],
  ["everything goes", ["a", "b", "trip"], 0],
])("%s: progress ends with what is left", (_, paths, left) => {
  const phone = watchingPhone();
  for (const path of paths) phone.host.ground.tree.remove(`${ROOT}/${path}`);
  phone.host.runFor(60_000);
  phone.host.ground.tree.write(`${ROOT}/new`, "new");
  phone.host.runFor(60_000);
  expect(lastProgress(phone)).toMatchObject({ filesDone: left + 1, filesTotal: left + 1 });
  expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
});

test("a folder that a file replaces takes its files along", () => {
  const phone = watchingPhone();
  phone.host.ground.tree.remove(`${ROOT}/trip`);
  phone.host.ground.tree.write(`${ROOT}/trip`, "now a file");
  phone.host.runFor(60_000);
  expect(lastProgress(phone)).toMatchObject({ filesDone: 3, filesTotal: 3 });
});

test("a file that grew between its listing and its reading counts with what was read", () => {
  const phone = watchingPhone();
  const { tree } = phone.host.ground;
  tree.write(`${ROOT}/growing`, "short");
  tree.faults.listStale(`${ROOT}/growing`, 1);
  phone.host.runFor(60_000);
  tree.faults.healAll();
  tree.remove(`${ROOT}/growing`);
  phone.host.runFor(60_000);
  tree.write(`${ROOT}/last`, "last");
  phone.host.runFor(60_000);
  const { bytesTotal } = lastProgress(phone);
  expect(bytesTotal).toBe(["a", "b", "trip/c", "trip/d"].join("").length + 4 * " as it was".length + "last".length);
});

test("a second backup of one process reports its own traffic, and a removed root no longer counts", () => {
  const phone = pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/a`, "first"));
  expect(backUp(phone)).toMatchObject({ blobsSent: 1, bytesRead: 5 });
  // Later than any look that a young time stamp asks for.
  phone.world.clock.advance(3_600_000);
  expect(backUp(phone)).toMatchObject({ outcome: "ok", blobsSent: 0, bytesSent: 0 });
  phone.host.drive({ kind: "remove-root", name: "photos" });
  phone.host.drive({ kind: "add-root", name: "photos", locator: ROOT, excludes: [] });
  phone.host.ground.tree.write(`${ROOT}/b`, "second");
  expect(backUp(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 2 } });
  expect(lastProgress(phone).filesTotal).toBe(2);
});

/** A copy of the phone backs up once, from the same files. */
function backUpByClone({ world, host, makeEngine }: Phone): void {
  const { tree, slots, plane } = host.ground;
  const clone = world.addHost({ makeEngine, tree, slots: slots.clone(), plane });
  clone.store.restore(host.store.snapshot());
  clone.start();
  expect(clone.drive({ kind: "backup", mode: "once" })).toMatchObject({ outcome: "ok" });
}

test("files that a clone recorded do not count as done while the phone records them anew", () => {
  const fill: Parameters<typeof pairPhone>[0] = ({ ground: { tree } }) => {
    for (const name of ["a", "b"]) tree.write(`${ROOT}/${name}`, `${name} as it was`);
  };
  // What the clone recorded is heard of before the phone has seen that the file changed.
  const phone = pairPhone(fill, { delayMs: ({ kind }) => (kind === "scan" ? 10_000 : 0) });
  expect(backUp(phone)).toMatchObject({ outcome: "ok" });
  const outcomes = [1, 2].map((time) => {
    phone.host.ground.tree.write(`${ROOT}/a`, `changed ${time}`);
    phone.world.clock.advance(3_600_000);
    backUpByClone(phone);
    return backUp(phone)?.code;
  });
  expect(outcomes).toEqual([null, "peer-cloned"]);
  phone.host.ask({ kind: "backup", mode: "watch" });
  phone.host.runFor(60_000);
  expect(lastProgress(phone)).toMatchObject({ filesDone: 2, filesTotal: 2 });
});
