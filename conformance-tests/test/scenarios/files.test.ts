// Stories of single files that make trouble, and of a server without room: each waits under its own reason.

import { describe, expect, test } from "vitest";
import { seededContent } from "../../scripted-host/file-content.ts";
import type { ScriptedHost } from "../../scripted-host/scripted-host.ts";
import { checkGuarantees } from "./guarantees.ts";
import { backUp, backUpAgain, expectedTree, type Phone, pairPhone, ROOT, restoreElsewhere } from "./phone.ts";

function fillPair({ ground: { tree } }: ScriptedHost): void {
  tree.write(`${ROOT}/good`, "good");
  tree.write(`${ROOT}/bad`, seededContent(1, 2_000_000));
}

/** Reason → files of what waits. */
function waitingOf(phone: Phone): Record<string, number> {
  const result = backUpAgain(phone);
  checkGuarantees(phone.host);
  return Object.fromEntries(result.counts.waiting.map(({ reason, files }) => [reason, files]));
}

describe("a file", () => {
  test("that may not be read waits for that, and is sent when it may be", () => {
    const phone = pairPhone(fillPair);
    phone.host.ground.tree.faults.fail(`${ROOT}/bad`, "permission");
    expect(waitingOf(phone)).toEqual({ unreadable: 1 });
    phone.host.ground.tree.faults.healAll();
    expect(waitingOf(phone)).toEqual({});
    expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
  });

  test("on a bad disk is tried a few times in a run, not in a loop", () => {
    const phone = pairPhone(fillPair);
    phone.host.ground.tree.faults.fail(`${ROOT}/bad`, "io");
    const before = phone.host.steps;
    expect(waitingOf(phone)).toEqual({ "io-error": 1 });
    expect(phone.host.steps - before).toBeLessThan(100);
  });

  test("that changes each time it is read waits, and is recorded as no version that never was", () => {
    const phone = pairPhone(fillPair);
    const { tree } = phone.host.ground;
    for (let read = 1; read <= 50; read++) {
      tree.faults.whileRead(`${ROOT}/bad`, () => tree.append(`${ROOT}/bad`, `more ${read}`), read);
    }
    expect(waitingOf(phone)).toEqual({ "still-changing": 1 });
    expect([...restoreElsewhere(phone).files.keys()]).toEqual(["photos", "photos/good"]);
    tree.faults.healAll();
    phone.world.clock.advance(60_000);
    expect(waitingOf(phone)).toEqual({});
    expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
  });

  test("that vanishes while it is read is gone at the end of the run", () => {
    const phone = pairPhone(fillPair);
    const { tree } = phone.host.ground;
    tree.faults.whileRead(`${ROOT}/bad`, () => tree.remove(`${ROOT}/bad`), 1);
    expect(waitingOf(phone)).toEqual({});
    expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
  });

  test("in a folder that cannot be listed any more stays as it was synced", () => {
    const phone = pairPhone(({ ground: { tree } }) => {
      tree.addFolder(`${ROOT}/album`);
      tree.write(`${ROOT}/album/a`, "a");
    });
    backUp(phone);
    phone.host.ground.tree.faults.fail(`${ROOT}/album`, "permission");
    expect(waitingOf(phone)).toEqual({ "folder-unreadable": 1 });
    phone.host.ground.tree.faults.healAll();
    expect(waitingOf(phone)).toEqual({});
    expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
  });

  test("whose path is beyond the format waits under that name", () => {
    const phone = pairPhone(({ ground: { tree } }) => {
      const folder = ROOT + "/d".repeat(513);
      tree.addFolder(folder);
      tree.write(`${folder}/deep`, "deep");
    });
    expect(waitingOf(phone)["path-too-long"]).toBeGreaterThan(0);
  });
});

describe("a server", () => {
  test("whose disk is full leaves files waiting for it, and takes them when there is room", () => {
    const phone = pairPhone(fillPair);
    phone.world.server.full = true;
    const beganMs = phone.world.clock.nowMs;
    expect(waitingOf(phone)).toEqual({ "server-full": 2 });
    // Whoever looks on is told in seconds, and not after the minute in which a line may come back.
    expect(phone.world.clock.nowMs - beganMs).toBeLessThan(30_000);
    phone.world.server.full = false;
    expect(waitingOf(phone)).toEqual({});
    expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
  });

  test("whose quota is used up ends the run at once, since waiting does not help", () => {
    const phone = pairPhone(fillPair);
    phone.world.server.quotaBytes = 1_000;
    const before = phone.host.ground.link.exchanges.length;
    expect(waitingOf(phone)).toEqual({ "quota-exceeded": 2 });
    expect(phone.host.ground.link.exchanges.length - before).toBeLessThan(15);
  });
});
