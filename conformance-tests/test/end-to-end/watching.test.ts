// `backup --watch`, and more than one device.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stopChildren } from "../../end-to-end/child.ts";
import { Gateway } from "../../end-to-end/gateway.ts";
import { type Account, expectDone, type Machine, Scene } from "../../end-to-end/scene.ts";
import { startServer } from "../../end-to-end/server-process.ts";
import { compareTrees, pictureTree } from "../../end-to-end/tree-picture.ts";

const RECORD = /^\/v1\/devices\/[0-9a-f]{64}\/records\/[0-9]+$/;
/** New files are noticed within two seconds; as much again is for sending them on a busy machine. */
const NOTICED_WITHIN_MS = 4_000;

const scene = new Scene("watching");
let gateway: Gateway;
let account: Account;
let source: string;
let machine: Machine;

beforeAll(async () => {
  const server = await startServer({ data: scene.path("data") });
  gateway = await Gateway.open(server.url);
  account = { url: gateway.url, login: "ada" };
  source = scene.source("source", { "first.txt": "first" });
  machine = await scene.pairedMachine(account, source);
});

afterAll(async () => {
  await stopChildren();
  await gateway.close();
  scene.remove();
});

describe("backup --watch", () => {
  test("sends a new file soon, one in a new folder too, and ends with exit code 0 on SIGTERM", async () => {
    let recorded = gateway.answered("PUT", RECORD);
    const watching = machine.start(["backup", "--watch"]);
    await recorded;
    for (const path of ["second.txt", "folder/third.txt"]) {
      recorded = gateway.answered("PUT", RECORD);
      const startedMs = performance.now();
      mkdirSync(join(source, path, ".."), { recursive: true });
      writeFileSync(join(source, path), path);
      await recorded;
      expect(performance.now() - startedMs).toBeLessThan(NOTICED_WITHIN_MS);
    }
    const status = await machine.run(["status"]);
    expect([status.code, status.summary["isRunning"], status.summary["filesSynced"]]).toEqual([0, true, 3]);
    const end = await watching.stop("SIGTERM");
    expect([end.code, end.summary["type"], end.summary["filesSynced"]]).toEqual([0, "summary", 3]);
    expectDone("restore", await scene.restore(account, scene.path("back")));
    expect(compareTrees(pictureTree(source), pictureTree(scene.path("back", "root")))).toEqual([]);
  });
});

describe("two devices of a vault", () => {
  test("back up side by side, and each can be listed and restored", async () => {
    await machine.backUp();
    const second = scene.machine("the second");
    expectDone("join", await second.run(["join", ...scene.as(account), "--device-name", "second"]));
    const other = scene.source("other", { "of the second.txt": "second", "first.txt": "another first" });
    expectDone("add", await second.run(["add", other, "--name", "root"]));
    await second.backUp();

    const secret = ["--passphrase-file", scene.passphraseFile];
    const listing = await machine.run(["ls", ...secret, "--device", "second"]);
    expectDone("ls", listing);
    const entries = listing.events.filter(({ type }) => type === "entry");
    expect(entries.map((entry) => [entry["device"], entry["path"]])).toEqual(
      expect.arrayContaining([
        ["second", "first.txt"],
        ["second", "of the second.txt"],
      ]),
    );
    expect(entries.filter((entry) => entry["device"] !== "second")).toEqual([]);

    expectDone("restore", await scene.restore(account, scene.path("of second"), ["--device", "second"]));
    expect(compareTrees(pictureTree(other), pictureTree(scene.path("of second", "root")))).toEqual([]);
    expectDone("restore", await scene.restore(account, scene.path("of both")));
    expect(compareTrees(pictureTree(other), pictureTree(scene.path("of both", "second", "root")))).toEqual([]);
    expect(compareTrees(pictureTree(source), pictureTree(scene.path("of both", "first", "root")))).toEqual([]);
  });

  test("are refused by a sentence when none has the name", async () => {
    const end = await scene.restore(account, scene.path("of nobody"), ["--device", "nobody"]);
    expect([end.code, end.summary["code"]]).toEqual([1, "user-device-unknown"]);
  });
});
