// What a vault holds at a time, on which device, and below which path (docs/format.md F-71, F-72). Rule: every version
// that was ever synced can be had.

import { describe, expect, test } from "vitest";
import { createEngine } from "../../engine/src/index.ts";
import { listTree } from "../scripted-host/tree-listing.ts";
import { LOGIN, listed, openVault, restore, SERVER, Stage, textAt } from "./restore-stage.ts";

/** The paths below the roots. */
const pathsOf = (entries: readonly { readonly path: string }[]): string[] =>
  entries.map(({ path }) => path).filter((path) => path !== "");

describe("the state at a time", () => {
  test("has the versions of then: what was replaced, what was removed, what was not there yet", () => {
    const stage = new Stage();
    stage.backUp({ kept: "one", changed: "old", "dir/removed": "gone soon" });
    const then = stage.world.clock.nowMs;
    stage.phone.ground.tree.remove("/phone/dir");
    stage.backUp({ changed: "new", added: "later" });
    const reader = stage.reader();
    expect(pathsOf(listed(reader))).toEqual(["added", "changed", "kept"]);
    expect(pathsOf(listed(reader, { at: then }))).toEqual(["changed", "dir", "dir/removed", "kept"]);
    expect(restore(reader, { at: then })).toMatchObject({ outcome: "ok", filesRestored: 3 });
    expect(textAt(reader, "/target/all/changed")).toBe("old");
    expect(textAt(reader, "/target/all/dir/removed")).toBe("gone soon");
    expect(restore(reader, { target: "/now" })).toMatchObject({ outcome: "ok", filesRestored: 3 });
    expect(textAt(reader, "/now/all/changed")).toBe("new");
  });

  test("before the first record is empty", () => {
    const stage = new Stage();
    const before = stage.world.clock.nowMs;
    stage.backUp({ a: "a" });
    const reader = stage.reader();
    expect(listed(reader, { at: before })).toEqual([]);
    // A restore of nothing is none that went well.
    expect(restore(reader, { at: before })).toMatchObject({ outcome: "failed", code: "user-vault-empty" });
  });

  test("forgets what was below a folder that became a file, and a file that became a folder", () => {
    const stage = new Stage();
    stage.backUp({ "x/below": "1", y: "2" });
    stage.phone.ground.tree.remove("/phone/x");
    stage.phone.ground.tree.remove("/phone/y");
    stage.backUp({ x: "3", "y/below": "4" });
    const reader = stage.reader();
    expect(pathsOf(listed(reader))).toEqual(["x", "y", "y/below"]);
    expect(restore(reader)).toMatchObject({ outcome: "ok", filesRestored: 2 });
    expect([textAt(reader, "/target/all/x"), textAt(reader, "/target/all/y/below")]).toEqual(["3", "4"]);
  });
});

describe("a listing", () => {
  test("comes in order and in pieces of at most 200", () => {
    const stage = new Stage();
    const files = Object.fromEntries(Array.from({ length: 450 }, (_, index) => [`f${1_000 + index}`, `${index}`]));
    stage.backUp(files);
    const reader = stage.reader();
    expect(pathsOf(listed(reader))).toEqual(Object.keys(files));
    const pieces = reader.views.flatMap((view) => (view.kind === "listing" ? [view.entries.length] : []));
    expect(Math.max(...pieces)).toBe(200);
  });

  test("and a restore carry paths as long as a file system takes", () => {
    const stage = new Stage();
    const folder = Array.from({ length: 12 }, () => "\u{1F4C1}".repeat(60)).join("/");
    const files = Array.from({ length: 150 }, (_, index) => `${folder}/${index}${"\u{1F600}".repeat(60)}`);
    for (let from = 0; from < files.length; from += 10) {
      stage.backUp(Object.fromEntries(files.slice(from, from + 10).map((path) => [path, "x"])));
    }
    stage.phone.ground.tree.link(`/phone/${folder}/link`, "\u{1F517}".repeat(1_000));
    stage.sync();
    const reader = stage.reader();
    expect(listed(reader).filter(({ kind }) => kind === "file")).toHaveLength(150);
    expect(restore(reader)).toMatchObject({ outcome: "ok", filesRestored: 150 });
    expect(restore(reader)).toMatchObject({ outcome: "ok", filesRestored: 150 });
    expect(restore(reader, { existing: "replace" })).toMatchObject({ outcome: "ok", filesRestored: 150 });
    expect(listTree(reader.ground.tree, "/target/all")).toEqual(listTree(stage.phone.ground.tree, "/phone"));
  });

  test("of a folder or of a file holds it and what is below, and nothing beside it", () => {
    const stage = new Stage();
    stage.backUp({ "a/1": "", "a/b/2": "", "a b": "", a0: "", aa: "" });
    const reader = stage.reader();
    expect(pathsOf(listed(reader, { root: "all", path: "a" }))).toEqual(["a", "a/1", "a/b", "a/b/2"]);
    expect(pathsOf(listed(reader, { path: "a/1" }))).toEqual(["a/1"]);
  });

  test("of all versions shows what each path was, from when until when, and what is gone", () => {
    const stage = new Stage();
    stage.backUp({ "a/1": "one", "a/2": "two" });
    stage.backUp({ "a/1": "one again" });
    stage.phone.ground.tree.remove("/phone/a/2");
    stage.sync();
    const entries = listed(stage.reader(), { root: "all", path: "a", versions: "all" }).filter(
      ({ kind }) => kind === "file",
    );
    const [first, second, gone] = entries;
    expect(entries.map(({ path, sizeBytes }) => [path, sizeBytes])).toEqual([
      ["a/1", 3],
      ["a/1", 9],
      ["a/2", 3],
    ]);
    expect(first?.untilMs).toBe(second?.syncedAtMs);
    expect(second?.untilMs).toBe(null);
    expect(gone?.untilMs).toBeGreaterThan(second?.syncedAtMs as number);
    expect(listed(stage.reader(), { path: "a/2", versions: "all" })).toHaveLength(1);
  });

  test("of all versions shows each of them once, however many pages they fill", () => {
    const stage = new Stage();
    for (let version = 0; version < 3; version++) {
      stage.backUp(Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`f${index}`, "x".repeat(version)])));
    }
    const reader = stage.reader();
    const seen = listed(reader, { root: "all", versions: "all" }).filter(({ kind }) => kind === "file");
    expect(new Set(seen.map(({ path, sizeBytes }) => `${path} ${sizeBytes}`)).size).toBe(450);
    expect(seen).toHaveLength(450);
  });

  test("takes the first spelling that the vault has something of", () => {
    const stage = new Stage();
    stage.backUp({ "e\u0301/1": "decomposed", "\u00e9/2": "composed", "\u00e9/3": "composed" });
    const reader = stage.reader();
    const asked = (path: string, spellings: readonly string[]) =>
      pathsOf(
        listed(reader, { root: "all", path, spellings: spellings.map((other) => ({ root: "all", path: other })) }),
      );
    expect(asked("\u00e9/1", ["../1", "e\u0301/1"])).toEqual(["e\u0301/1"]);
    expect(asked("\u00e9/2", ["e\u0301/1"])).toEqual(["\u00e9/2"]);
    expect(
      restore(reader, { selections: [{ root: "all", path: "x", spellings: [{ root: "all", path: "\u00e9" }] }] }),
    ).toMatchObject({ outcome: "ok", filesRestored: 2 });
  });

  test.each([
    [{ device: "laptop" }, "user-device-unknown"],
    [{ root: "none" }, "user-path-unknown"],
    [{ path: "b" }, "user-path-unknown"],
    [{ path: "../a" }, "user-path-unknown"],
  ])("of %j is refused by name", (ask, code) => {
    const stage = new Stage();
    stage.backUp({ a: "a" });
    const reader = stage.reader();
    expect(reader.drive({ kind: "list", ...ask })).toMatchObject({ outcome: "failed", code });
  });
});

