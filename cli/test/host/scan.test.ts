// `scan`: folders in the order of names.

import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { Answers, ScannedEntry } from "coffre-engine";
import { describe, expect, onTestFinished, test } from "vitest";
import { FolderListings } from "../../src/host/folder-listings.ts";
import { expectAnswer, makeFolder, makeWorkshop, write } from "./scratch.ts";

type Scanned = Extract<Answers["scan"], { kind: "scanned" }>;

const whole = (root: string, entries = 1_000) =>
  ({ kind: "scan", root, folders: [{ path: "", after: null }], entries }) as const;

function namesOf(scanned: Scanned): string[] {
  return scanned.folders.flatMap((folder) => ("entries" in folder ? folder.entries.map(({ name }) => name) : []));
}

describe("an entry (H-20)", () => {
  test("has size, times, mode and identity, and nothing is followed", async () => {
    const root = makeFolder();
    write(root, "file", "12345");
    symlinkSync("/nowhere", join(root, "link"));
    mkdirSync(join(root, "folder"));
    const scanned = await expectAnswer(makeWorkshop(), whole(root), "scanned");
    const [file, folder, link] = scanned.folders.flatMap((f) => ("entries" in f ? f.entries : [])) as ScannedEntry[];
    const stat = statSync(join(root, "file"));
    expect(file).toMatchObject({ name: "file", kind: "file", sizeBytes: 5, mode: stat.mode & 0o7777 });
    expect(file?.identity).toBe(`${stat.dev}-${stat.ino}`);
    expect(file?.mtimeS).toBe(Math.floor(stat.mtimeMs / 1000));
    expect(folder?.kind).toBe("folder");
    expect(link).toMatchObject({ name: "link", kind: "link", target: "/nowhere" });
    expect(scanned.identity).toBe(`${statSync(root).dev}-${statSync(root).ino}`);
  });

  test("tells sockets and pipes apart, and a target that is not UTF-8", async () => {
    const root = makeFolder();
    const socket = createServer();
    await new Promise<void>((resolve) => socket.listen(join(root, "socket"), resolve));
    onTestFinished(() => void socket.close());
    execFileSync("mkfifo", [join(root, "pipe")]);
    symlinkSync(Buffer.from("\xff\xfe", "latin1"), join(root, "odd"));
    const { folders } = await expectAnswer(makeWorkshop(), whole(root), "scanned");
    expect(folders).toMatchObject([
      {
        entries: [
          { name: "odd", targetHex: "fffe" },
          { name: "pipe", kind: "pipe" },
          { name: "socket", kind: "socket" },
        ],
      },
    ]);
  });

  test("has its name whatever the name is", async () => {
    const root = makeFolder();
    for (const name of ["-rf", "a\nb", "😀", "é".repeat(127), " "]) write(root, name, name);
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff, 0x61])]), "x");
    const scanned = await expectAnswer(makeWorkshop(), whole(root), "scanned");
    expect(namesOf(scanned)).toEqual([" ", "-rf", "/ff61", "a\nb", "é".repeat(127), "😀"]);
  });
});

