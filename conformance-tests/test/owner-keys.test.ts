// An owner who changes what opens the vault (docs/protocol.md P-24, P-25). Rule: what was backed up stays whole, the old secret opens
// nothing at the server, and a run that ends anywhere leaves a secret that opens it.

import { describe, expect, test } from "vitest";
import { createEngine } from "../../engine/src/index.ts";
import type { ScriptedHost } from "../scripted-host/scripted-host.ts";
import { askThroughCrashes } from "./owner-stage.ts";
import { LOGIN, openVault, restore, SERVER, Stage } from "./restore-stage.ts";

const OTHER = "another good passphrase";

function stageWithFile(): Stage {
  const stage = new Stage();
  stage.backUp({ a: "a", b: "b" });
  return stage;
}

function stranger(stage: Stage, passphrase?: string): ScriptedHost {
  const host = stage.world.addHost({
    makeEngine: createEngine,
    role: "restore",
    ...(passphrase === undefined ? {} : { passphrase }),
  });
  host.start();
  return host;
}

function expectWhole(reader: ScriptedHost, words?: string): void {
  expect(openVault(reader, words)).toMatchObject({ outcome: "ok" });
  expect(restore(reader)).toMatchObject({ outcome: "ok", filesRestored: 2, filesFailed: 0 });
}

describe("another passphrase", () => {
  test("opens the vault, whole; the old one does not, and the words still do", () => {
    const stage = stageWithFile();
    const blobs = [...stage.account.blobs.keys()];
    const owner = stage.reader();
    owner.ground.prompt.passphrase = OTHER;
    expect(owner.drive({ kind: "change-passphrase" })).toMatchObject({ outcome: "ok" });
    expect(stage.account.object.number).toBe(2);
    expect([...stage.account.blobs.keys()]).toEqual(blobs);
    expect(openVault(stranger(stage))).toMatchObject({ outcome: "failed", code: "user-login-refused" });
    expectWhole(stranger(stage, OTHER));
    expectWhole(stranger(stage), stage.words);
    expect(stage.backUp({ c: "the phone goes on" })).toHaveLength(1);
    // The same session goes on too, and can change it once more.
    expect(owner.drive({ kind: "rename-device", device: "phone", name: "mine" })).toMatchObject({ outcome: "ok" });
  });

  test("that is too easy to guess changes nothing", () => {
    const stage = stageWithFile();
    const owner = stage.reader();
    owner.ground.prompt.passphrase = "short";
    expect(owner.drive({ kind: "change-passphrase" })).toMatchObject({ code: "user-passphrase-too-short" });
    expect(stage.account.object.number).toBe(1);
  });

  test("whose answer is lost is put again, and counts once", () => {
    const stage = stageWithFile();
    const owner = stage.reader();
    owner.ground.prompt.passphrase = OTHER;
    let lost = 0;
    owner.ground.link.faultOf = ({ path, method }) =>
      method === "PUT" && path === "/v1/vault" && lost++ === 0 ? { kind: "lost-after" } : null;
    expect(owner.drive({ kind: "change-passphrase" })).toMatchObject({ outcome: "ok" });
    expect([lost, stage.account.object.number]).toEqual([2, 2]);
    expectWhole(stranger(stage, OTHER));
  });
});

describe("other words", () => {
  function renewed(owner: ScriptedHost): string {
    expect(owner.drive({ kind: "renew-words" })).toMatchObject({ outcome: "ok" });
    return owner.views.flatMap((view) => (view.kind === "words" ? [view.words] : [])).at(-1) ?? "";
  }

  test("open the vault, whole; the old ones do not, and the passphrase still does", () => {
    const stage = stageWithFile();
    const words = renewed(stage.reader());
    expect(words.split(" ")).toHaveLength(24);
    expect(openVault(stranger(stage), stage.words)).toMatchObject({ outcome: "failed", code: "user-login-refused" });
    expectWhole(stranger(stage), words);
    expectWhole(stranger(stage));
  });

  test("may be made by whoever has the old ones alone", () => {
    const stage = stageWithFile();
    const owner = stranger(stage);
    expect(openVault(owner, stage.words)).toMatchObject({ outcome: "ok" });
    expectWhole(stranger(stage), renewed(owner));
  });

  test("after a crash at any point leave the vault open to the old or to those that were shown last", () => {
    const stage = stageWithFile();
    const before = stage.world.server.snapshot();
    const first = stranger(stage);
    expect(openVault(first, stage.words)).toMatchObject({ outcome: "ok" });
    const begun = first.effectsDone;
    first.drive({ kind: "renew-words" });
    for (let effect = begun; effect < first.effectsDone; effect++) {
      stage.world.server.restore(before);
      const owner = stranger(stage);
      owner.crashAt({ kind: "after-effect", effect });
      expect(openVault(owner, stage.words)).toMatchObject({ outcome: "ok" });
      expect(owner.drive({ kind: "renew-words" })).toBeNull();
      const shown = owner.views.flatMap((view) => (view.kind === "words" ? [view.words] : [])).at(-1);
      const opens = [stage.words, ...(shown === undefined ? [] : [shown])].filter(
        (words) => openVault(stranger(stage), words)?.outcome === "ok",
      );
      expect({ effect, opens: opens.length }).toEqual({ effect, opens: 1 });
    }
  });
});

describe("a second factor that the server asks for", () => {
  test("is asked for at a login, and a code lets in", () => {
    const stage = stageWithFile();
    stage.account.secondFactor = "123456";
    const reader = stranger(stage);
    expect(openVault(reader)).toMatchObject({ outcome: "failed", code: "user-second-factor-required" });
    const open = (code: string) => reader.drive({ kind: "open-vault", server: SERVER, login: LOGIN, code });
    expect(open("000000")).toMatchObject({ code: "user-login-refused" });
    expect(open("123456")).toMatchObject({ outcome: "ok" });
    const laptop = stage.world.addHost({ makeEngine: createEngine });
    laptop.start();
    const join = { kind: "join", server: SERVER, login: LOGIN, deviceName: "laptop" } as const;
    expect(laptop.drive(join)).toMatchObject({ code: "user-second-factor-required" });
    expect(laptop.drive({ ...join, code: "123456" })).toMatchObject({ outcome: "ok" });
    expect(stage.account.roster.devices.size).toBe(2);
  });
});

test("a change of the passphrase is repeated after a crash by whoever knows the words", () => {
  const stage = stageWithFile();
  const owner = stranger(stage, OTHER);
  owner.crashAt({ kind: "after-effect", effect: 12 });
  const { result } = askThroughCrashes(stage, owner, { kind: "change-passphrase" });
  expect(result).toMatchObject({ outcome: "ok" });
  expectWhole(stranger(stage, OTHER));
});
