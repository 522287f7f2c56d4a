// `finish-file`: files, folders and links put into their places. A full disk is not had here: the tests run on a real one.

import { randomUUID } from "node:crypto";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FinishedItem, FinishItem } from "coffre-engine";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { Workshop } from "../../src/host/workshop.ts";
import { expectAnswer, makeFolder, makeWorkshop, write } from "./scratch.ts";

let workshop: Workshop;
let target: string;
let work: string;
let outside: string;

beforeEach(() => {
  const folder = makeFolder();
  workshop = makeWorkshop();
  target = join(folder, "target");
  work = join(target, ".work");
  outside = join(folder, "outside");
  mkdirSync(work, { recursive: true });
  mkdirSync(outside);
});

async function finish(...items: FinishItem[]): Promise<readonly FinishedItem[]> {
  return (await expectAnswer(workshop, { kind: "finish-file", target, work, items }, "finished")).items;
}

function file(
  path: string,
  from: string | null,
  change: Partial<Extract<FinishItem, { kind: "file" }>> = {},
): FinishItem {
  const stat = { sizeBytes: from === null ? 0 : 5, mode: 0o640, mtimeS: 1_500_000_000, mtimeUs: 123_456 };
  return { kind: "file", from, path, ...stat, existing: "refuse", ...change };
}

function link(path: string, change: Partial<Extract<FinishItem, { kind: "link" }>> = {}): FinishItem {
  return { kind: "link", path, target: "../x", mtimeS: 1_000_000_000, mtimeUs: 1, existing: "refuse", ...change };
}

const OK = { kind: "ok" };

