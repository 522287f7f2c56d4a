// Folders that go and come back before anyone could be told. Rule: what came back is looked into, whatever the rows still say
// of what went.

import { describe, expect, test } from "vitest";
import { forgetUnreferenced, onlyAccount } from "../../scripted-host/hostile-server.ts";
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

  test("is told as gone by the record after the one that the server refused", () => {
    const phone = pairPhone(({ ground: { tree } }) => {
      tree.addFolder(`${ROOT}/album`);
      tree.write(`${ROOT}/album/old`, "old");
    });
    backUp(phone);
    const { tree } = phone.host.ground;
    const { server } = phone.world;
    tree.remove(`${ROOT}/album`);
    server.refuse = () => ({ code: "busy" });
    backUpAgain(phone);
    tree.addFolder(`${ROOT}/album`);
    tree.write(`${ROOT}/album/new`, "new");
    let forgotten = 0;
    server.refuse = ({ method, path }) => {
      if (method === "PUT" && path.includes("/records/") && forgotten === 0)
        forgotten = forgetUnreferenced(onlyAccount(server.state));
      return null;
    };
    backUpAgain(phone);
    checkGuarantees(phone.host);
    expect(forgotten).toBe(1);
    expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
  });
});
