// Files that cannot be backed up as they are, or not now: each is excluded by a named rule, or waits for a named reason.

import { execFileSync } from "node:child_process";
import { appendFileSync, chmodSync, mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { stopChildren } from "../../end-to-end/child.ts";
import { type ClientEnd, readCount } from "../../end-to-end/client-process.ts";
import { Gateway } from "../../end-to-end/gateway.ts";
import { type Account, expectDone, type Machine, Scene } from "../../end-to-end/scene.ts";
import { seededBytes } from "../../end-to-end/seeded-content.ts";
import { startServer } from "../../end-to-end/server-process.ts";
import { compareTrees, pictureTree, type TreePicture } from "../../end-to-end/tree-picture.ts";

const BLOB = /^\/v1\/blobs\/[0-9a-f]{64}$/;
/** Larger than what is in flight when its first blob goes out, so that its rest is read later. */
const LARGE_BYTES = 60_000_000;
/** The superuser may read everything, until these rights are gone. */
const ORDINARY_READER =
  process.getuid?.() === 0
    ? {
        before: [
          "setpriv",
          "--bounding-set=-dac_override,-dac_read_search",
          "--inh-caps=-dac_override,-dac_read_search",
        ],
      }
    : {};

const scene = new Scene("troublesome-files");
let gateway: Gateway;
let account: Account;
let machine: Machine;
let number = 0;
let root: string;
let source: string;

beforeAll(async () => {
  const server = await startServer({ data: scene.path("data") });
  gateway = await Gateway.open(server.url);
  account = { url: gateway.url, login: "ada" };
  machine = await scene.pairedMachine(account, scene.source("started", {}));
});

beforeEach(async () => {
  number += 1;
  gateway.passAll();
  root = `root-${number}`;
  source = scene.source(`source ${number}`, { "plain.txt": "plain", "folder/inside.txt": "inside" });
});

afterAll(async () => {
  await stopChildren();
  await gateway.close();
  scene.remove();
});

async function addRoot(): Promise<void> {
  expectDone("add", await machine.run(["add", source, "--name", root]));
}

async function restore(): Promise<TreePicture> {
  const to = scene.path(`back ${number}`);
  expectDone("restore", await scene.restore(account, to, [root]));
  return pictureTree(join(to, root));
}

/** What waits, as `reason path`. */
function readWaiting(end: ClientEnd): readonly string[] {
  const files = end.summary["files"] as readonly { readonly path: string; readonly reason: string }[];
  return files.map(({ path, reason }) => `${reason} ${path}`).sort();
}

/** Does something when the first blob of the next backup goes out, so in the middle of reading. */
function whileReading(act: () => void): void {
  let isDone = false;
  gateway.rule = ({ method, path }) => {
    if (method === "PUT" && BLOB.test(path) && !isDone) {
      isDone = true;
      act();
    }
    return "pass";
  };
}

/** Runs backups until one leaves nothing waiting; what changes while it is read may wait until the next one. */
async function backUpTwice(): Promise<ClientEnd> {
  const first = await machine.run(["backup"]);
  expect([0, 3]).toContain(first.code);
  return await machine.backUp();
}

describe("what may not be read", () => {
  test("waits as unreadable, and goes up when it may be read", async () => {
    writeFileSync(join(source, "secret.txt"), "secret", { mode: 0o000 });
    await addRoot();
    const end = await machine.run(["backup"], ORDINARY_READER);
    expect([end.code, readCount(end, "filesWaiting"), readWaiting(end)]).toEqual([3, 1, ["unreadable secret.txt"]]);
    chmodSync(join(source, "secret.txt"), 0o600);
    await machine.backUp();
    expect(compareTrees(pictureTree(source), await restore())).toEqual([]);
  });

  test("is not recorded as gone when it is a folder that was read before", async () => {
    await addRoot();
    await machine.backUp();
    const before = pictureTree(source);
    chmodSync(join(source, "folder"), 0o000);
    const end = await machine.run(["backup"], ORDINARY_READER);
    expect([end.code, readWaiting(end)]).toEqual([3, ["folder-unreadable folder"]]);
    chmodSync(join(source, "folder"), 0o755);
    expect([...(await restore()).keys()].sort()).toEqual([...before.keys()].sort());
  });
});

describe("what is no file, folder or link", () => {
  test("is excluded by a rule that is named", async () => {
    execFileSync("mkfifo", [join(source, "a pipe")]);
    const listener = createServer();
    await new Promise<void>((resolve) => listener.listen(join(source, "a socket"), resolve));
    try {
      await addRoot();
      const end = await machine.backUp();
      const excluded = end.summary["excluded"] as readonly { readonly rule: string; readonly files: number }[];
      expect(excluded.map(({ rule, files }) => [rule, files]).sort()).toEqual([
        ["kind:pipe", 1],
        ["kind:socket", 1],
      ]);
    } finally {
      await new Promise((resolve) => listener.close(resolve));
    }
    expect([...(await restore()).keys()].sort()).toEqual(["folder", "folder/inside.txt", "plain.txt"]);
  });
});

describe("a root that disappears", () => {
  test("is reported, and nothing of it is recorded as gone", async () => {
    await addRoot();
    await machine.backUp();
    const before = pictureTree(source);
    renameSync(source, `${source} elsewhere`);
    const end = await machine.run(["backup"]);
    expect([end.code, JSON.stringify(end.events).includes("root-unavailable")]).toEqual([3, true]);
    expect(compareTrees(before, await restore())).toEqual([]);
    renameSync(`${source} elsewhere`, source);
    await machine.backUp();
  });
});

describe("a file that changes while it is read", () => {
  beforeEach(async () => {
    writeFileSync(join(source, "large.mov"), seededBytes(`large ${number}`, LARGE_BYTES));
    await addRoot();
  });

  test.each([
    ["grows", (path: string) => appendFileSync(path, "and more")],
    ["is truncated", (path: string) => truncateSync(path, LARGE_BYTES / 2)],
    ["is overwritten", (path: string) => writeFileSync(path, seededBytes("other", LARGE_BYTES))],
    [
      "is replaced by another",
      (path: string) => {
        writeFileSync(`${path}.new`, seededBytes("another", LARGE_BYTES));
        renameSync(`${path}.new`, path);
      },
    ],
    [
      "becomes a folder",
      (path: string) => {
        rmSync(path);
        mkdirSync(path);
      },
    ],
    ["vanishes", (path: string) => rmSync(path)],
  ])("and %s is never called synced as a mixture: what comes back is what is there", async (_, act) => {
    whileReading(() => act(join(source, "large.mov")));
    await backUpTwice();
    expect(compareTrees(pictureTree(source), await restore())).toEqual([]);
  });
});
