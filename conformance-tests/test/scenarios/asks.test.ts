// Several who ask for a backup, and processes that send what waits or go on with a sweep. Rule: each ask gets its own result,
// and that result is true of what was there when it was asked.

import { describe, expect, test } from "vitest";
import type { BackupMode } from "../../../engine/src/border/asks.ts";
import type { WorkEffect } from "../../scripted-host/effects.ts";
import type { ScriptedHost } from "../../scripted-host/scripted-host.ts";
import { type BackupResult, backUp, type Phone, pairPhone, ROOT } from "./phone.ts";

const HOUR_MS = 3_600_000;

/** `listed` gets the paths of folders that scans are asked for. */
function phoneWithNotes(count: number, listed: string[] = []): Phone {
  const fill = ({ ground: { tree } }: ScriptedHost): void => {
    for (let i = 0; i < count; i++) tree.write(`${ROOT}/folder ${i}/note`, `note ${i}`);
  };
  const delayMs = (effect: WorkEffect): number => {
    if (effect.kind === "scan") listed.push(...effect.folders.map(({ path }) => path));
    return 0;
  };
  return pairPhone(fill, { delayMs });
}

function resultsOf({ views }: ScriptedHost, seen = 0): BackupResult[] {
  return views.slice(seen).flatMap((view) => (view.kind === "result" && view.ask === "backup" ? [view] : []));
}

function askFor({ host }: Phone, ...modes: BackupMode[]): void {
  for (const mode of modes) host.ask({ kind: "backup", mode });
}

describe("three asks for a backup", () => {
  test("at once get three results", () => {
    const phone = phoneWithNotes(3);
    askFor(phone, "once", "once", "once");
    phone.host.runFor(HOUR_MS);
    expect(resultsOf(phone.host)).toMatchObject(Array(3).fill({ outcome: "ok", mode: "once" }));
  });

  test("while one is under way get three results, and the later ones know what came meanwhile", () => {
    const phone = phoneWithNotes(3);
    phone.host.ground.link.latencyMs = 500;
    askFor(phone, "once");
    phone.host.runFor(1_500);
    phone.host.ground.tree.write(`${ROOT}/later`, "later");
    askFor(phone, "once", "changed");
    phone.host.runFor(HOUR_MS);
    const results = resultsOf(phone.host);
    expect(results.map(({ outcome, mode }) => `${mode} ${outcome}`)).toEqual(["once ok", "once ok", "changed ok"]);
    expect(results.at(-1)?.counts.filesSynced).toBe(4);
    expect(results[0]?.requests).toBeGreaterThan(0);
  });

  test("of which one is a watch get two results, and the watch goes on", () => {
    const phone = phoneWithNotes(3);
    askFor(phone, "watch");
    phone.host.runFor(HOUR_MS);
    phone.host.ground.tree.write(`${ROOT}/later`, "later");
    askFor(phone, "once", "once");
    phone.host.runFor(60_000);
    expect(resultsOf(phone.host)).toMatchObject(Array(2).fill({ outcome: "ok", mode: "once" }));
    phone.host.ground.tree.write(`${ROOT}/still later`, "still later");
    phone.host.runFor(60_000);
    phone.host.ask({ kind: "status" });
    phone.host.runFor(10);
    expect(phone.host.views.findLast(({ kind }) => kind === "status")).toMatchObject({ counts: { filesSynced: 5 } });
    phone.host.ask({ kind: "stop" });
    phone.host.runFor(60_000);
    expect(resultsOf(phone.host).at(-1)).toMatchObject({ mode: "watch", outcome: "failed", code: "user-stopped" });
    expect(resultsOf(phone.host)).toHaveLength(3);
  });

  test("are all ended by a stop, and by what ends any run", () => {
    const phone = phoneWithNotes(3);
    phone.host.ground.link.latencyMs = 500;
    askFor(phone, "once");
    phone.host.runFor(1_500);
    askFor(phone, "once", "watch");
    phone.host.ask({ kind: "stop" });
    phone.host.runFor(60_000);
    expect(resultsOf(phone.host)).toMatchObject(Array(3).fill({ outcome: "failed", code: "user-stopped" }));
    askFor(phone, "once", "watch", "changed");
    phone.host.ground.link.faultOf = () => ({ kind: "no-answer", reason: "pin" });
    phone.host.runFor(60_000);
    expect(resultsOf(phone.host).slice(3)).toMatchObject(Array(3).fill({ outcome: "failed", code: "peer-pin" }));
  });
});

describe("an ask that comes after a stop", () => {
  test.each([undefined, "once"] as const)(
    "of %s gets a run of its own, also when the stopped one has not ended yet",
    (mode) => {
      const phone = phoneWithNotes(3);
      phone.host.ground.link.latencyMs = 500;
      askFor(phone, "once");
      phone.host.runFor(1_500);
      askFor(phone, "once");
      phone.host.ask({ kind: "stop", ...(mode === undefined ? {} : { mode }) });
      askFor(phone, "once");
      phone.host.runFor(60_000);
      expect(resultsOf(phone.host)).toMatchObject([
        { outcome: "failed", code: "user-stopped" },
        { outcome: "failed", code: "user-stopped" },
        { outcome: "ok", counts: { filesSynced: 3 } },
      ]);
    },
  );
});

