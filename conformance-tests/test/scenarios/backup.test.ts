// Stories of one phone and its server: what goes up comes back, and what does not go up is named.

import { describe, expect, test } from "vitest";
import { seededContent } from "../../scripted-host/file-content.ts";
import type { ScriptedHost } from "../../scripted-host/scripted-host.ts";
import { backUp, backUpAgain, countsOf, expectedTree, pairPhone, ROOT, restoreElsewhere } from "./phone.ts";

function fillAlbum({ ground: { tree } }: ScriptedHost): void {
  for (let i = 0; i < 5; i++) tree.write(`${ROOT}/f${i}.txt`, `photo ${i}`);
  tree.write(`${ROOT}/empty`, "");
  tree.write(`${ROOT}/one-chunk`, seededContent(1, 983_040));
  tree.write(`${ROOT}/one-more`, seededContent(2, 983_041));
  tree.write(`${ROOT}/one-less`, seededContent(3, 983_039));
  tree.write(`${ROOT}/film`, seededContent(4, 20_000_000));
  tree.addFolder(`${ROOT}/trip/deep`);
  tree.addFolder(`${ROOT}/nothing`);
  tree.write(`${ROOT}/trip/deep/a`, "a");
  tree.link(`${ROOT}/latest`, "trip/deep");
  tree.link(`${ROOT}/up`, "..");
}

describe("a backup", () => {
  test("comes back on a machine that knows server, login and passphrase alone", () => {
    const phone = pairPhone(fillAlbum);
    const result = backUp(phone);
    expect(result?.outcome).toBe("ok");
    expect(result?.counts).toMatchObject({ filesSynced: 11, filesWaiting: 0, filesExcluded: 0 });
    const restored = restoreElsewhere(phone);
    expect(restored.result).toMatchObject({ outcome: "ok", filesRestored: 11, filesFailed: 0 });
    expect(restored.files).toEqual(expectedTree(phone));
  });

  test("of nothing new asks the server three times and sends nothing", () => {
    const phone = pairPhone(fillAlbum);
    backUp(phone);
    const again = backUpAgain(phone);
    expect(again).toMatchObject({ outcome: "ok", requests: 3, bytesSent: 0, bytesRead: 0 });
  });

  test("sends a content that was sent before no second time", () => {
    const phone = pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/a`, seededContent(1, 3_000_000)));
    backUp(phone);
    phone.host.ground.tree.write(`${ROOT}/copy`, seededContent(1, 3_000_000));
    phone.world.clock.advance(5_000);
    const again = backUpAgain(phone);
    expect(again).toMatchObject({ outcome: "ok", blobsSent: 0 });
    expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
  });

  test("records what changed, what is gone and what changed its kind", () => {
    const phone = pairPhone(fillAlbum);
    backUp(phone);
    const { tree } = phone.host.ground;
    tree.write(`${ROOT}/f1.txt`, "another photo");
    tree.remove(`${ROOT}/f2.txt`);
    tree.remove(`${ROOT}/trip`);
    tree.write(`${ROOT}/trip`, "now a file");
    tree.remove(`${ROOT}/empty`);
    tree.addFolder(`${ROOT}/empty`);
    tree.write(`${ROOT}/empty/in it`, "x");
    phone.world.clock.advance(5_000);
    expect(backUpAgain(phone).outcome).toBe("ok");
    expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
  });

  test("keeps every version that was synced", () => {
    const phone = pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/note`, "first"));
    backUp(phone);
    const before = expectedTree(phone);
    const at = phone.world.clock.nowMs;
    phone.world.clock.advance(60_000);
    phone.host.ground.tree.write(`${ROOT}/note`, "second");
    phone.host.ground.tree.write(`${ROOT}/later`, "more");
    phone.world.clock.advance(60_000);
    backUpAgain(phone);
    expect(restoreElsewhere(phone, { at }).files).toEqual(before);
    expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
  });

  test("does not record a file again that was only looked at too soon after it changed", () => {
    const phone = pairPhone(() => undefined);
    phone.host.ground.tree.write(`${ROOT}/fresh`, "just now");
    backUp(phone);
    phone.world.clock.advance(60_000);
    const again = backUpAgain(phone);
    expect(again).toMatchObject({ outcome: "ok", requests: 3, bytesRead: 8 });
  });

  test("of paths so long that few of them fit one message comes back", () => {
    const phone = pairPhone(({ ground: { tree } }) => {
      let folder = ROOT;
      for (let depth = 0; depth < 20; depth++) folder += `/${"🎞".repeat(60)}`;
      tree.addFolder(folder);
      for (let i = 0; i < 150; i++) tree.write(`${folder}/${"🎞".repeat(58)}${i}`, `film ${i}`);
    });
    expect(backUp(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 150, filesWaiting: 0 } });
    expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
  });

  test("names what excludes a file, and keeps what was synced before restorable", () => {
    const phone = pairPhone(fillAlbum);
    backUp(phone);
    phone.host.drive({ kind: "add-root", name: "photos", locator: ROOT, excludes: ["f*", "!f1.txt", "trip/"] });
    phone.host.ground.tree.special(`${ROOT}/socket`, "socket");
    phone.host.ground.tree.special(`${ROOT}/pipe`, "pipe");
    const before = expectedTree(phone);
    const result = backUpAgain(phone);
    expect(countsOf(result)).toEqual({ filesSynced: 5, filesWaiting: 0, filesExcluded: 8 });
    const rules = new Map(result.counts.excluded.map(({ rule, files }) => [rule, files]));
    expect(rules).toEqual(
      new Map([
        ["f*", 5],
        ["trip/", 1],
        ["kind:socket", 1],
        ["kind:pipe", 1],
      ]),
    );
    expect(restoreElsewhere(phone).files).toEqual(before);
  });

  test("leaves out the folder that Coffre keeps its own state in", () => {
    const phone = pairPhone(
      ({ ground: { tree } }) => {
        tree.addFolder(`${ROOT}/.coffre`);
        tree.write(`${ROOT}/.coffre/state.db`, "changes all the time");
      },
      { ownFolders: [`${ROOT}/.coffre`] },
    );
    expect(backUp(phone)?.counts.excluded).toEqual([{ rule: "own-folder", files: 1 }]);
  });

  test("records nothing as gone when its root is away, or was replaced by an empty folder", () => {
    const phone = pairPhone(fillAlbum);
    backUp(phone);
    const before = expectedTree(phone);
    phone.host.ground.tree.rename(ROOT, "/elsewhere");
    const away = backUpAgain(phone);
    expect(away.outcome).toBe("waiting");
    expect(away.files).toEqual([{ root: "photos", path: "", reason: "root-unavailable" }]);
    phone.host.ground.tree.addFolder(ROOT);
    expect(backUpAgain(phone).outcome).toBe("waiting");
    expect(restoreElsewhere(phone).files).toEqual(before);
    phone.host.ground.tree.remove(ROOT);
    phone.host.ground.tree.rename("/elsewhere", ROOT);
    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", requests: 3 });
  });

  test("starts a new epoch when the first one is complete, and erases the secret of the old one", () => {
    const phone = pairPhone(fillAlbum);
    backUp(phone);
    const epochs = phone.host.store.query("SELECT number, state, erased FROM epoch ORDER BY number");
    expect(epochs.map(({ number, state, erased }) => [number, state, erased])).toEqual([
      [1, 1, 1],
      [2, 1, 0],
    ]);
    const secrets = phone.host.ground.slots.names("device").filter((name) => name.startsWith("epoch"));
    expect(secrets).toEqual(["epoch.2", "epoch.2.chunk", "epoch.2.record"]);
  });
});