describe("a file (H-25)", () => {
  test("gets its size, mode and times, and its place, with the folders above it", async () => {
    write(work, "1", "hello, world");
    expect(await finish(file("a/b/f", "1"))).toEqual([OK]);
    const stat = statSync(join(target, "a/b/f"), { bigint: true });
    expect(readFileSync(join(target, "a/b/f"), "utf8")).toBe("hello");
    expect(stat.mode & 0o7777n).toBe(0o640n);
    expect(stat.mtimeNs / 1_000n).toBe(1_500_000_000_123_456n);
    expect(existsSync(join(work, "1"))).toBe(false);
  });

  test.each([
    [-2_000_000_000, 123_457],
    [-1, 999_999],
    [-1, 0],
    [0, 0],
    [0, 1],
    [999_999_999, 1],
    [1_000_000_000, 0],
    [1_700_000_000, 999_999],
    [2_200_000_000, 7],
    [4_300_000_000, 500_000],
    [16_000_000_000, 333_333],
  ])("keeps the time %i s and %i µs (F-67)", async (mtimeS, mtimeUs) => {
    expect(await finish(file("f", null, { mtimeS, mtimeUs }), link("l", { mtimeS, mtimeUs }))).toEqual([OK, OK]);
    for (const name of ["f", "l"]) {
      const ns = lstatSync(join(target, name), { bigint: true }).mtimeNs;
      const us = (ns - (((ns % 1_000n) + 1_000n) % 1_000n)) / 1_000n;
      // Inodes of ext4 end in 2446; the same bound would hold for whoever made the file.
      expect(us).toBe(
        BigInt(Math.min(mtimeS, 15_032_385_535)) * 1_000_000n + (mtimeS > 15_032_385_535 ? 0n : BigInt(mtimeUs)),
      );
    }
  });

  test("keeps odd times: ten thousand microseconds of this century", async () => {
    const items = Array.from({ length: 500 }, (_, n) =>
      file(`${n}`, null, { mtimeS: 1_600_000_000 + n * 1_000_003, mtimeUs: (n * 7_919) % 1_000_000 }),
    );
    await finish(...items);
    for (const [n, item] of items.entries()) {
      if (item.kind !== "file") continue;
      const us = statSync(join(target, String(n)), { bigint: true }).mtimeNs / 1_000n;
      expect(us).toBe(BigInt(item.mtimeS) * 1_000_000n + BigInt(item.mtimeUs));
    }
  });

  test("does not touch what is there with `refuse`, and takes its place with `replace`", async () => {
    write(target, "f", "mine");
    write(work, "1", "hello");
    expect(await finish(file("f", "1"), file("f", null))).toEqual([{ kind: "exists" }, { kind: "exists" }]);
    expect(readFileSync(join(target, "f"), "utf8")).toBe("mine");
    expect(await finish(file("f", "1", { existing: "replace" }))).toEqual([OK]);
    expect(readFileSync(join(target, "f"), "utf8")).toBe("hello");
  });

  test("replaces a link, not what it names, and never a folder", async () => {
    write(outside, "x", "theirs");
    symlinkSync(join(outside, "x"), join(target, "link"));
    mkdirSync(join(target, "folder"));
    write(work, "1", "hello");
    expect(await finish(file("folder", "1", { existing: "replace" }))).toEqual([
      { kind: "conflict", reason: "is-a-folder" },
    ]);
    expect(await finish(file("link", "1", { existing: "replace" }))).toEqual([OK]);
    expect(lstatSync(join(target, "link")).isFile()).toBe(true);
    expect(readFileSync(join(outside, "x"), "utf8")).toBe("theirs");
  });

  test("is done when it was done before and the answer was lost", async () => {
    write(work, "1", "hello");
    await finish(file("f", "1"), file("empty", null), link("l"));
    expect(await finish(file("f", "1"), file("empty", null), link("l"))).toEqual([OK, OK, OK]);
    expect(await finish(file("g", "1"))).toEqual([{ kind: "refused", reason: "io" }]);
  });

  /** A folder of another file system: nothing is linked or renamed across. */
  const elsewhere = "/dev/shm";
  const isOneFileSystem = statSync(elsewhere, { throwIfNoEntry: false })?.dev === statSync(realpathSync(tmpdir())).dev;
  test.skipIf(isOneFileSystem || !existsSync(elsewhere))("that cannot be moved leaves no name behind", async () => {
    work = join(elsewhere, `coffre-test-${randomUUID()}`);
    onTestFinished(() => rmSync(work, { recursive: true, force: true }));
    write(work, "1", "hello");
    expect(await finish(file("f", "1"), file("g", null))).toEqual(
      ["f", "g"].map(() => ({ kind: "refused", reason: "io" })),
    );
    expect(["f", "g"].map((name) => existsSync(join(target, name)))).toEqual([false, false]);
    expect(readdirSync(work)).toEqual(["1"]);
  });

  test("that has a time that no clock shows, or comes from no name, spoils no other item", async () => {
    const odd = { mtimeS: 2 ** 64, mtimeUs: 0 };
    write(work, "1", "hello");
    const items = [file("a", null, odd), link("l", odd), link("l", odd), link("m", { ...odd, existing: "replace" })];
    const times = { kind: "folder-times", path: "d", mode: 0o700, ...odd } as const;
    const results = await finish(...items, times, { kind: "discard", from: "../1" }, file("f", "1"));
    expect(results.map(({ kind }) => kind)).toEqual([...Array.from({ length: 6 }, () => "refused"), "ok"]);
    expect(readFileSync(join(target, "f"), "utf8")).toBe("hello");
    expect(readdirSync(work)).toEqual([]);
  });

  test("comes with many others: a thousand in one batch", async () => {
    const names = Array.from({ length: 1_000 }, (_, n) => `d${n % 7}/f${n}`);
    for (const [n, name] of names.entries()) write(work, String(n), name.padEnd(5));
    const results = await finish(...names.map((name, n) => file(name, String(n), { sizeBytes: name.length })));
    expect(results.every(({ kind }) => kind === "ok")).toBe(true);
    expect(names.every((name) => readFileSync(join(target, name), "utf8") === name)).toBe(true);
  });
});

