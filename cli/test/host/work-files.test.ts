// Files that grow under their temporary names: what the file system took back does not count as written.

import { closeSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { WorkFiles } from "../../src/host/work-files.ts";
import { makeFolder } from "./scratch.ts";

const PIECE = Buffer.from("piece");

function workIn(folder: string): WorkFiles {
  const work = new WorkFiles([folder]);
  onTestFinished(() => work.close());
  return work;
}

/** Closes a file behind the back of whoever has it open: closing it again is an error of the system. */
function closeBehindItsBack(file: string): void {
  const descriptors = readdirSync("/proc/self/fd").map(Number);
  closeSync(descriptors.find((fd) => readLinkOf(fd) === file) ?? -1);
}

function readLinkOf(fd: number): string | null {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return null;
  }
}

test("what was written is there once it is closed", () => {
  const folder = makeFolder();
  const work = workIn(folder);
  for (const path of ["a", "in/b", "a"]) expect(work.write(0, path, 4, PIECE)).toBeNull();
  work.close();
  for (const path of ["a", "in/b"]) {
    expect(work.failureOf(0, path)).toBeNull();
    expect(readFileSync(join(folder, path), "latin1")).toBe("\0\0\0\0piece");
  }
});

test.each(["first", "last"])("a failure to close the %s file is that file's alone", (failing) => {
  const folder = makeFolder();
  const work = workIn(folder);
  for (const path of ["first", "last"]) {
    expect(work.write(0, path, 0, PIECE)).toBeNull();
    if (path === failing) closeBehindItsBack(join(folder, path));
  }
  work.close();
  const failures = ["first", "last"].map((path) => work.failureOf(0, path));
  expect(failures).toEqual(failing === "first" ? ["io", null] : [null, "io"]);
});

test("a failure to write is told at once, and is no other file's", () => {
  const folder = makeFolder();
  mkdirSync(join(folder, "taken"));
  const work = workIn(folder);
  expect(work.write(0, "taken", 0, PIECE)).toBe("io");
  expect(work.write(0, "a", 0, PIECE)).toBeNull();
  work.close();
  expect(work.failureOf(0, "a")).toBeNull();
});
