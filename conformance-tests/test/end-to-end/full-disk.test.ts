// A disk that fills up while files are restored. A small file system is mounted for it, which only the superuser may; for
// others the runner reports the test as left out.

import { execFileSync } from "node:child_process";
import { mkdirSync, rmdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stopChildren } from "../../end-to-end/child.ts";
import { type Account, expectDone, readDamage, readSentence, Scene } from "../../end-to-end/scene.ts";
import { seededBytes } from "../../end-to-end/seeded-content.ts";
import { startServer } from "../../end-to-end/server-process.ts";
import { compareTrees, pictureTree } from "../../end-to-end/tree-picture.ts";

const SMALL = "size=6m";
const ENOUGH = "size=60m";

const scene = new Scene("full-disk");
const place = scene.path("small disk");
const isMounted = mount();
let account: Account;
let source: string;

beforeAll(async () => {
  const server = await startServer({ data: scene.path("data") });
  account = { url: server.url, login: "ada" };
  const files = Array.from({ length: 12 }, (_, index) => [`photo ${index}`, seededBytes(`${index}`, 1_000_000)]);
  source = scene.source("source", Object.fromEntries(files));
  await (await scene.pairedMachine(account, source)).backUp();
});

afterAll(async () => {
  await stopChildren();
  if (isMounted) execFileSync("umount", [place]);
  rmdirSync(place);
  scene.remove();
});

/** Mounts a file system of a few MB; false where that is not allowed. */
function mount(): boolean {
  mkdirSync(place);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", SMALL, "tmpfs", place], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe("a restore onto a disk that is too small", () => {
  test.runIf(isMounted)("says so, keeps what fits, and goes on when there is room", async () => {
    const to = scene.path("small disk", "back");
    const end = await scene.restore(account, to);
    expect([1, 3]).toContain(end.code);
    expect(`${readSentence(end)} ${readDamage(end).join(" ")}`).toMatch(/full|no-space/);
    const kept = [...pictureTree(to)].filter(([path, { kind }]) => path.startsWith("root/") && kind === "file");
    const whole = pictureTree(source);
    for (const [path, entry] of kept) expect([path, entry]).toEqual([path, whole.get(path.slice("root/".length))]);
    execFileSync("mount", ["-o", `remount,${ENOUGH}`, place]);
    expectDone("restore", await scene.restore(account, to));
    expect(compareTrees(whole, pictureTree(scene.path("small disk", "back", "root")))).toEqual([]);
  });
});
