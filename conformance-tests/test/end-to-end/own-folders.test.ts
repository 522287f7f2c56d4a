// Coffre's own folders inside what is backed up, with real processes: a server's data, a home, and what a restore leaves.

import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stopChildren } from "../../end-to-end/child.ts";
import { Gateway } from "../../end-to-end/gateway.ts";
import { type Account, expectDone, Machine, readSentence, Scene } from "../../end-to-end/scene.ts";
import { startServer } from "../../end-to-end/server-process.ts";
import { compareTrees, pictureTree } from "../../end-to-end/tree-picture.ts";

const RECORD = /^\/v1\/devices\/[0-9a-f]{64}\/records\/[0-9]+$/;

const scene = new Scene("own-folders");
let gateway: Gateway;
let account: Account;
let source: string;
let data: string;
let machine: Machine;

beforeAll(async () => {
  source = scene.source("source", { "docs/a.txt": "a", "srv/readme": "beside the server" });
  data = join(source, "srv", "data");
  const server = await startServer({ data });
  gateway = await Gateway.open(server.url);
  account = { url: gateway.url, login: "ada" };
  machine = new Machine(scene, join(source, ".home of ada"));
  expectDone("init", await machine.run(["init", ...scene.as(account), "--device-name", "first"]));
});

afterAll(async () => {
  await stopChildren();
  await gateway.close();
  scene.remove();
});

describe("a folder with a server's data and a home in it", () => {
  test("is added with a word about the home, and backed up without both, of which the rule is named", async () => {
    const added = await machine.run(["add", source, "--name", "root"]);
    expectDone("add", added);
    expect(added.summary["leftOut"]).toEqual([machine.home]);
    const first = await machine.backUp();
    expect(first.summary).toMatchObject({ filesSynced: 2, excluded: [{ rule: "own-folder", files: 2 }] });
    const told = first.events.filter(({ type, code }) => type === "notice" && code === "own-folder");
    expect(told.map(({ path }) => path)).toEqual(["srv/data"]);
    expect((await machine.backUp()).summary).toMatchObject({ filesSynced: 2, blobsSent: 0 });
    expectDone("restore", await scene.restore(account, scene.path("back")));
    const left = (path: string): boolean => !/\.coffre-own|srv\/data|\.home of ada/.test(path);
    const [before, after] = [pictureTree(source), pictureTree(scene.path("back", "root"))];
    expect(compareTrees(before, after).filter(left)).toEqual([]);
    expect(existsSync(scene.path("back", "root", "srv", "data"))).toBe(false);
  });

  test("sends nothing over and over while it is watched", async () => {
    const before = gateway.count("PUT", RECORD);
    const watching = machine.start(["backup", "--watch"]);
    for (const name of ["one", "two", "three"]) {
      const recorded = gateway.answered("PUT", RECORD);
      writeFileSync(join(source, "docs", name), name);
      await recorded;
    }
    expect((await watching.stop("SIGTERM")).code).toBe(0);
    // Each file makes one record, or two with its folder's new time.
    expect(gateway.count("PUT", RECORD) - before).toBeLessThanOrEqual(7);
  });
});

describe("a folder that is refused", () => {
  test("is a home, a server's data, any folder in it, and any link to them", async () => {
    symlinkSync(join(data, "blobs"), scene.path("link"));
    const copy = scene.path("copy of it");
    mkdirSync(copy);
    writeFileSync(join(copy, ".coffre-own"), "coffre-own-folder f4bfb48800eda7bf5f93ccc1f1ecdf2b\n");
    for (const folder of [machine.home, data, join(data, "blobs"), join(data, "keys"), scene.path("link"), copy]) {
      const end = await machine.run(["add", folder, "--name", "own"]);
      expect([end.code, end.summary["code"]]).toEqual([1, "user-root-own"]);
      expect(readSentence(end)).toContain("Coffre's own");
    }
  });

  test("says why when it was added before it became Coffre's own, and the others are backed up", async () => {
    const later = scene.source("later", { "file.txt": "first" });
    const second = scene.machine("the second");
    expectDone("join", await second.run(["join", ...scene.as(account), "--device-name", "second"]));
    expectDone("add", await second.run(["add", later, "--name", "later"]));
    expectDone("add", await second.run(["add", scene.source("other", { "file.txt": "other" })]));
    await second.backUp();
    writeFileSync(join(later, ".coffre-own"), "coffre-own-folder f4bfb48800eda7bf5f93ccc1f1ecdf2b\n");
    rmSync(join(later, "file.txt"));
    const end = await second.run(["backup"]);
    expect([end.code, end.summary["waiting"]]).toEqual([3, [{ reason: "root-unavailable", files: 1, bytes: 0 }]]);
    const roots = await second.run(["roots"]);
    const unavailable = roots.events.filter(({ type }) => type === "root").map((root) => root["unavailable"]);
    expect(unavailable).toEqual(["own-folder", null]);
  });
});

test("what a restore that is not finished keeps in its target is left out of the backup of that target", async () => {
  const to = join(source, "back");
  mkdirSync(join(to, "root"), { recursive: true });
  symlinkSync(scene.path(), join(to, "root", "docs"));
  const restored = await machine.run(["restore", "root", "--to", to, "--passphrase-file", scene.passphraseFile]);
  expect([restored.code, existsSync(join(to, ".coffre-restore"))]).toEqual([3, true]);
  const end = await machine.backUp();
  expect(end.summary["excluded"]).toEqual([{ rule: "own-folder", files: 3 }]);
});
