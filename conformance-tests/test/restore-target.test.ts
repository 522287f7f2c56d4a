// What a restore does to its target: what is there already, what does not fit, and what must never happen. Rule: nothing
// is written outside the target, and nothing is lost without a name.

import { describe, expect, test } from "vitest";
import { seededContent, zeroContent } from "../scripted-host/file-content.ts";
import { listTree } from "../scripted-host/tree-listing.ts";
import { codesOf, damagesOf, openVault, restore, restoreAsk, Stage, textAt } from "./restore-stage.ts";

function makeStage(): Stage {
  const stage = new Stage();
  stage.backUp({ a: "vault a", "dir/b.txt": "vault b", empty: "" });
  return stage;
}

describe("a file that is there already", () => {
  test("with the same bytes counts as restored, and nothing is downloaded", () => {
    const reader = makeStage().reader();
    restore(reader);
    const seen = reader.ground.link.exchanges.length;
    expect(restore(reader)).toMatchObject({ outcome: "ok", filesRestored: 3, filesSkipped: 0 });
    expect(reader.ground.link.exchanges.slice(seen).filter(({ path }) => path.includes("/blobs/"))).toEqual([]);
  });

  test("with other bytes is skipped by its rule, and named", () => {
    const reader = makeStage().reader();
    reader.ground.tree.write("/target/all/dir/b.txt", "mine");
    reader.ground.tree.write("/target/all/empty", "not empty");
    expect(restore(reader)).toMatchObject({ outcome: "waiting", code: null, filesRestored: 1, filesSkipped: 2 });
    expect(textAt(reader, "/target/all/dir/b.txt")).toBe("mine");
    expect(damagesOf(reader).map(({ code, path }) => [code, path])).toEqual([
      ["target-exists", "dir/b.txt"],
      ["target-exists", "empty"],
    ]);
  });

  test("keeps its name when the rule is to rename, and each later one gets a name of its own", () => {
    const reader = makeStage().reader();
    reader.ground.tree.write("/target/all/dir/b.txt", "mine");
    reader.ground.tree.write("/target/all/dir/b (restored).txt", "mine too");
    expect(restore(reader, { existing: "rename" })).toMatchObject({ outcome: "ok", filesRestored: 3 });
    expect(textAt(reader, "/target/all/dir/b.txt")).toBe("mine");
    expect(textAt(reader, "/target/all/dir/b (restored).txt")).toBe("mine too");
    expect(textAt(reader, "/target/all/dir/b (restored 2).txt")).toBe("vault b");
  });

  test("is replaced when that is the rule, but a folder is not", () => {
    const reader = makeStage().reader();
    reader.ground.tree.write("/target/all/dir/b.txt", "mine");
    reader.ground.tree.write("/target/all/a/inside", "mine");
    expect(restore(reader, { existing: "replace" })).toMatchObject({ outcome: "waiting", filesFailed: 1 });
    expect(textAt(reader, "/target/all/dir/b.txt")).toBe("vault b");
    expect(textAt(reader, "/target/all/a/inside")).toBe("mine");
    expect(codesOf(reader)).toEqual(["target-conflict"]);
  });
});

