// Folders that go and come back before anyone could be told. Rule: what came back is looked into, whatever the rows still say
// of what went.

import { describe, expect, test } from "vitest";
import { checkGuarantees } from "./guarantees.ts";
import { backUp, backUpAgain, expectedTree, pairPhone, ROOT, restoreElsewhere } from "./phone.ts";

describe("a folder that is gone while the server cannot be told", () => {
  test("is looked into when another one has its name, and its files are synced", () => {
    const phone = pairPhone(({ ground: { tree } }) => {
      tree.addFolder(`${ROOT}/album/deep`);
      tree.write(`${ROOT}/album/old`, "old");
      tree.write(`${ROOT}/album/deep/older`, "older");
    });
    backUp(phone);
    const { tree } = phone.host.ground;
    const { server } = phone.world;
    tree.remove(`${ROOT}/album`);
    server.full = true;
    backUpAgain(phone);
    tree.addFolder(`${ROOT}/album/deep`);
    tree.write(`${ROOT}/album/new`, "new");
    tree.write(`${ROOT}/album/deep/newer`, "newer");
    server.full = false;
    const result = backUpAgain(phone);
    checkGuarantees(phone.host);
    expect([result.counts.filesSynced, result.counts.filesWaiting]).toEqual([2, 0]);
    expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
  });
});
