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
import { basename, join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { stopChildren } from "../../end-to-end/child.ts";
import { type ClientEnd, readCount } from "../../end-to-end/client-process.ts";
import { type Alteration, Gateway } from "../../end-to-end/gateway.ts";
import { type Account, type Machine, readDamage, Scene } from "../../end-to-end/scene.ts";
import { seededBytes } from "../../end-to-end/seeded-content.ts";
import { type ServerProcess, startServer } from "../../end-to-end/server-process.ts";
import { pictureTree, walkTree } from "../../end-to-end/tree-picture.ts";

const NAMES = ["a", "b", "c", "d", "e"] as const;
type Name = (typeof NAMES)[number];
const FILE_BYTES = 200_000;
/** The first backup wrote record 1, and each name one more. */
const NUMBER_OF_C = 4;

type Place = (path: string | undefined) => string;
type PagedRecord = { readonly number: number; readonly record: string; readonly receipt: string };

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
async function restoreFrom(edit: (place: Place) => void): Promise<ClientEnd> {
  number += 1;
  const data = scene.path(`data ${number}`);
  cpSync(scene.path("honest"), data, { recursive: true });
  edit((path) => join(data, path ?? "missing"));
  server = await startServer({ data });
  const account: Account = { url: server.url, login: "ada" };
  return await scene.restore(account, scene.path(`back ${number}`));
}

/** A restore from the honest server through a gateway that alters its answers. */
async function restoreThrough(alter: Alteration): Promise<ClientEnd> {
  number += 1;
  server = await startServer({ data: scene.path("honest") });
  const gateway = await Gateway.open(server.url);
  gateway.alteration = alter;
  try {
    return await scene.restore({ url: gateway.url, login: "ada" }, scene.path(`back ${number}`));
  } finally {
    await gateway.close();
  }
}

/** The files that came back, each of which must be what went up. */
function readRestored(): readonly string[] {
  const source = pictureTree(scene.path("source"));
  const found = [...pictureTree(scene.path(`back ${number}`, "root"))];
  for (const [path, entry] of found) expect([path, entry]).toEqual([path, source.get(path)]);
  return found.map(([path]) => path).sort();
}

/** The id in a blob's file name. */
function idOf(path: string | undefined): string {
  return basename(path ?? "missing").split(".")[0] ?? "";
}

function replaceAt(all: PagedRecord[], at: number, make: (each: PagedRecord) => PagedRecord): PagedRecord[] {
  return all.map((each, index) => (index === at ? make(each) : each));
}

/** Base64 of the same bytes but for one bit in the middle. */
function flipText(base64: string): string {
  const bytes = Buffer.from(base64, "base64");
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  return bytes.toString("base64");
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
    // An honest server gives no altered blob to its end (P-43), and in ranges what is left of it: the client sees for itself.
    expect(readDamage(end)).toEqual(["blob-altered a", "blob-missing b", "blob-missing c"]);
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
    ["altered", (place: Place) => flipByte(place(records.get("c")))],
    ["gone", (place: Place) => rmSync(place(records.get("c")))],
    ["given for another", (place: Place) => copyFileSync(place(records.get("b")), place(records.get("c")))],
  ])("that are %s cost what they held: the record is named, and the rest comes back", async (_, edit) => {
    const end = await restoreFrom(edit);
    expect(readDamage(end)).toEqual([`record-missing ${NUMBER_OF_C}`]);
    expect(end.code).toBe(3);
    expect(readRestored()).toEqual(["a", "b", "d", "e", "first"]);
  });
});

describe("a server that answers with", () => {
  test("half a blob, and breaks off, is asked again", async () => {
    let halves = 2;
    const end = await restoreThrough(({ path }, body) => {
      if (!path.includes(idOf(blobs.get("a"))) || halves === 0) return body;
      halves -= 1;
      return "half";
    });
    expect([end.code, readDamage(end), halves]).toEqual([0, [], 0]);
    expect(readRestored()).toEqual(["a", "b", "c", "d", "e", "first"]);
  });

  test("a shorter blob than there was is named, and the rest comes back", async () => {
    const end = await restoreThrough(({ path }, body) =>
      path.includes(idOf(blobs.get("a"))) ? body.subarray(0, 1000) : body,
    );
    expect(readDamage(end)).toEqual(["blob-truncated a"]);
    expect(end.code).toBe(3);
    expect(readRestored()).toEqual(["b", "c", "d", "e", "first"]);
  });

  test.each([
    [
      "an altered record",
      (all: PagedRecord[]) => replaceAt(all, 3, (each) => ({ ...each, record: flipText(each.record) })),
    ],
    [
      "a record in the place of another",
      (all: PagedRecord[]) => replaceAt(all, 3, (each) => ({ ...each, record: all[2]?.record ?? "" })),
    ],
    [
      "a forged receipt",
      (all: PagedRecord[]) => replaceAt(all, 3, (each) => ({ ...each, receipt: flipText(each.receipt) })),
    ],
    ["a record less", (all: PagedRecord[]) => all.filter((_, at) => at !== 3)],
    ["a record less at the end", (all: PagedRecord[]) => all.slice(0, -1)],
    ["a record twice", (all: PagedRecord[]) => [...all.slice(0, 3), ...all.slice(2)]],
  ])("%s is found out: it is named, what is restored is right, and the exit code says so", async (_, alter) => {
    const end = await restoreThrough(({ method, path }, body) => {
      if (method !== "POST" || path !== "/v1/sessions") return body;
      const bundle = JSON.parse(body.toString()) as { tail: { records: PagedRecord[] } };
      return Buffer.from(JSON.stringify({ ...bundle, tail: { ...bundle.tail, records: alter(bundle.tail.records) } }));
    });
    expect([3, readDamage(end).length > 0]).toEqual([end.code, true]);
    expect(readRestored()).toEqual(expect.arrayContaining(["a", "b", "first"]));
  });
});
