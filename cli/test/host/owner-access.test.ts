// Modes that shut out their owner, opened again. Whether they do shut out is for the portability suite, which drops root's rights.

import { chmodSync, lstatSync, mkdirSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { allowOwner } from "../../src/host/owner-access.ts";
import { makeFolder, write } from "./scratch.ts";

const modeOf = (path: string): number => statSync(path).mode & 0o7777;

test("a file and a folder are readable and writable by their owner again, and else as they were", () => {
  const folder = makeFolder();
  const paths = [write(folder, "file", ""), join(folder, "folder")];
  mkdirSync(join(folder, "folder"));
  for (const path of paths) {
    chmodSync(path, 0o1014);
    allowOwner(path);
    expect(modeOf(path)).toBe(0o1614);
    allowOwner(Buffer.from(path));
    expect(modeOf(path)).toBe(0o1614);
  }
});

test("a link is not followed: what it names keeps its mode", () => {
  const folder = makeFolder();
  const file = write(folder, "file", "");
  const link = join(folder, "link");
  chmodSync(file, 0);
  symlinkSync("file", link);
  allowOwner(link);
  expect(modeOf(file)).toBe(0);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
});