describe("a selection", () => {
  test("brings back what it names, once, with the folders above", () => {
    const stage = new Stage();
    stage.phone.ground.tree.addFolder("/phone/dir", 0o750);
    stage.backUp({ "dir/a": "a", "dir/b": "b", "other/c": "c" });
    const reader = stage.reader();
    const selections = [
      { root: "all", path: "dir/a" },
      { root: "all", path: "dir/a" },
      { root: "all", path: "other" },
    ];
    expect(restore(reader, { selections })).toMatchObject({ outcome: "ok", filesRestored: 2 });
    const [was, is] = [stage.phone, reader].map(({ ground }, index) =>
      listTree(ground.tree, index === 0 ? "/phone" : "/target/all"),
    );
    expect(is?.get("dir")).toEqual(was?.get("dir"));
    expect(["dir/a", "dir/b", "other/c"].map((path) => textAt(reader, `/target/all/${path}`))).toEqual([
      "a",
      null,
      "c",
    ]);
  });
});

describe("two devices of one vault", () => {
  function makeTwo(): Stage {
    const stage = new Stage();
    stage.backUp({ shared: "the same", own: "phone" });
    const laptop = stage.world.addHost({ makeEngine: createEngine });
    laptop.ground.tree.write("/laptop/shared", "the same");
    laptop.ground.tree.write("/laptop/own", "laptop");
    stage.world.clock.advance(60_000);
    laptop.start();
    for (const ask of [
      { kind: "join", server: SERVER, login: LOGIN, deviceName: "laptop" },
      { kind: "add-root", name: "all", locator: "/laptop", excludes: [] },
      { kind: "backup", mode: "once" },
    ] as const)
      expect(laptop.drive(ask)).toMatchObject({ outcome: "ok" });
    return stage;
  }

  test("come back side by side when their roots have the same name", () => {
    const reader = makeTwo().reader();
    expect(restore(reader)).toMatchObject({ outcome: "ok", filesRestored: 4 });
    expect(textAt(reader, "/target/phone/all/own")).toBe("phone");
    expect(textAt(reader, "/target/laptop/all/own")).toBe("laptop");
  });

  test("come back alone when one is named", () => {
    const reader = makeTwo().reader();
    expect(restore(reader, { device: "laptop" })).toMatchObject({ outcome: "ok", filesRestored: 2 });
    expect(textAt(reader, "/target/all/own")).toBe("laptop");
  });
});

describe("opening a vault", () => {
  test("takes the passphrase or the words, and no others", () => {
    const stage = new Stage();
    stage.backUp({ a: "a" });
    const reader = stage.reader();
    expect(openVault(reader, stage.words)).toMatchObject({ outcome: "ok" });
    expect(openVault(reader, stage.words.toUpperCase().replaceAll(" ", "\n"))).toMatchObject({ outcome: "ok" });
    const exchanges = reader.ground.link.exchanges.length;
    expect(openVault(reader, stage.words.replace(/^\w+/, "zoo"))).toMatchObject({ code: "user-words-malformed" });
    expect(reader.ground.link.exchanges.length).toBe(exchanges);
    reader.ground.prompt.passphrase = "another passphrase than that";
    expect(openVault(reader)).toMatchObject({ outcome: "failed", code: "user-login-refused" });
    expect(reader.drive({ kind: "list" })).toMatchObject({ outcome: "failed", code: "user-not-paired" });
  });
});
