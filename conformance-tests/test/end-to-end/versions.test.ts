// Every version that was ever synced can be had: older ones, deleted ones, those of roots that were removed.

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { stopChildren } from "../../end-to-end/child.ts";
import { readCount } from "../../end-to-end/client-process.ts";
import { type Account, expectDone, type Machine, readDamage, Scene } from "../../end-to-end/scene.ts";
import { startServer } from "../../end-to-end/server-process.ts";
import { pictureTree } from "../../end-to-end/tree-picture.ts";

const scene = new Scene("versions");
const started = scene.source("started", {});
let account: Account;
let machine: Machine;
let number = 0;
/** Each test has a root of its own, and its folder. */
let root: string;
let source: string;

beforeAll(async () => {
  const server = await startServer({ data: scene.path("data") });
  account = { url: server.url, login: "ada" };
  machine = await scene.pairedMachine(account, started);
});

beforeEach(async () => {
  number += 1;
  root = `root-${number}`;
  source = scene.source(`source ${number}`, { "a.txt": "first", "folder/b.txt": "b", "folder/c.txt": "c" });
  expectDone("add", await machine.run(["add", source, "--name", root]));
  await machine.backUp();
});

afterAll(async () => {
  await stopChildren();
  scene.remove();
});

/** The files that a restore with `more` brings, by path, with their content. */
async function restoreTexts(place: string, more: readonly string[] = []): Promise<Readonly<Record<string, string>>> {
  const to = scene.path(`back ${number} ${[place, ...more].join(" ").replaceAll("/", "-")}`);
  expectDone("restore", await scene.restore(account, to, [place, ...more]));
  const files = [...pictureTree(to)].filter(([, { kind }]) => kind === "file").map(([path]) => path);
  return Object.fromEntries(
    files.map((path) => [path.slice(path.indexOf("/") + 1), readFileSync(join(to, path), "utf8")]),
  );
}

/** A time between what was synced until now and what will be, as `--at` takes it. */
async function readSyncTime(): Promise<string> {
  const { summary } = await machine.run(["status"]);
  const { timeMs } = summary["lastReceipt"] as { timeMs: number };
  return new Date(timeMs + 1).toISOString();
}

describe("a version that was synced", () => {
  test("can be had by --at after the file has changed", async () => {
    const before = await readSyncTime();
    writeFileSync(join(source, "a.txt"), "second, and longer");
    await machine.backUp();
    expect((await restoreTexts(`${root}/a.txt`))["a.txt"]).toBe("second, and longer");
    expect((await restoreTexts(`${root}/a.txt`, ["--at", before]))["a.txt"]).toBe("first");
  });

  test("can be had by --at after the file was deleted, and is not in the newest state", async () => {
    const before = await readSyncTime();
    rmSync(join(source, "folder", "b.txt"));
    await machine.backUp();
    expect(Object.keys(await restoreTexts(root)).sort()).toEqual(["a.txt", "folder/c.txt"]);
    expect((await restoreTexts(root, ["--at", before]))["folder/b.txt"]).toBe("b");
  });

  test("can be had after its root was removed", async () => {
    expectDone("remove", await machine.run(["remove", root]));
    await machine.backUp();
    const { events } = await machine.run(["roots"]);
    expect(events.filter(({ type, name }) => type === "root" && name === root)).toEqual([]);
    expect(await restoreTexts(root)).toEqual({ "a.txt": "first", "folder/b.txt": "b", "folder/c.txt": "c" });
  });
});

describe("what is asked for", () => {
  test("is restored alone: a folder, or a file", async () => {
    expect(Object.keys(await restoreTexts(`${root}/folder`)).sort()).toEqual(["folder/b.txt", "folder/c.txt"]);
    expect(Object.keys(await restoreTexts(`${root}/folder/c.txt`))).toEqual(["folder/c.txt"]);
  });

  test("is refused by a sentence when the vault does not have it", async () => {
    const end = await scene.restore(account, scene.path(`none ${number}`), [`${root}/no such file`]);
    expect([end.code, end.summary["code"]]).toEqual([1, "user-path-unknown"]);
  });
});

describe("--exclude", () => {
  test("leaves out what matches, counts it, and says so", async () => {
    const other = scene.source(`other ${number}`, {
      "keep.txt": "k",
      "leave.tmp": "l",
      "cache/one": "1",
      "cache/two": "2",
    });
    expectDone(
      "add",
      await machine.run(["add", other, "--name", "other", "--exclude", "*.tmp", "--exclude", "/cache/"]),
    );
    const end = await machine.backUp();
    expect(readCount(end, "filesExcluded")).toBeGreaterThanOrEqual(2);
    expect(Object.keys(await restoreTexts("other"))).toEqual(["keep.txt"]);
    const { summary } = await machine.run(["status"]);
    expect((summary["excluded"] as { rule: string }[]).map(({ rule }) => rule).sort()).toEqual(["*.tmp", "/cache/"]);
  });
});

describe("--existing", () => {
  /** A folder in which a.txt stands already, with other content, and a restore over it. */
  async function restoreOver(
    rule: string,
  ): Promise<{ code: number | null; texts: string[]; damage: readonly string[] }> {
    const to = scene.source(`over ${rule} ${number}`, { [`${root}/a.txt`]: "mine" });
    const end = await scene.restore(account, to, ["--existing", rule, `${root}/a.txt`]);
    const files = [...pictureTree(join(to, root))].filter(([, { kind }]) => kind === "file").map(([path]) => path);
    return {
      code: end.code,
      texts: files.map((path) => readFileSync(join(to, root, path), "utf8")).sort(),
      damage: readDamage(end),
    };
  }

  test("skip keeps what is there and names it", async () => {
    expect(await restoreOver("skip")).toEqual({ code: 3, texts: ["mine"], damage: ["target-exists a.txt"] });
  });

  test("rename keeps both", async () => {
    expect(await restoreOver("rename")).toEqual({ code: 0, texts: ["first", "mine"], damage: [] });
  });

  test("replace puts the vault's in its place", async () => {
    expect(await restoreOver("replace")).toEqual({ code: 0, texts: ["first"], damage: [] });
  });
});
