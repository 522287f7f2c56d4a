// The main job as its user sees it: a folder goes up, and comes back on a machine that knows nothing.

import { chmodSync, readFileSync, utimesSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LEAST_FILES, makeAwkwardTree } from "../../end-to-end/awkward-tree.ts";
import { stopChildren } from "../../end-to-end/child.ts";
import { type ClientEnd, readCount } from "../../end-to-end/client-process.ts";
import { type Account, expectDone, type Machine, readSentence, Scene } from "../../end-to-end/scene.ts";
import { startServer } from "../../end-to-end/server-process.ts";
import { compareTrees, pictureFolder, pictureTree, sumPicture } from "../../end-to-end/tree-picture.ts";

const scene = new Scene("there-and-back");
const source = scene.path("everything awkward");
let account: Account;
let machine: Machine;
let backup: ClientEnd;

beforeAll(async () => {
  makeAwkwardTree(source, { seed: "there and back", files: LEAST_FILES + 20, largestBytes: 11_000_000 });
  chmodSync(source, 0o751);
  utimesSync(source, 1_234_567_890.125, 1_234_567_890.125);
  const server = await startServer({ data: scene.path("data") });
  account = { url: server.url, login: "ada" };
  machine = await scene.pairedMachine(account, source);
  backup = await machine.backUp();
});

afterAll(async () => {
  await stopChildren();
  scene.remove();
});

describe("a folder with everything awkward in it", () => {
  test("comes back byte for byte on a machine that has nothing but address, login and passphrase", async () => {
    const end = await scene.restore(account, scene.path("back"));
    expectDone("restore", end);
    expect(compareTrees(pictureFolder(source), pictureFolder(scene.path("back", "root")))).toEqual([]);
    const before = pictureTree(source);
    const { files, bytes } = sumPicture(before);
    expect([readCount(end, "filesRestored"), readCount(end, "bytesRestored")]).toEqual([files, bytes]);
    expect([readCount(end, "filesFailed"), readCount(backup, "filesSynced")]).toEqual([0, files]);
  });

  test("comes back by the 24 recovery words too", async () => {
    expect(readFileSync(scene.wordsFile, "utf8").trim().split(" ")).toHaveLength(24);
    const to = scene.path("by words");
    const words = ["--server", account.url, "--login", account.login, "--recovery-file", scene.wordsFile];
    expectDone("restore", await scene.machine("words").run(["restore", ...words, "--to", to, "root/sizes"]));
    const expected = [...pictureTree(source)].filter(([path]) => path === "sizes" || path.startsWith("sizes/"));
    expect(compareTrees(new Map(expected), pictureTree(scene.path("by words", "root")))).toEqual([]);
  });

  test("is not sent again by a process that finds it unchanged, which asks at most three times", async () => {
    const again = await machine.backUp();
    expect(readCount(again, "requests")).toBeLessThanOrEqual(3);
    expect([readCount(again, "bytesSent"), readCount(again, "blobsSent")]).toEqual([0, 0]);
    expect(readCount(again, "filesSynced")).toBe(readCount(backup, "filesSynced"));
  });
});

describe("the vault does not open", () => {
  test("with a wrong passphrase: exit code 1, one sentence, and nothing is written", async () => {
    const wrong = scene.path("wrong passphrase");
    scene.source("wrong", { passphrase: "seven loud herons over the ice\n" });
    const place = ["--server", account.url, "--login", account.login, "--to", wrong];
    const end = await scene
      .machine("wrong")
      .run(["restore", ...place, "--passphrase-file", scene.path("wrong", "passphrase")]);
    expect([end.code, end.summary["code"]]).toEqual([1, "user-login-refused"]);
    expect(readSentence(end)).toMatch(/^[A-Z][^.]*passphrase[^.]*\.$/);
    expect([...pictureTree(wrong).keys()].filter((path) => !path.startsWith(".coffre-restore"))).toEqual([]);
  });

  test("under a login that nobody has, with the same words", async () => {
    const end = await scene.restore({ ...account, login: "nobody" }, scene.path("nobody"));
    expect([end.code, end.summary["code"]]).toEqual([1, "user-login-refused"]);
  });
});

describe("the command line", () => {
  test("ends `--json` with a summary that has every field of a backup", () => {
    const fields = [
      "filesSynced",
      "filesWaiting",
      "filesExcluded",
      "bytesRead",
      "bytesSent",
      "blobsSent",
      "requests",
      "elapsedMs",
    ];
    expect(fields.filter((field) => typeof backup.summary[field] !== "number")).toEqual([]);
  });

  test.each([
    ["an unknown option", ["backup", "--no-such-option"]],
    ["an unknown command", ["no-such-command"]],
    ["a missing argument", ["add"]],
    ["a restore without --to", ["restore"]],
  ])("refuses %s with exit code 2", async (_, args) => {
    const end = await machine.run(args);
    expect([end.code, end.summary["type"]]).toEqual([2, "summary"]);
  });

  test("prints help with exit code 0", async () => {
    const ends = await Promise.all([["--help"], ["restore", "--help"]].map((args) => machine.run(args)));
    expect(ends.map(({ code, stdout }) => [code, stdout.join("\n").includes("Usage: coffre")])).toEqual([
      [0, true],
      [0, true],
    ]);
  });
});