describe("a stop that names a mode", () => {
  test("ends those who asked for that, and the watch that they held up goes on", () => {
    const phone = phoneWithNotes(3);
    phone.host.ground.link.latencyMs = 500;
    askFor(phone, "watch");
    phone.host.runFor(60_000);
    askFor(phone, "once", "once");
    phone.host.ask({ kind: "stop", mode: "once" });
    phone.host.runFor(60_000);
    const stopped = { mode: "once", outcome: "failed", code: "user-stopped" };
    expect(resultsOf(phone.host)).toMatchObject([stopped, stopped]);
    phone.host.ground.tree.write(`${ROOT}/later`, "later");
    phone.host.runFor(60_000);
    phone.host.ask({ kind: "status" });
    phone.host.runFor(10);
    expect(phone.host.views.findLast(({ kind }) => kind === "status")).toMatchObject({ counts: { filesSynced: 4 } });
  });

  test("ends a watch, and the backup for which it stepped aside comes to its end", () => {
    const phone = phoneWithNotes(3);
    phone.host.ground.link.latencyMs = 500;
    askFor(phone, "watch", "once");
    phone.host.ask({ kind: "stop", mode: "watch" });
    phone.host.runFor(HOUR_MS);
    expect(resultsOf(phone.host)).toMatchObject([
      { mode: "watch", outcome: "failed", code: "user-stopped" },
      { mode: "once", outcome: "ok", counts: { filesSynced: 3 } },
    ]);
  });

  test("ends the run when nobody wants another, at its safe point", () => {
    const phone = phoneWithNotes(3);
    phone.host.ground.link.latencyMs = 500;
    askFor(phone, "changed");
    phone.host.runFor(1_500);
    phone.host.ask({ kind: "stop", mode: "changed" });
    phone.host.runFor(60_000);
    expect(resultsOf(phone.host)).toMatchObject([{ mode: "changed", outcome: "failed", code: "user-stopped" }]);
    expect(backUp(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 3 } });
  });
});

describe("a backup of what changed", () => {
  test("sends what waits, lists what was named and nothing else", () => {
    const listed: string[] = [];
    const phone = phoneWithNotes(20, listed);
    backUp(phone);
    const { host, world } = phone;
    host.crash();
    host.start();
    host.ground.tree.write(`${ROOT}/folder 3/new`, "named");
    host.ground.tree.write(`${ROOT}/folder 4/new`, "not named");
    world.clock.advance(10_000);
    host.tell({ kind: "changed", root: ROOT, folders: ["folder 3"] });
    listed.length = 0;
    expect(host.drive({ kind: "backup", mode: "changed" })).toMatchObject({
      outcome: "ok",
      counts: { filesSynced: 21 },
    });
    expect(new Set(listed)).toEqual(new Set(["folder 3"]));
    expect(backUp(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 22 } });
  });
});

describe("a new folder that a host names as changed", () => {
  test("is found by listing the folder above it, and not by listing everything", () => {
    const listed: string[] = [];
    const phone = phoneWithNotes(20, listed);
    backUp(phone);
    const { host, world } = phone;
    host.ground.tree.write(`${ROOT}/folder 3/fresh/deep/new`, "new");
    world.clock.advance(10_000);
    host.tell({ kind: "changed", root: ROOT, folders: ["folder 3/fresh/deep"] });
    listed.length = 0;
    expect(host.drive({ kind: "backup", mode: "changed" })).toMatchObject({ counts: { filesSynced: 21 } });
    expect(new Set(listed)).toEqual(new Set(["folder 3", "folder 3/fresh", "folder 3/fresh/deep"]));
  });
});

describe("a sweep", () => {
  test("that was broken off goes on in the next process, and comes to the rest after that", () => {
    const listed: string[] = [];
    const phone = phoneWithNotes(200, listed);
    backUp(phone);
    const { host, world } = phone;
    listed.length = 0;
    host.crash();
    host.start();
    host.ask({ kind: "backup", mode: "once" });
    while (listed.length < 60) host.step();
    host.crash();
    const early = [...listed];
    listed.length = 0;
    // What the broken sweep had seen already changes: the next one must not call it synced unseen.
    host.ground.tree.write(`${ROOT}/${early[10]}/new`, "new");
    world.clock.advance(10_000);
    host.start();
    expect(backUp(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 201 } });
    const first = new Set(listed.slice(0, 100));
    expect(early.slice(0, 40).some((path) => first.has(path))).toBe(false);
    expect(new Set(listed).size).toBe(201);
  });

  test("over processes that each list a part comes to its end", () => {
    const listed: string[] = [];
    const phone = phoneWithNotes(200, listed);
    backUp(phone);
    const { host } = phone;
    const all = new Set<string>();
    for (let life = 0; life < 6; life++) {
      host.crash();
      host.start();
      host.ask({ kind: "backup", mode: "once" });
      listed.length = 0;
      while (listed.length < 60) host.step();
      for (const path of listed) all.add(path);
    }
    expect(all.size).toBe(201);
  });
});
