// Processes that go on after a run has ended, as a phone's may for weeks. Rule: a run's end says nothing of the next one.

import { createEngine } from "coffre-engine";
import { describe, expect, test } from "vitest";
import { VirtualWorld } from "../../scripted-host/virtual-world.ts";
import { backUp, LOGIN, type Phone, pairPhone, ROOT, SERVER } from "./phone.ts";

const HOUR_MS = 3_600_000;

/** A phone of which one file waits, and whose process goes on. */
function phoneThatGoesOn(): Phone {
  return pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/a`, "first"));
}

describe("a backup in a process that had another before", () => {
  test("is not stopped because that one was", () => {
    const phone = phoneThatGoesOn();
    phone.host.ask({ kind: "backup", mode: "watch" });
    phone.host.runFor(1_000);
    phone.host.ask({ kind: "stop" });
    phone.host.runFor(1_000);
    phone.host.ground.tree.write(`${ROOT}/b`, "second");
    expect(backUp(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 2 } });
  });

  test("is not stopped because somebody said stop while nothing ran", () => {
    const phone = phoneThatGoesOn();
    phone.host.ask({ kind: "stop" });
    phone.host.runFor(1_000);
    expect(backUp(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 1 } });
  });

  test("does not fail because that one could not speak for a moment of the server", () => {
    const phone = phoneThatGoesOn();
    const { link } = phone.host.ground;
    link.up = false;
    expect(backUp(phone)).toMatchObject({ outcome: "failed", code: "peer-unreachable" });
    link.up = true;
    phone.host.runFor(HOUR_MS);
    let broken = 0;
    link.faultOf = () => (broken++ === 0 ? { kind: "lost-before" } : null);
    expect(backUp(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 1 } });
    expect(broken).toBeGreaterThan(1);
  });

  test("says why it ended while a pause goes on that the server asked for", () => {
    const phone = phoneThatGoesOn();
    phone.world.server.refuse = () => ({ code: "busy", retryAfterS: 600 });
    expect(backUp(phone)).toMatchObject({ outcome: "failed", code: "peer-busy" });
    const asked = phone.host.ground.link.exchanges.length;
    expect(backUp(phone)).toMatchObject({ outcome: "failed", code: "peer-busy" });
    expect(phone.host.ground.link.exchanges.length).toBe(asked);
  });
});

test("a folder that could not be listed waits no longer than until it is listed", () => {
  const phone = phoneThatGoesOn();
  const { host } = phone;
  const { tree } = host.ground;
  tree.write(`${ROOT}/album/a`, "in it");
  tree.faults.fail(`${ROOT}/album`, "io", 1);
  host.ask({ kind: "backup", mode: "watch" });
  host.runFor(10_000);
  tree.write(`${ROOT}/album/b`, "in it too");
  host.runFor(60_000);
  host.ask({ kind: "status" });
  host.runFor(10);
  expect(host.views.findLast(({ kind }) => kind === "status")).toMatchObject({ counts: { filesWaiting: 0 } });
});

test("a backup before the phone is paired does not fail the one after it", () => {
  const host = new VirtualWorld(1).addHost({ makeEngine: createEngine });
  host.ground.tree.write(`${ROOT}/a`, "first");
  host.start();
  expect(host.drive({ kind: "backup", mode: "once" })).toMatchObject({ code: "user-not-paired" });
  host.drive({ kind: "create", server: SERVER, login: LOGIN, deviceName: "phone" });
  host.drive({ kind: "add-root", name: "photos", locator: ROOT, excludes: [] });
  expect(host.drive({ kind: "backup", mode: "once" })).toMatchObject({ outcome: "ok", counts: { filesSynced: 1 } });
});

test("a backup ends although the end of an epoch was asked for that never began", () => {
  const phone = phoneThatGoesOn();
  phone.host.ground.tree.faults.fail(`${ROOT}/a`, "io", 1);
  phone.host.ask({ kind: "rotate" });
  expect(backUp(phone)).toMatchObject({ outcome: "waiting", counts: { filesWaiting: 1 } });
  expect(backUp(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 1 } });
});