describe("a listing (H-20)", () => {
  test("goes on behind the last name, through as many answers as it takes", async () => {
    const root = makeFolder();
    const names = Array.from({ length: 1_000 }, (_, n) => `f${String(n).padStart(4, "0")}`);
    for (const name of names) write(root, name, "");
    const workshop = makeWorkshop();
    const seen: string[] = [];
    let after: string | null = null;
    for (let end = false; !end; ) {
      const scan = { kind: "scan", root, folders: [{ path: "", after }], entries: 77 } as const;
      const answer: Scanned = await expectAnswer(workshop, scan, "scanned");
      const [folder] = answer.folders;
      if (folder === undefined || !("entries" in folder)) throw new Error("expected entries");
      expect(folder.entries.length).toBeLessThanOrEqual(77);
      seen.push(...namesOf(answer));
      after = seen.at(-1) ?? null;
      end = folder.end;
    }
    expect(seen).toEqual(names);
  });

  test("goes on where it should when its listing was forgotten or the folder changed", async () => {
    const root = makeFolder();
    for (const name of ["a", "b", "d"]) write(root, name, "");
    const workshop = makeWorkshop();
    await expectAnswer(workshop, whole(root, 2), "scanned");
    write(root, "c", "");
    rmSync(join(root, "d"));
    const on = { kind: "scan", root, folders: [{ path: "", after: "b" }], entries: 10 } as const;
    const kept = await expectAnswer(workshop, on, "scanned");
    expect(kept.folders).toMatchObject([{ path: "", end: true, entries: [{ name: "d", failed: "vanished" }] }]);
    expect(namesOf(await expectAnswer(workshop, on, "scanned"))).toEqual(["c"]);
    expect(namesOf(await expectAnswer(makeWorkshop(), on, "scanned"))).toEqual(["c"]);
  });

  test("takes folders in order and leaves out those that were not begun", async () => {
    const root = makeFolder();
    for (const path of ["a/1", "a/2", "b/1", "c/1"]) write(root, path, "");
    const folders = ["a", "b", "c"].map((path) => ({ path, after: null }));
    const scan = { kind: "scan", root, folders, entries: 3 } as const;
    const scanned = await expectAnswer(makeWorkshop(), scan, "scanned");
    expect(scanned.folders.map(({ path }) => path)).toEqual(["a", "b"]);
    expect(scanned.folders[1]).toMatchObject({ end: true });
  });

  test("stays below 262,144 characters", async () => {
    const root = makeFolder();
    for (let n = 0; n < 1_000; n++) write(root, `${"é".repeat(120)}${n}`, "");
    const scanned = await expectAnswer(makeWorkshop(), whole(root, 5_000), "scanned");
    const text = JSON.stringify(scanned).replace(/[\u0080-\uffff]/g, "\\u0000");
    expect(text.length).toBeLessThanOrEqual(262_144);
    expect(text.length).toBeGreaterThan(250_000);
    expect(scanned.folders[0]).toMatchObject({ end: false });
  });

  test("of an empty folder ends at once", async () => {
    const { folders } = await expectAnswer(makeWorkshop(), whole(makeFolder()), "scanned");
    expect(folders).toMatchObject([{ path: "", entries: [], end: true }]);
  });
});

describe("a large folder (H-20)", () => {
  test("is listed once for as many names as are kept, however many it has", () => {
    const names = Array.from({ length: 100 }, (_, at) => `${100 + at}`);
    const listings = new FolderListings(40);
    let lists = 0;
    const list = (): string[] => {
      lists++;
      return names;
    };
    const seen: string[] = [];
    for (let end = false; !end; ) {
      const listing = listings.list("/root", "folder", seen.at(-1) ?? null, list);
      if (listing === null || typeof listing === "string") throw new Error("expected a listing");
      let room = 7;
      for (const name of listing.rest()) {
        if (room-- === 0) break;
        seen.push(name);
        listing.advance();
      }
      end = listing.isEnd;
    }
    expect([seen, lists]).toEqual([names, 3]);
  });

  test("says which folder it is, and of a disk inside the root that it is one", async () => {
    const folders = ["", "shm", "fd"].map((path) => ({ path, after: "~" }));
    const scan = { kind: "scan", root: "/dev", folders, entries: 10 } as const;
    const stat = statSync("/dev/shm");
    expect((await expectAnswer(makeWorkshop(), scan, "scanned")).folders).toMatchObject([
      { path: "", entries: [], end: true },
      { path: "shm", identity: `${stat.dev}-${stat.ino}`, mounted: true, end: true },
      { path: "fd", failed: "not-a-folder" },
    ]);
    const root = makeFolder();
    mkdirSync(join(root, "below"));
    const plain = { ...scan, root, folders: [{ path: "below", after: null }] };
    const [below] = (await expectAnswer(makeWorkshop(), plain, "scanned")).folders;
    expect(below).not.toHaveProperty("mounted");
  });
});

describe("a folder that cannot be listed (H-20)", () => {
  test("is named with its reason, and the others are listed", async () => {
    const root = makeFolder();
    write(root, "file", "");
    write(root, "good/x", "");
    symlinkSync("..", join(root, "loop"));
    const folders = ["file", "gone", "good", "loop"].map((path) => ({ path, after: null }));
    const scan = { kind: "scan", root, folders, entries: 9 } as const;
    expect((await expectAnswer(makeWorkshop(), scan, "scanned")).folders).toMatchObject([
      { path: "file", failed: "not-a-folder" },
      { path: "gone", failed: "vanished" },
      { path: "good", end: true },
      { path: "loop", failed: "not-a-folder" },
    ]);
  });

  test("is the root itself: then the root is unavailable", async () => {
    const root = makeFolder();
    const file = write(root, "file", "");
    const workshop = makeWorkshop();
    expect(await expectAnswer(workshop, whole(file), "root-unavailable")).toMatchObject({ reason: "not-a-folder" });
    expect(await expectAnswer(workshop, whole(join(root, "gone")), "root-unavailable")).toMatchObject({
      reason: "vanished",
    });
  });
});
