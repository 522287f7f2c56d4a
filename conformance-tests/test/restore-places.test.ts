// Where a restore puts the things of several devices and roots. Rule: every file that counts as restored is there
// afterwards, and what was added later changes no place of what was there before.

import { describe, expect, test } from "vitest";
import { createEngine } from "../../engine/src/index.ts";
import { FileTree } from "../scripted-host/file-tree.ts";
import type { ScriptedHost } from "../scripted-host/scripted-host.ts";
import { listTree } from "../scripted-host/tree-listing.ts";
import { LOGIN, restore, SERVER, Stage, textAt } from "./restore-stage.ts";

/** A second machine of the stage's vault. */
function join(stage: Stage, deviceName: string): ScriptedHost {
  const host = stage.world.addHost({ makeEngine: createEngine });
  host.start();
  expect(host.drive({ kind: "join", server: SERVER, login: LOGIN, deviceName })).toMatchObject({ outcome: "ok" });
  return host;
}

/** Backs up one file as root `name`. */
function backUpRoot(stage: Stage, host: ScriptedHost, name: string, path: string, content: string): void {
  host.ground.tree.write(`/${name}/${path}`, content);
  expect(host.drive({ kind: "add-root", name, locator: `/${name}`, excludes: [] })).toMatchObject({ outcome: "ok" });
  stage.world.clock.advance(60_000);
  expect(host.drive({ kind: "backup", mode: "once" })).toMatchObject({ outcome: "ok" });
}

function filesBelow(reader: ScriptedHost, locator: string): string[] {
  return [...listTree(reader.ground.tree, locator)].filter(([, node]) => node.kind === "file").map(([path]) => path);
}

describe("a root that is called like a device", () => {
  test("does not receive the files of that device, and every restored file is there", () => {
    const stage = new Stage();
    backUpRoot(stage, stage.phone, "docs", "a.txt", "the phone's");
    const laptop = join(stage, "laptop");
    backUpRoot(stage, laptop, "docs", "a.txt", "the laptop's");
    backUpRoot(stage, laptop, "phone", "docs/a.txt", "in the root phone");
    for (const existing of ["skip", "rename", "replace"] as const) {
      const reader = stage.reader();
      expect(restore(reader, { existing })).toMatchObject({ outcome: "ok", filesRestored: 3, filesSkipped: 0 });
      expect(filesBelow(reader, "/target")).toHaveLength(3);
      expect(textAt(reader, "/target/phone/docs/a.txt")).toBe("in the root phone");
      expect(textAt(reader, "/target/phone (2)/docs/a.txt")).toBe("the phone's");
      expect(textAt(reader, "/target/laptop/docs/a.txt")).toBe("the laptop's");
    }
  });
});

describe("a root that was added later", () => {
  test("moves nothing of what is restored as it was before", () => {
    const stage = new Stage();
    backUpRoot(stage, stage.phone, "docs", "a.txt", "the phone's");
    const before = stage.world.clock.nowMs;
    stage.world.clock.advance(60_000);
    const thief = join(stage, "thief");
    backUpRoot(stage, thief, "docs", "a.txt", "the thief's");
    backUpRoot(stage, thief, "phone", "docs/a.txt", "the thief's");
    const reader = stage.reader();
    expect(restore(reader, { at: before })).toMatchObject({ outcome: "ok", filesRestored: 1 });
    expect(filesBelow(reader, "/target")).toEqual(["docs/a.txt"]);
    expect(textAt(reader, "/target/docs/a.txt")).toBe("the phone's");
  });
});

describe("roots that differ in case or normal form alone", () => {
  test("come back in folders that no file system takes for one", () => {
    const stage = new Stage();
    backUpRoot(stage, stage.phone, "\u00c9t\u00e9", "a.txt", "composed");
    backUpRoot(stage, stage.phone, "e\u0301te\u0301", "a.txt", "decomposed");
    const reader = stage.reader();
    expect(restore(reader)).toMatchObject({ outcome: "ok", filesRestored: 2 });
    expect(textAt(reader, "/target/phone/\u00c9t\u00e9 (2)/a.txt")).toBe("composed");
    expect(textAt(reader, "/target/phone/e\u0301te\u0301/a.txt")).toBe("decomposed");
  });
});

describe("a disk that takes names for one which differ in case or normal form alone", () => {
  const foldedDisk = (stage: Stage): FileTree =>
    new FileTree(stage.world.clock, (name) => name.normalize("NFC").toLowerCase());
  const FILES = {
    "Docs/A.txt": "upper",
    "docs/a.txt": "lower",
    "docs/A (restored).txt": "called like the second",
    "\u00e9": "composed",
    "e\u0301": "decomposed",
    twin: "same",
    TWIN: "same",
    Twin: "same",
    link: "a file",
  };

  test.each(["skip", "rename", "replace"] as const)("holds every file of a restore with %s", (existing) => {
    const stage = new Stage();
    stage.phone.ground.tree.link("/phone/LINK", "elsewhere");
    stage.backUp(FILES);
    const tree = foldedDisk(stage);
    const reader = stage.reader({ tree });
    for (const round of ["first", "again"]) {
      const result = restore(reader, { existing });
      if (round === "first" || existing !== "rename") {
        expect(result).toMatchObject({ outcome: "ok", filesRestored: 9, filesSkipped: 0, filesFailed: 0 });
        expect(filesBelow(reader, "/target")).toHaveLength(9);
      }
    }
    const texts = filesBelow(reader, "/target").map((path) => textAt(reader, `/target/${path}`));
    expect(texts.sort()).toEqual(Object.values(FILES).sort());
    const links = [...listTree(tree, "/target")].filter(([, { kind }]) => kind === "link");
    expect(links).toHaveLength(1);
    expect(filesBelow(reader, "/work")).toEqual([]);
  });

  test("and any other holds each under its own name", () => {
    const stage = new Stage();
    stage.backUp(FILES);
    const reader = stage.reader();
    expect(restore(reader, { existing: "replace" })).toMatchObject({ outcome: "ok", filesRestored: 9 });
    expect(filesBelow(reader, "/target/all").sort()).toEqual(Object.keys(FILES).sort());
  });
});
