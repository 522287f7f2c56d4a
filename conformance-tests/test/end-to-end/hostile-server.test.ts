// A server that alters, truncates, swaps or loses what it stores: its data folder is edited as its owner could. Rule: each
// damage is named for what it is, and everything else comes back.

import {
  copyFileSync,
  cpSync,
  lstatSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { stopChildren } from "../../end-to-end/child.ts";
import { type ClientEnd, readCount } from "../../end-to-end/client-process.ts";
import { type Account, type Machine, readDamage, Scene } from "../../end-to-end/scene.ts";
import { seededBytes } from "../../end-to-end/seeded-content.ts";
import { type ServerProcess, startServer } from "../../end-to-end/server-process.ts";
import { pictureTree, walkTree } from "../../end-to-end/tree-picture.ts";

const NAMES = ["a", "b", "c", "d", "e"] as const;
type Name = (typeof NAMES)[number];
const FILE_BYTES = 200_000;

const scene = new Scene("hostile-server");
/** Each file went up in a blob and a record of its own, which stand here as paths below the data folder. */
const blobs = new Map<Name, string>();
const records = new Map<Name, string>();
let server: ServerProcess;
let number = 0;

beforeAll(async () => {
  const data = scene.path("honest");
  const honest = await startServer({ data });
  const source = scene.source("source", {});
  const machine: Machine = await scene.pairedMachine(
    { url: honest.url, login: "ada" },
    scene.source("source", { first: "1" }),
  );
  await machine.backUp();
  for (const name of NAMES) {
    const before = new Set(listFiles(data));
    writeFileSync(join(source, name), seededBytes(name, FILE_BYTES));
    await machine.backUp();
    const added = listFiles(data).filter((path) => !before.has(path));
    blobs.set(name, added.find((path) => path.startsWith("blobs/")) ?? "");
    records.set(name, added.find((path) => path.startsWith("journal/")) ?? "");
  }
  await honest.stop();
});

afterEach(async () => {
  await server.stop();
});

afterAll(async () => {
  await stopChildren();
  scene.remove();
});

function listFiles(folder: string): readonly string[] {
  const paths = [...walkTree(folder)].map((path) => path.toString());
  return paths.filter((path) => lstatSync(join(folder, path)).isFile());
}

/** A copy of the honest server's data, edited, served, and restored from. */
async function restoreFrom(edit: (place: (path: string | undefined) => string) => void): Promise<ClientEnd> {
  number += 1;
  const data = scene.path(`data ${number}`);
  cpSync(scene.path("honest"), data, { recursive: true });
  edit((path) => join(data, path ?? "missing"));
  server = await startServer({ data });
  const account: Account = { url: server.url, login: "ada" };
  return await scene.restore(account, scene.path(`back ${number}`));
}

/** The files that came back, each of which must be what went up. */
function readRestored(): readonly string[] {
  const source = pictureTree(scene.path("source"));
  const found = [...pictureTree(scene.path(`back ${number}`, "root"))];
  for (const [path, entry] of found) expect([path, entry]).toEqual([path, source.get(path)]);
  return found.map(([path]) => path).sort();
}

function flipByte(path: string): void {
  const bytes = readFileSync(path);
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

function swap(left: string, right: string): void {
  renameSync(left, `${left}.other`);
  renameSync(right, left);
  renameSync(`${left}.other`, right);
}

describe("blobs on the server's disk", () => {
  test("that are altered, truncated or gone are named, and the rest comes back", async () => {
    const end = await restoreFrom((place) => {
      flipByte(place(blobs.get("a")));
      truncateSync(place(blobs.get("b")), 1000);
      rmSync(place(blobs.get("c")));
    });
    expect(readDamage(end)).toEqual(["blob-altered a", "blob-missing c", "blob-truncated b"]);
    expect([end.code, readCount(end, "filesFailed")]).toEqual([3, 3]);
    expect(readRestored()).toEqual(["d", "e", "first"]);
  });

  test("that are swapped are named, and the rest comes back", async () => {
    const end = await restoreFrom((place) => swap(place(blobs.get("a")), place(blobs.get("b"))));
    expect(readDamage(end)).toEqual(["blob-altered a", "blob-altered b"]);
    expect([end.code, readCount(end, "filesFailed")]).toEqual([3, 2]);
    expect(readRestored()).toEqual(["c", "d", "e", "first"]);
  });
});

describe("records on the server's disk", () => {
  test.each([
    ["altered", (place: (path: string | undefined) => string) => flipByte(place(records.get("c")))],
    ["gone", (place: (path: string | undefined) => string) => rmSync(place(records.get("c")))],
    [
      "given for another",
      (place: (path: string | undefined) => string) => copyFileSync(place(records.get("b")), place(records.get("c"))),
    ],
    [
      "swapped",
      (place: (path: string | undefined) => string) => swap(place(records.get("b")), place(records.get("c"))),
    ],
  ])("that are %s are never taken for what they are not, and the exit code says so", async (_, edit) => {
    const end = await restoreFrom(edit);
    expect([1, 3]).toContain(end.code);
    expect(end.code === 3 ? readDamage(end).length : String(end.summary["message"]).length).toBeGreaterThan(0);
    for (const path of end.code === 3 ? readRestored() : []) expect(["first", ...NAMES]).toContain(path);
  });
});
