// A restore over a bad link, from a server that is restarted, slow or strict. Rule: what can still work is tried again,
// with patience that ends; what was done is never done twice.

import { describe, expect, test } from "vitest";
import { createEngine } from "../../engine/src/index.ts";
import { seededContent } from "../scripted-host/file-content.ts";
import { listTree } from "../scripted-host/tree-listing.ts";
import { LOGIN, openVault, restore, SERVER, Stage } from "./restore-stage.ts";

function makeStage(): Stage {
  const stage = new Stage();
  for (let number = 0; number < 5; number++) stage.backUp({ [`${number}`]: seededContent(number, 2_000_000 + number) });
  return stage;
}

describe("a restore", () => {
  test("comes to its end over a link on which every fifth exchange breaks off", () => {
    const stage = makeStage();
    const reader = stage.reader();
    reader.ground.link.failureRate = 0.2;
    expect(restore(reader)).toMatchObject({ outcome: "ok", filesRestored: 5 });
    expect(listTree(reader.ground.tree, "/target/all")).toEqual(listTree(stage.phone.ground.tree, "/phone"));
  });

  test("logs in again when its token ends in the middle", () => {
    const stage = makeStage();
    const reader = stage.reader();
    let blobs = 0;
    reader.ground.link.faultOf = ({ path }) => {
      if (path.includes("/blobs/") && ++blobs === 3) stage.world.server.forgetTokens();
      return null;
    };
    expect(restore(reader)).toMatchObject({ outcome: "ok", filesRestored: 5 });
    expect(reader.ground.link.exchanges.filter(({ path }) => path === "/v1/sessions").length).toBe(2);
  });

  test("gives up when fresh tokens are refused too", () => {
    const stage = makeStage();
    const reader = stage.reader();
    reader.ground.link.faultOf = ({ path }) => {
      if (path.includes("/blobs/")) stage.world.server.forgetTokens();
      return null;
    };
    expect(restore(reader)).toMatchObject({ outcome: "failed", code: "peer-refused" });
  });

  test("waits as long as a busy server asks, and then goes on", () => {
    const stage = makeStage();
    const reader = stage.reader();
    const startMs = stage.world.clock.nowMs;
    stage.world.server.refuse = ({ path }) =>
      path.includes("/blobs/") && stage.world.clock.nowMs < startMs + 120_000
        ? { code: "too-many-requests", retryAfterS: 130 }
        : null;
    expect(restore(reader)).toMatchObject({ outcome: "ok", filesRestored: 5 });
  });

  test.each([
    ["too-many-requests", 1],
    ["busy", 3],
    ["busy", 3_600],
  ] as const)(
    "gives up within five minutes when it is %s for ever, and says until when the server asks to wait",
    (code, retryAfterS) => {
      const stage = makeStage();
      const reader = stage.reader();
      stage.world.server.refuse = ({ path }) => (path.includes("/blobs/") ? { code, retryAfterS } : null);
      const startMs = stage.world.clock.nowMs;
      expect(restore(reader)).toMatchObject({ outcome: "failed", code: "peer-busy" });
      expect(stage.world.clock.nowMs - startMs).toBeLessThan(302_000);
      const told = reader.views.filter((view) => view.kind === "notice" && view.code === "server-asks-to-wait");
      expect(told.length).toBeGreaterThan(0);
      expect(told.length).toBeLessThan(12);
    },
  );

  test("is not begun for ever either: pairing and opening a vault give up as well", () => {
    const stage = makeStage();
    stage.world.server.refuse = () => ({ code: "busy", retryAfterS: 3 });
    const server = SERVER;
    const newcomer = stage.world.addHost({ makeEngine: createEngine });
    newcomer.start();
    for (const ask of [
      { kind: "create", server, login: "new", deviceName: "new" },
      { kind: "join", server, login: LOGIN, deviceName: "new" },
    ] as const) {
      expect(newcomer.drive(ask, 302_000)).toMatchObject({ outcome: "failed", code: "peer-busy" });
    }
    const reader = stage.world.addHost({ makeEngine: createEngine, role: "restore" });
    reader.start();
    const open = { kind: "open-vault", server, login: LOGIN } as const;
    expect(reader.drive(open, 302_000)).toMatchObject({ outcome: "failed", code: "peer-busy" });
    for (const { views } of [newcomer, reader]) {
      expect(views.some((view) => view.kind === "notice" && view.code === "server-asks-to-wait")).toBe(true);
    }
  });

  test("gives up a minute after the server was lost, and a later ask goes on where it was", () => {
    const stage = makeStage();
    const reader = stage.reader();
    let blobs = 0;
    reader.ground.link.faultOf = ({ path }) => {
      if (path.includes("/blobs/") && ++blobs > 2) reader.ground.link.up = false;
      return null;
    };
    const startMs = stage.world.clock.nowMs;
    expect(restore(reader)).toMatchObject({ outcome: "failed", code: "peer-unreachable" });
    expect(stage.world.clock.nowMs - startMs).toBeGreaterThan(10_000);
    expect(stage.world.clock.nowMs - startMs).toBeLessThan(70_000);
    reader.ground.link.up = true;
    reader.ground.link.faultOf = () => null;
    const seen = reader.ground.link.exchanges.length;
    expect(restore(reader)).toMatchObject({ outcome: "ok", filesRestored: 5 });
    expect(reader.ground.link.exchanges.slice(seen).filter(({ path }) => path.includes("/blobs/")).length).toBeLessThan(
      5,
    );
  });

  test("gives up when the server has an error for everything", () => {
    const stage = makeStage();
    const reader = stage.reader();
    stage.world.server.refuse = () => ({ code: "internal" });
    expect(restore(reader)).toMatchObject({ outcome: "failed", code: "peer-error", filesFailed: 0 });
    stage.world.server.refuse = () => null;
    expect(restore(reader)).toMatchObject({ outcome: "ok", filesRestored: 5 });
  });

  test("says within seconds that there is no server", () => {
    const stage = makeStage();
    const reader = stage.reader();
    reader.ground.link.up = false;
    const startMs = stage.world.clock.nowMs;
    expect(openVault(reader)).toMatchObject({ outcome: "failed", code: "peer-unreachable" });
    expect(stage.world.clock.nowMs - startMs).toBeLessThanOrEqual(9_000);
  });
});
