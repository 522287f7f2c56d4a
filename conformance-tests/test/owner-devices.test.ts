// An owner who renames devices and shuts one out (docs/format.md F-34 to F-37). Rule: who is shut out is so at once and for good,
// and what was backed up before stays whole.

import { describe, expect, test } from "vitest";
import { createEngine } from "../../engine/src/index.ts";
import { rollBackStructures } from "../scripted-host/hostile-server.ts";
import type { ScriptedHost } from "../scripted-host/scripted-host.ts";
import { askThroughCrashes, deviceOf, joinLaptop, MINUTE_MS, write } from "./owner-stage.ts";
import { damagesOf, LOGIN, listed, openVault, restore, SERVER, Stage, textAt } from "./restore-stage.ts";

/** A vault whose laptop backed up one honest version of a file and one after it was stolen, and the time between both. */
function stolen(): { stage: Stage; laptop: ScriptedHost; theftMs: number } {
  const stage = new Stage();
  stage.backUp({ a: "a" });
  const laptop = joinLaptop(stage);
  expect(write(stage, laptop, "x", "honest")).toMatchObject({ outcome: "ok" });
  stage.world.clock.advance(60 * MINUTE_MS);
  const theftMs = stage.world.clock.nowMs;
  stage.world.clock.advance(60 * MINUTE_MS);
  expect(write(stage, laptop, "x", "the thief's")).toMatchObject({ outcome: "ok" });
  expect(write(stage, laptop, "y", "a photo from after the theft")).toMatchObject({ outcome: "ok" });
  return { stage, laptop, theftMs };
}

describe("a device that its owner revokes", () => {
  test("is shut out at its next request, and says so", () => {
    const { stage, laptop, theftMs } = stolen();
    stage.reader().drive({ kind: "revoke-device", device: "laptop", since: theftMs });
    expect(write(stage, laptop, "z", "too late")).toMatchObject({ outcome: "failed", code: "peer-device-revoked" });
    laptop.ask({ kind: "status" });
    laptop.runFor(10);
    expect(laptop.views.findLast(({ kind }) => kind === "status")).toMatchObject({ state: "revoked" });
    laptop.stop();
    laptop.start();
    expect(laptop.drive({ kind: "backup", mode: "once" })).toMatchObject({ code: "peer-device-revoked" });
    stage.phone.ground.tree.write("/phone/b", "the other device goes on");
    stage.drive({ kind: "backup", mode: "once" });
  });

  test("with an upload on its way has it refused, and ends", () => {
    const { stage, laptop, theftMs } = stolen();
    const reader = stage.reader();
    laptop.ground.link.faultOf = ({ path }) => {
      if (path.startsWith("/v1/blobs/") && !path.endsWith("missing")) {
        laptop.ground.link.faultOf = () => null;
        reader.drive({ kind: "revoke-device", device: "laptop", since: theftMs });
      }
      return null;
    };
    expect(write(stage, laptop, "z", "on its way")).toMatchObject({ outcome: "failed", code: "peer-device-revoked" });
    expect(deviceOf(reader, "laptop")).toMatchObject({ revokedAfter: 1 });
  });

  test("loses what it recorded since a time, and earlier versions are restored", () => {
    const { stage, theftMs } = stolen();
    const owner = stage.reader();
    expect(owner.drive({ kind: "revoke-device", device: "laptop", since: theftMs })).toMatchObject({
      outcome: "ok",
      revokedAfter: 1,
    });
    for (const reader of [owner, stage.reader()]) {
      expect(restore(reader)).toMatchObject({ outcome: "ok", filesRestored: 2 });
      expect(textAt(reader, "/target/work/x")).toBe("honest");
      expect(textAt(reader, "/target/work/y")).toBeNull();
    }
  });

  test("leaves what was shut out within reach, marked", () => {
    const { stage, theftMs } = stolen();
    stage.reader().drive({ kind: "revoke-device", device: "laptop", since: theftMs });
    const reader = stage.reader();
    const marked = listed(reader, { withRevoked: true }).flatMap((e) => (e.afterRevocation === true ? [e.path] : []));
    expect(marked).toEqual(["", "x", "y"]);
    expect(listed(reader).some(({ afterRevocation }) => afterRevocation === true)).toBe(false);
    expect(listed(reader).map(({ path }) => path)).not.toContain("y");
    expect(restore(reader, { withRevoked: true })).toMatchObject({ outcome: "ok", filesRestored: 3 });
    expect(textAt(reader, "/target/work/y")).toBe("a photo from after the theft");
    const named = damagesOf(reader).filter(({ path }) => path !== undefined);
    expect(named).toEqual(
      ["x", "y"].map((path) => {
        return { code: "record-after-revocation", device: "laptop", root: "work", path };
      }),
    );
  });

  test("keeps all that it recorded when its owner names no time", () => {
    const { stage } = stolen();
    const reader = stage.reader();
    expect(reader.drive({ kind: "revoke-device", device: "laptop" })).toMatchObject({ revokedAfter: 3 });
    expect(restore(reader)).toMatchObject({ outcome: "ok", filesRestored: 3 });
  });

  test("shows beforehand what each answer shuts out", () => {
    const { stage, theftMs } = stolen();
    const reader = stage.reader();
    expect(reader.drive({ kind: "shut-out", device: "laptop", since: theftMs })).toMatchObject({
      outcome: "ok",
      choices: [{ sinceMs: theftMs, lastNumber: 1, records: 2, files: 2 }],
    });
    expect(reader.drive({ kind: "shut-out", device: "laptop" })).toMatchObject({
      choices: [{ lastNumber: 0, records: 3, files: 3 }],
    });
  });

  test("is named in vain by a name that no device has, or that does not tell two apart", () => {
    const { stage } = stolen();
    const reader = stage.reader();
    for (const device of ["tablet", "", "0", "lap"]) {
      const refused = { outcome: "failed", code: "user-device-unknown" };
      expect(reader.drive({ kind: "revoke-device", device })).toMatchObject(refused);
    }
    const { device = "" } = deviceOf(reader, "laptop") ?? {};
    expect(reader.drive({ kind: "revoke-device", device: device.slice(0, 8) })).toMatchObject({ outcome: "ok" });
  });

  test("is never let in again: a later time is not taken, an earlier one is", () => {
    const { stage, theftMs } = stolen();
    const reader = stage.reader();
    const revoke = (since?: number) =>
      reader.drive({ kind: "revoke-device", device: "laptop", ...(since === undefined ? {} : { since }) });
    expect(revoke(theftMs)).toMatchObject({ revokedAfter: 1 });
    expect(revoke()).toMatchObject({ outcome: "ok", revokedAfter: 1 });
    expect(revoke(0)).toMatchObject({ outcome: "ok", revokedAfter: 0 });
    expect(restore(reader)).toMatchObject({ outcome: "ok", filesRestored: 1 });
  });

  test("is shut out by the time of receipts, also when the server's clock was a year ahead for a while", () => {
    const { stage, laptop } = stolen();
    stage.world.server.skewMs = 365 * 86_400_000;
    write(stage, laptop, "leap", "recorded while the clock was ahead");
    stage.world.server.skewMs = 0;
    const sinceMs = stage.world.clock.nowMs;
    write(stage, laptop, "after", "recorded after it came back");
    const reader = stage.reader();
    expect(reader.drive({ kind: "shut-out", device: "laptop", since: sinceMs })).toMatchObject({
      choices: [{ lastNumber: 3, records: 2 }],
    });
  });
});

