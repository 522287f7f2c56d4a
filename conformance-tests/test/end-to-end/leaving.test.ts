// Leaving a server with everything: `export`, and `open-export` without any server. Rule: what comes out of the file is what a restore
// gives; what was altered in it is named, and never restored.

import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LEAST_FILES, makeAwkwardTree } from "../../end-to-end/awkward-tree.ts";
import { stopChildren } from "../../end-to-end/child.ts";
import type { ClientEnd } from "../../end-to-end/client-process.ts";
import { type Account, expectDone, type Machine, readDamage, Scene } from "../../end-to-end/scene.ts";
import { startServer } from "../../end-to-end/server-process.ts";
import { compareTrees, pictureFolder, pictureTree } from "../../end-to-end/tree-picture.ts";

const scene = new Scene("leaving");
const source = scene.path("everything awkward");
const tar = scene.path("vault.tar");
const BLOCK = 512;
const READER = fileURLToPath(new URL("../../../docs/reader/export-reader.py", import.meta.url));
let account: Account;
let machine: Machine;

beforeAll(async () => {
  makeAwkwardTree(source, { seed: "leaving", files: LEAST_FILES + 3, largestBytes: 9_000_000 });
  const server = await startServer({ data: scene.path("data") });
  account = { url: server.url, login: "ada" };
  machine = await scene.pairedMachine(account, source);
  await machine.backUp();
  writeFileSync(scene.path("everything awkward", "second"), "first version");
  await machine.backUp();
  writeFileSync(scene.path("everything awkward", "second"), "second version");
  await machine.backUp();
  expectDone("export", await machine.run(["export", tar, "--passphrase-file", scene.passphraseFile]));
  await stopChildren();
});

afterAll(async () => {
  await stopChildren();
  scene.remove();
});

/** A folder with the packages of the reader, by their hashes; null where there is no Python, or nothing to fetch them from. */
function preparePackages(folder: string): string | null {
  const fetch = ["-m", "pip", "install", "-q", "--no-compile", "--require-hashes", "--only-binary=:all:"];
  const requirements = join(READER, "../requirements.txt");
  const end = spawnSync("python3", [...fetch, "--target", folder, "-r", requirements], { timeout: 150_000 });
  return end.status === 0 ? folder : null;
}

/** Runs the reader, whose packages are in `packages`. */
function runReader(packages: string | null, args: readonly string[]): SpawnSyncReturns<string> {
  const env = { ...process.env, PYTHONPATH: packages ?? "", PYTHONDONTWRITEBYTECODE: "1" };
  return spawnSync("python3", [READER, ...args], { encoding: "utf8", env });
}

function open(file: string, to: string, more: readonly string[] = []): Promise<ClientEnd> {
  const secret = more.includes("--recovery-file") ? [] : ["--passphrase-file", scene.passphraseFile];
  return scene.machine(`opener of ${to}`).run(["open-export", file, "--to", scene.path(to), ...secret, ...more]);
}