describe("names (H-9, H-25)", () => {
  test.each(["😀", "-rf", "a\nb", "é".repeat(127), "/ff61", "/61ff"])("%j is made as it is", async (name) => {
    write(work, "1", "hello");
    expect(await finish({ kind: "folder", path: name }, file(`${name}/${name}`, "1"))).toEqual([OK, OK]);
  });

  test.each(["..", "../outside/f", "a/../../f", ".", "", "/2e2e/f", "a\0", "é".repeat(128), "x".repeat(256)])(
    "%j is refused",
    async (path) => {
      write(work, "1", "hello");
      expect(await finish(file(path, "1"))).toEqual([{ kind: "refused", reason: "name" }]);
    },
  );
});

describe("nothing outside the target (H-25)", () => {
  test("a link among the components is a conflict, for every kind of item", async () => {
    symlinkSync(outside, join(target, "out"));
    write(work, "1", "hello");
    const times = { kind: "folder-times", path: "out/d", mode: 0o700, mtimeS: 0, mtimeUs: 0 } as const;
    const results = await finish(file("out/f", "1"), link("out/l"), { kind: "folder", path: "out/d" }, times);
    expect(results).toEqual(Array.from({ length: 4 }, () => ({ kind: "conflict", reason: "link-in-path" })));
    expect(await finish({ kind: "folder-times", path: "out", mode: 0o700, mtimeS: 0, mtimeUs: 0 })).toEqual([
      { kind: "conflict", reason: "link-in-path" },
    ]);
    expect(statSync(outside).mtimeMs).toBeGreaterThan(1_000);
    expect(lstatSync(join(outside, "f"), { throwIfNoEntry: false })).toBeUndefined();
  });

  test("a folder that became a link between two batches is seen", async () => {
    await finish({ kind: "folder", path: "d" });
    renameSync(join(target, "d"), join(target, "was"));
    symlinkSync(outside, join(target, "d"));
    expect(await finish(file("d/f", null))).toEqual([{ kind: "conflict", reason: "link-in-path" }]);
  });

  test("a file among the components is a conflict", async () => {
    write(target, "f", "");
    expect(await finish(file("f/g", null))).toEqual([{ kind: "conflict", reason: "not-a-folder" }]);
  });
});

describe("folders, links and leftovers (H-25)", () => {
  test("a folder gets its times and mode after its contents, and may be there already", async () => {
    const times = { kind: "folder-times", path: "d/e", mode: 0o555, mtimeS: 1_234_567_890, mtimeUs: 654_321 } as const;
    expect(await finish({ kind: "folder", path: "d/e" }, times, file("d/e/f", null))).toEqual([OK, OK, OK]);
    const stat = statSync(join(target, "d/e"), { bigint: true });
    expect([stat.mode & 0o777n, stat.mtimeNs / 1_000n]).toEqual([0o555n, 1_234_567_890_654_321n]);
    expect(await finish({ kind: "folder", path: "d/e" })).toEqual([OK]);
    chmodSync(join(target, "d/e"), 0o700);
  });

  test("a link names what it named, UTF-8 or not, and keeps its own time", async () => {
    expect(await finish(link("l"), link("odd", { targetHex: "fffe" }))).toEqual([OK, OK]);
    expect(readlinkSync(join(target, "l"))).toBe("../x");
    expect(readlinkSync(join(target, "odd"), "buffer")).toEqual(Buffer.of(0xff, 0xfe));
    expect(lstatSync(join(target, "l"), { bigint: true }).mtimeNs / 1_000n).toBe(1_000_000_000_000_001n);
    expect(await finish(link("l", { target: "other" }))).toEqual([{ kind: "exists" }]);
    expect(await finish(link("l", { target: "other", existing: "replace" }))).toEqual([OK]);
    expect(readlinkSync(join(target, "l"))).toBe("other");
  });

  test("what is discarded is gone, and may be gone already", async () => {
    write(work, "1", "x");
    expect(await finish({ kind: "discard", from: "1" }, { kind: "discard", from: "1" })).toEqual([OK, OK]);
    expect(existsSync(join(work, "1"))).toBe(false);
    rmSync(work, { recursive: true });
    writeFileSync(join(target, "f"), "");
    expect(await finish(file("g", null))).toEqual([OK]);
  });
});
