// What the scenarios of an owner who changes a vault begin with: a vault of two devices, and readers of it that keep what they
// saw. Rule: as in `restore-stage.ts`.

import { expect } from "vitest";
import type { Ask } from "../../engine/src/border/asks.ts";
import type { Result } from "../../engine/src/border/results.ts";
import { createEngine } from "../../engine/src/index.ts";
import type { ScriptedHost } from "../scripted-host/scripted-host.ts";
import { LOGIN, openVault, SERVER, type Stage } from "./restore-stage.ts";

export const MINUTE_MS = 60_000;

/** A second device of the stage's vault, whose folder `/laptop` is a root of its name. */
export function joinLaptop(stage: Stage): ScriptedHost {
  const laptop = stage.world.addHost({ makeEngine: createEngine });
  laptop.ground.tree.addFolder("/laptop");
  laptop.start();
  const joined = laptop.drive({ kind: "join", server: SERVER, login: LOGIN, deviceName: "laptop" });
  expect(joined).toMatchObject({ outcome: "ok", deviceName: "laptop" });
  laptop.drive({ kind: "add-root", name: "work", locator: "/laptop", excludes: [] });
  return laptop;
}

/** Writes a file of the laptop, and backs it up a minute later. */
export function write(stage: Stage, laptop: ScriptedHost, name: string, text: string): Result | null {
  laptop.ground.tree.write(`/laptop/${name}`, text);
  stage.world.clock.advance(MINUTE_MS);
  return laptop.drive({ kind: "backup", mode: "once" });
}

/** A device of the vault by the answer of `devices`. */
export function deviceOf(reader: ScriptedHost, name: string) {
  const result = reader.drive({ kind: "devices" });
  if (result?.ask !== "devices") throw new Error("expected devices");
  return result.devices.find((device) => device.name === name);
}

/** Asks over as many processes as it takes, each of which opens the vault first, by its words: they cost no Argon2id. */
export function askThroughCrashes(stage: Stage, reader: ScriptedHost, ask: Ask): { result: Result; processes: number } {
  for (let processes = 1; ; processes++) {
    reader.start();
    const opened = openVault(reader, stage.words);
    if (opened === null) continue;
    expect(opened).toMatchObject({ outcome: "ok" });
    const result = reader.drive(ask);
    if (result !== null) return { result, processes };
  }
}