test("a revocation comes to the same end from a crash at every point, and from a lost answer", () => {
  const { stage, theftMs } = stolen();
  const ask = { kind: "revoke-device", device: "laptop", since: theftMs } as const;
  const before = stage.world.server.snapshot();
  const first = stage.reader();
  const begun = { steps: first.steps, effects: first.effectsDone };
  first.drive(ask);
  for (let effect = begun.effects; effect < first.effectsDone; effect++) {
    stage.world.server.restore(before);
    const reader = stage.world.addHost({ makeEngine: createEngine, role: "restore" });
    reader.crashAt({ kind: "after-effect", effect });
    const { result, processes } = askThroughCrashes(stage, reader, ask);
    expect({ effect, result, processes }).toMatchObject({ effect, result: { revokedAfter: 1 }, processes: 2 });
    expect(stage.account.roster.revocations.size).toBe(1);
    reader.stop();
  }
});

describe("rosters that two clients sign", () => {
  test("at once hold what both of them wanted", () => {
    const { stage, theftMs } = stolen();
    const [one, other] = [stage.reader(), stage.reader()];
    expect(one.drive({ kind: "rename-device", device: "phone", name: "old phone" })).toMatchObject({ outcome: "ok" });
    expect(other.drive({ kind: "revoke-device", device: "laptop", since: theftMs })).toMatchObject({ outcome: "ok" });
    const reader = stage.reader();
    expect(deviceOf(reader, "old phone")).toMatchObject({ revokedAfter: null });
    expect(deviceOf(reader, "laptop")).toMatchObject({ revokedAfter: 1 });
  });

  test("follow the highest that this machine saw, not an older one that the server shows", () => {
    const { stage, theftMs } = stolen();
    const before = { ...stage.account };
    const owner = stage.world.addHost({ makeEngine: createEngine, role: "restore" });
    owner.start();
    const open = (known: readonly string[]) => owner.drive({ kind: "open-vault", server: SERVER, login: LOGIN, known });
    open([]);
    owner.drive({ kind: "revoke-device", device: "laptop", since: theftMs });
    const known = owner.views.flatMap((view) => (view.kind === "evidence" ? [view.known] : []));
    rollBackStructures(stage.account, before);
    expect(open(known.slice(-1))).toMatchObject({ outcome: "ok" });
    expect(owner.drive({ kind: "rename-device", device: "phone", name: "new" })).toMatchObject({ outcome: "ok" });
    expect(stage.account.roster.revocations.size).toBe(1);
  });
});

describe("a device that its owner renames", () => {
  test("has the new name for every reader, and takes a number where another is called so", () => {
    const { stage } = stolen();
    const reader = stage.reader();
    expect(reader.drive({ kind: "rename-device", device: "laptop", name: "desk" })).toMatchObject({
      deviceName: "desk",
    });
    expect(reader.drive({ kind: "rename-device", device: "phone", name: "desk" })).toMatchObject({
      deviceName: "desk-2",
    });
    const version = stage.account.roster;
    expect(reader.drive({ kind: "rename-device", device: "desk-2", name: "desk" })).toMatchObject({
      deviceName: "desk-2",
    });
    expect(stage.account.roster).toBe(version);
    expect(listed(stage.reader()).map(({ device }) => device)).toContain("desk");
    expect(openVault(reader)).toMatchObject({ outcome: "ok" });
  });
});