describe("a target", () => {
  test("with a link where a folder should be is not written through", () => {
    const reader = makeStage().reader();
    reader.ground.tree.addFolder("/elsewhere");
    reader.ground.tree.addFolder("/target/all");
    reader.ground.tree.link("/target/all/dir", "/elsewhere");
    // Nothing of that is the server's fault.
    expect(restore(reader)).toMatchObject({ outcome: "waiting", code: "host-target", filesRestored: 2 });
    expect(listTree(reader.ground.tree, "/elsewhere").size).toBe(0);
    expect(codesOf(reader)).toEqual(["target-conflict"]);
  });

  test("that is full ends the restore with a name, which goes on when there is room", () => {
    const stage = makeStage();
    stage.backUp({ large: seededContent(3, 3_000_000) });
    const reader = stage.reader();
    reader.ground.tree.freeBytes = 1_500_000;
    expect(restore(reader)).toMatchObject({ outcome: "failed", code: "host-no-space" });
    expect(damagesOf(reader)).toContainEqual({ code: "target-no-space", device: "phone", root: "all", path: "large" });
    reader.ground.tree.freeBytes = null;
    expect(restore(reader)).toMatchObject({ outcome: "ok", filesRestored: 4 });
    expect(listTree(reader.ground.tree, "/target/all")).toEqual(listTree(stage.phone.ground.tree, "/phone"));
  });

  test("that refuses one file costs that file alone", () => {
    const reader = makeStage().reader();
    reader.ground.tree.faults.fail("/target/all/a", "permission");
    expect(restore(reader)).toMatchObject({
      outcome: "waiting",
      code: "host-target",
      filesRestored: 2,
      filesFailed: 1,
    });
    expect(codesOf(reader)).toEqual(["target-refused"]);
  });

  test("gets files whose chunks are the same in many places from one download", () => {
    const stage = new Stage();
    stage.backUp({ sparse: zeroContent(20 * 983_040), again: zeroContent(5 * 983_040) });
    const reader = stage.reader();
    const seen = reader.ground.link.exchanges.length;
    expect(restore(reader)).toMatchObject({ outcome: "ok", filesRestored: 2 });
    expect(listTree(reader.ground.tree, "/target/all")).toEqual(listTree(stage.phone.ground.tree, "/phone"));
    expect(reader.ground.link.exchanges.slice(seen).filter(({ path }) => path.includes("/blobs/")).length).toBe(1);
  });
});

describe("a restore that is stopped", () => {
  test("says so, leaves nothing half done in the target, and goes on later", () => {
    const stage = new Stage();
    for (let number = 0; number < 6; number++) stage.backUp({ [`${number}`]: seededContent(number, 4_000_000) });
    const reader = stage.reader();
    reader.ground.link.downBytesPerS = 1_000_000;
    reader.ask(restoreAsk());
    reader.runFor(9_000);
    reader.ask({ kind: "stop" });
    reader.runUntilIdle();
    expect(reader.resultOf("restore")).toMatchObject({ outcome: "failed", code: "user-stopped" });
    expect(reader.resultOf("stop")).toMatchObject({ outcome: "ok" });
    for (const [path, { sizeBytes }] of listTree(reader.ground.tree, "/target/all"))
      expect([path, sizeBytes]).toEqual([path, 4_000_000]);
    reader.crash();
    reader.start();
    openVault(reader);
    const seen = reader.ground.link.exchanges.length;
    expect(restore(reader)).toMatchObject({ outcome: "ok", filesRestored: 6 });
    expect(reader.ground.link.exchanges.slice(seen).filter(({ path }) => path.includes("/blobs/")).length).toBeLessThan(
      6,
    );
    expect(listTree(reader.ground.tree, "/target/all")).toEqual(listTree(stage.phone.ground.tree, "/phone"));
  });
});

describe("a mode", () => {
  test("comes back without the bits that lend the rights of an owner whom no vault keeps", () => {
    const stage = new Stage();
    const { tree } = stage.phone.ground;
    for (const mode of [0o4755, 0o2755, 0o6711, 0o1644, 0o644]) {
      tree.write(`/phone/file-${mode.toString(8)}`, "content", mode);
      tree.addFolder(`/phone/folder-${mode.toString(8)}`, mode | 0o700);
    }
    stage.sync();
    const reader = stage.reader();
    expect(restore(reader)).toMatchObject({ outcome: "ok", filesRestored: 5 });
    const restored = listTree(reader.ground.tree, "/target/all");
    for (const [path, { mode }] of listTree(tree, "/phone")) expect(restored.get(path)?.mode).toBe(mode & 0o1777);
  });
});
