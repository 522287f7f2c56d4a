// Vaults that were made, and machines that joined, through crashes (docs/format.md F-13, F-15). Rule: whatever the
// moment, asking again ends with one vault, one device for each machine, words that open it, and no secret left behind.

import { describe, expect, test } from "vitest";
import type { Ask } from "../../engine/src/border/asks.ts";
import { createEngine } from "../../engine/src/index.ts";
import type { CrashPoint } from "../scripted-host/crash-point.ts";
import { onlyAccount } from "../scripted-host/hostile-server.ts";
import { htmlResponse } from "../scripted-host/http-exchange.ts";
import type { ScriptedHost } from "../scripted-host/scripted-host.ts";
import { VirtualWorld } from "../scripted-host/virtual-world.ts";
import { LOGIN, openVault, SERVER, Stage } from "./restore-stage.ts";

const CREATE: Ask = { kind: "create", server: SERVER, login: LOGIN, deviceName: "phone" };
const JOIN: Ask = { kind: "join", server: SERVER, login: LOGIN, deviceName: "laptop" };
const KEPT = ["dedup", "device-kem", "device-sign"];

function addMachine(world: VirtualWorld): ScriptedHost {
  return world.addHost({ makeEngine: createEngine });
}

/** Asks until there is a result, in as many processes as it takes. */
function askThroughCrashes(host: ScriptedHost, ask: Ask): unknown {
  for (;;) {
    host.start();
    const result = host.drive(ask);
    if (result !== null) return result;
  }
}

/** A step that is rolled back is the same as its input's effect being lost, as long as effects come one by one. */
function pointsOf(host: ScriptedHost): CrashPoint[] {
  return [
    ...Array.from({ length: host.steps }, (_, step) => ({ kind: "after-commit" as const, step })),
    ...Array.from({ length: host.effectsDone }, (_, effect) => ({ kind: "after-effect" as const, effect })),
  ];
}

function wordsOf(host: ScriptedHost): string[] {
  return host.views.flatMap((view) => (view.kind === "words" ? [view.words] : []));
}

/** Whether all is as it should be once `host` is paired. */
function checkPaired(world: VirtualWorld, host: ScriptedHost, devices: number): void {
  expect(world.server.state.accounts.size).toBe(1);
  expect(onlyAccount(world.server.state).roster.devices.size).toBe(devices);
  expect(host.ground.slots.names("device")).toEqual(KEPT);
  expect(host.ground.slots.names("memory")).toEqual([]);
}