/** Where the members of the file stand: name, place of the content, size. */
function members(bytes: Buffer): { name: string; at: number; size: number }[] {
  const found = [];
  for (let at = 0; bytes[at] !== 0; ) {
    const name = bytes.toString("latin1", at, bytes.indexOf(0, at));
    const size = Number.parseInt(bytes.toString("latin1", at + 124, at + 135), 8);
    found.push({ name, at: at + BLOCK, size });
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return found;
}

test("an export opens without a server, by passphrase or words, to what was backed up", async () => {
  expect(statSync(tar).mode & 0o777).toBe(0o600);
  expectDone("open-export", await open(tar, "back"));
  expect(compareTrees(pictureFolder(source), pictureFolder(scene.path("back", "root")))).toEqual([]);
  expectDone("by words", await open(tar, "by words", ["--recovery-file", scene.wordsFile, "root/second"]));
  expect(readFileSync(scene.path("by words", "root", "second"), "utf8")).toBe("second version");
});

test("an export opens with no other passphrase", async () => {
  scene.source("wrong", { passphrase: "seven loud herons over the ice\n" });
  const place = ["--to", scene.path("not back"), "--passphrase-file", scene.path("wrong", "passphrase")];
  const end = await scene.machine("wrong").run(["open-export", tar, ...place]);
  expect([end.code, end.summary["code"]]).toEqual([1, "user-login-refused"]);
});

test("a bit that was flipped anywhere is named, and no wrong byte is restored", async () => {
  const whole = readFileSync(tar);
  const all = members(whole);
  const expected = pictureTree(source);
  const first = (pattern: RegExp) => all.find(({ name }) => pattern.test(name)) ?? { name: "", at: 0, size: 0 };
  const blobs = all.filter(({ name }) => name.startsWith("blobs/"));
  const [filled, other] = [blobs.at(-1) ?? first(/./), blobs.at(0) ?? first(/./)];
  const sums = first(/SUMS/);
  const envelope = all.filter(({ name }) => name.includes("/epochs/")).at(-1) ?? first(/./);
  const record = all.filter(({ name }) => name.includes("/records/")).at(-1);
  const [readme, receipt] = [/^README/, /receipts/].map(first);
  const rounds = [
    [
      [readme?.name, (readme?.at ?? 0) + 3],
      [receipt?.name, (receipt?.at ?? 0) + 40],
      [filled.name, filled.at + filled.size - 1],
      [sums.name, sums.at + sums.size - 30],
      [/^byte/, whole.length - 1],
    ],
    [
      [record?.name, (record?.at ?? 0) - BLOCK + 20],
      [other.name, other.at + 40],
      [envelope.name, envelope.at + 300],
    ],
  ] as const;
  for (const [round, flips] of rounds.entries()) {
    const bytes = Buffer.from(whole);
    for (const [, at] of flips) bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    const file = scene.path("flipped.tar");
    writeFileSync(file, bytes);
    const end = await open(file, `flipped ${round}`);
    const named = end.events.filter(({ type }) => type === "fault").map(({ member }) => String(member));
    const unnamed = flips.filter(
      ([what]) => !named.some((name) => (what instanceof RegExp ? what.test(name) : name === what)),
    );
    expect({ round, code: end.code, unnamed }).toEqual({ round, code: 3, unnamed: [] });
    for (const [path, seen] of pictureTree(scene.path(`flipped ${round}`, "root"))) {
      const before = expected.get(path);
      const content = [seen, before].map((each) => (each?.kind === "file" ? each.sha256 : null));
      if (seen.kind === "file") expect({ path, content: content[0] }).toEqual({ path, content: content[1] });
    }
  }
});

test("an export that was cut short says so, and gives back what is there", async () => {
  const whole = readFileSync(tar);
  const all = members(whole);
  const first = all.find(({ name }) => name.startsWith("blobs/"));
  writeFileSync(scene.path("cut.tar"), whole.subarray(0, (first?.at ?? 0) + 5_000));
  const end = await open(scene.path("cut.tar"), "from a cut one");
  expect(end.code).toBe(3);
  expect(readDamage(end).length).toBeGreaterThan(0);
  expect(end.events.filter(({ type }) => type === "fault").map(({ code }) => code)).toContain("export-cut");
});

describe("the reader of docs/reader, which shares no code with Coffre", () => {
  const packages = preparePackages(scene.path("packages"));
  if (packages === null) console.warn("SKIPPED: the reader needs python3, and packages that pip cannot fetch here");

  test.skipIf(packages === null).each([
    ["--passphrase-file", () => scene.passphraseFile],
    ["--words-file", () => scene.wordsFile],
  ])("gives back the newest version of everything with %s", (option, file) => {
    const to = scene.path(`read with ${option}`);
    const end = runReader(packages, [tar, "--to", to, option, file()]);
    expect([end.status, end.stderr]).toEqual([0, ""]);
    expect(compareTrees(pictureFolder(source), pictureFolder(join(to, "root")))).toEqual([]);
  });

  test.skipIf(packages === null)("writes no byte of a blob that was altered, and says which files lack", () => {
    const bytes = Buffer.from(readFileSync(tar));
    const blob = members(bytes)
      .toSorted((a, b) => a.size - b.size)
      .at(-1);
    bytes.fill(0x55, blob?.at, (blob?.at ?? 0) + (blob?.size ?? 0));
    writeFileSync(scene.path("altered.tar"), bytes);
    const to = scene.path("read altered");
    const args = [scene.path("altered.tar"), "--to", to, "--passphrase-file", scene.passphraseFile];
    const end = runReader(packages, args);
    expect([end.status, end.stderr]).toEqual([1, expect.stringContaining("not authentic")]);
    const expected = pictureTree(source);
    for (const [path, seen] of pictureTree(join(to, "root"))) {
      if (seen.kind === "file") expect(seen).toEqual(expected.get(path));
    }
  });
});

test("a file that stands in the way is never written over", async () => {
  const end = await machine.run(["export", tar, "--passphrase-file", scene.passphraseFile]);
  expect([end.code, end.summary["code"]]).toEqual([2, "user-usage"]);
});
