// `hash`: keyed digests of pieces of files. As root every file can be read, so `permission` is not reached here; and no
// test can make a disk fail, so `io` is not either.

import { execFileSync } from "node:child_process";
import { createHmac, hash } from "node:crypto";
import { appendFileSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { carryOut, expectAnswer, fillSlot, makeFolder, makeWorkshop, write } from "./scratch.ts";

const CHUNK = 983_040;

function hashEffect(root: string, paths: readonly string[], count = 3_000, first = 0) {
  const each = Math.floor(count / paths.length);
  return {
    kind: "hash",
    key: "dedup",
    chunkBytes: CHUNK,
    files: paths.map((path) => ({ root, path, first, count: each })),
  } as const;
}

function digestOf(key: Buffer, chunk: Buffer): string {
  return createHmac("sha256", key)
    .update(hash("sha256", chunk, "buffer"))
    .digest("hex");
}

/** Bytes that do not repeat. */
function counted(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at + 4 <= length; at += 4) bytes.writeUInt32LE(at, at);
  return bytes;
}

describe("digests (H-21, F-51)", () => {
  test.each([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])(
    "of a file of %i bytes are those of its chunks",
    async (size) => {
      const root = makeFolder();
      const content = counted(size);
      write(root, "f", content);
      const workshop = makeWorkshop();
      const key = fillSlot(workshop, "dedup");
      const { files } = await expectAnswer(workshop, hashEffect(root, ["f"]), "hashed");
      const digests = Array.from({ length: Math.ceil(size / CHUNK) }, (_, n) =>
        digestOf(key, content.subarray(n * CHUNK, (n + 1) * CHUNK)),
      );
      expect(files).toMatchObject([{ kind: "ok", stat: { sizeBytes: size }, digests }]);
    },
  );

  test("of a piece are those of the chunks that it has", async () => {
    const root = makeFolder();
    const content = counted(3 * CHUNK + 5);
    write(root, "f", content);
    const workshop = makeWorkshop();
    const key = fillSlot(workshop, "dedup");
    const { files } = await expectAnswer(workshop, hashEffect(root, ["f"], 9, 2), "hashed");
    expect(files).toMatchObject([
      { digests: [digestOf(key, content.subarray(2 * CHUNK, 3 * CHUNK)), digestOf(key, content.subarray(3 * CHUNK))] },
    ]);
    expect((await expectAnswer(workshop, hashEffect(root, ["f"], 9, 7), "hashed")).files).toMatchObject([
      { digests: [] },
    ]);
  });
});

describe("a file that cannot be hashed (H-21)", () => {
  test("says why, and the others are hashed", async () => {
    const root = makeFolder();
    mkdirSync(join(root, "folder"));
    execFileSync("mkfifo", [join(root, "pipe")]);
    write(root, "file", "x");
    symlinkSync("file", join(root, "link"));
    write(root, "folder/inside", "x");
    symlinkSync("folder", join(root, "folder link"));
    const workshop = makeWorkshop();
    fillSlot(workshop, "dedup");
    const paths = ["folder", "gone", "pipe", "link", "folder link/inside", "file/below", "file"];
    expect((await expectAnswer(workshop, hashEffect(root, paths), "hashed")).files).toMatchObject([
      { kind: "unreadable", reason: "not-a-file" },
      { kind: "vanished" },
      { kind: "unreadable", reason: "not-a-file" },
      { kind: "unreadable", reason: "not-a-file" },
      { kind: "vanished" },
      { kind: "vanished" },
      { kind: "ok" },
    ]);
  });

  test.each([
    ["grew", (file: string) => appendFileSync(file, "more")],
    ["shrank", (file: string) => truncateSync(file, 100)],
    ["was written to", (file: string) => writeFileSync(file, "y", { flag: "r+" })],
    ["lost its name", (file: string) => rmSync(file)],
  ])("is changed when it %s while it was read", async (_what, disturb) => {
    const root = makeFolder();
    const file = write(root, "f", counted(40 * CHUNK));
    const workshop = makeWorkshop();
    fillSlot(workshop, "dedup");
    const answer = expectAnswer(workshop, hashEffect(root, ["f"]), "hashed");
    setImmediate(() => disturb(file));
    expect((await answer).files).toMatchObject([{ kind: "changed" }]);
  });

  test("has more or fewer bytes than its size says, which is no change", async () => {
    const workshop = makeWorkshop();
    fillSlot(workshop, "dedup");
    const untrue = { kind: "unreadable", reason: "size" };
    // Files of Linux: 0 bytes by their stat, with content; 4,096 with less.
    const more = await expectAnswer(workshop, hashEffect("/proc/sys/kernel/random", ["boot_id"]), "hashed");
    const fewer = await expectAnswer(workshop, hashEffect("/sys/class/net/lo", ["mtu"]), "hashed");
    expect([...more.files, ...fewer.files]).toEqual([untrue, untrue]);
  });

  test("stops soon when it is cancelled", async () => {
    const root = makeFolder();
    write(root, "f", counted(40 * CHUNK));
    const workshop = makeWorkshop();
    fillSlot(workshop, "dedup");
    const controller = new AbortController();
    setImmediate(() => controller.abort());
    await expect(carryOut(workshop, hashEffect(root, ["f"]), controller.signal)).rejects.toThrow("cancelled");
  });

  test("is refused above 3,000 chunks, or without the slot", async () => {
    const workshop = makeWorkshop();
    await expect(carryOut(workshop, hashEffect("/", ["f"]))).rejects.toThrow("slot");
    fillSlot(workshop, "dedup");
    await expect(carryOut(workshop, hashEffect("/", ["f"], 3_001))).rejects.toThrow("3000");
  });
});