describe("creating a vault", () => {
  test("keeps the device's own keys and erases everything else", () => {
    const world = new VirtualWorld();
    const phone = addMachine(world);
    expect(askThroughCrashes(phone, CREATE)).toMatchObject({ outcome: "ok" });
    checkPaired(world, phone, 1);
    expect(wordsOf(phone)).toHaveLength(1);
    expect(phone.drive(CREATE)).toMatchObject({ outcome: "failed", code: "user-already-paired" });
  });

  test("that is killed anywhere comes to one vault when it is asked again, and the words open it", () => {
    const undisturbed = addMachine(new VirtualWorld());
    askThroughCrashes(undisturbed, CREATE);
    for (const point of pointsOf(undisturbed)) {
      const world = new VirtualWorld();
      const phone = addMachine(world);
      phone.crashAt(point);
      const result = askThroughCrashes(phone, CREATE) as { readonly outcome: string; readonly code: string | null };
      // The result of an ask that had ended may be lost with the process; then the machine is paired.
      if (result.outcome !== "ok") expect({ point, code: result.code }).toEqual({ point, code: "user-already-paired" });
      phone.ground.slots.forgetMemory();
      checkPaired(world, phone, 1);
      const words = wordsOf(phone);
      expect({ point, different: new Set(words).size }).toEqual({ point, different: 1 });
      const reader = world.addHost({ makeEngine: createEngine, role: "restore" });
      reader.start();
      expect(openVault(reader, words[0])).toMatchObject({ outcome: "ok" });
    }
  });

  test.each([
    [{ login: "a" }, "user-login-malformed"],
    [{ passphrase: "short" }, "user-passphrase-too-short"],
    [{ passphrase: "aaaaaaaaaaaaaaa" }, "user-passphrase-too-few-different"],
    [{ passphrase: null }, "user-passphrase-missing"],
    [{ registration: "closed" as const }, "user-registration-closed"],
    [{ registration: "invitation" as const }, "user-invitation-required"],
    [{ registration: "invitation" as const, invitation: "wrong" }, "user-invitation-refused"],
    [{ taken: true }, "user-login-taken"],
    [{ html: true }, "peer-not-coffre"],
    [{ down: true }, "peer-unreachable"],
  ])("with %j fails with a name, and leaves no key behind", (choice, code) => {
    const { login, passphrase, registration, invitation, taken, html, down } = {
      ...{ login: LOGIN, passphrase: undefined, registration: undefined, invitation: undefined },
      ...{ taken: false, html: false, down: false },
      ...choice,
    };
    const world = new VirtualWorld();
    if (taken) askThroughCrashes(addMachine(world), CREATE);
    if (registration !== undefined) world.server.registration = registration;
    const phone = addMachine(world);
    if (passphrase !== undefined) phone.ground.prompt.passphrase = passphrase;
    if (html) phone.ground.link.faultOf = () => ({ kind: "answer", response: htmlResponse(200) });
    phone.ground.link.up = !down;
    phone.start();
    const ask = { ...CREATE, login, ...(invitation === undefined ? {} : { invitation }) } as Ask;
    expect(phone.drive(ask)).toMatchObject({ outcome: "failed", code });
    expect(wordsOf(phone)).toEqual([]);
    expect([...phone.ground.slots.names("device"), ...phone.ground.slots.names("memory")]).toEqual([]);
  });

  test("whose answer was lost finds its account again", () => {
    const world = new VirtualWorld();
    const phone = addMachine(world);
    phone.start();
    phone.ground.link.faultOf = ({ path }) => (path === "/v1/accounts" ? { kind: "lost-after" } : null);
    expect(phone.drive(CREATE)).toMatchObject({ outcome: "failed", code: "peer-unreachable" });
    phone.ground.link.faultOf = () => null;
    expect(phone.drive(CREATE)).toMatchObject({ outcome: "ok" });
    checkPaired(world, phone, 1);
    expect(wordsOf(phone)).toHaveLength(1);
  });
});

describe("joining a vault", () => {
  test("that is killed anywhere comes to one more device when it is asked again", () => {
    const stage = new Stage();
    const snapshot = stage.world.server.snapshot();
    const undisturbed = addMachine(stage.world);
    expect(askThroughCrashes(undisturbed, JOIN)).toMatchObject({ outcome: "ok" });
    for (const point of pointsOf(undisturbed)) {
      stage.world.server.restore(snapshot);
      const laptop = addMachine(stage.world);
      laptop.crashAt(point);
      const result = askThroughCrashes(laptop, JOIN) as { readonly outcome: string; readonly code: string | null };
      if (result.outcome !== "ok") expect({ point, code: result.code }).toEqual({ point, code: "user-already-paired" });
      checkPaired(stage.world, laptop, 2);
    }
  });

  test("at the same time as another machine keeps both", () => {
    const stage = new Stage();
    const machines = [addMachine(stage.world), addMachine(stage.world)];
    for (const machine of machines) {
      machine.start();
      machine.ask(JOIN);
    }
    for (let step = 0; step < 2_000; step++) for (const machine of machines) machine.step();
    for (const machine of machines) expect(machine.resultOf("join")).toMatchObject({ outcome: "ok" });
    checkPaired(stage.world, machines[0] as ScriptedHost, 3);
  });

  test("with a wrong passphrase fails with a name", () => {
    const stage = new Stage();
    const laptop = addMachine(stage.world);
    laptop.ground.prompt.passphrase = "another passphrase than that";
    laptop.start();
    expect(laptop.drive(JOIN)).toMatchObject({ outcome: "failed", code: "user-login-refused" });
    expect(laptop.ground.slots.names("memory")).toEqual([]);
  });
});
