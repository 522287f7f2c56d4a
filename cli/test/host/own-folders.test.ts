// The mark of Coffre's own folders.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findOwnFolder, isOwnFolder, markOwnFolder, OWN_MARK } from "../../src/host/own-folders.ts";
import { makeFolder, write } from "./scratch.ts";

describe("marking a folder (H-36)", () => {
  test("makes it Coffre's own, with a file that everybody may read, and changes nothing the next time", () => {
    const folder = makeFolder();
    markOwnFolder(folder);
    expect(isOwnFolder(folder)).toBe(true);
    const before = statSync(join(folder, OWN_MARK), { bigint: true });
    markOwnFolder(folder);
    expect(statSync(join(folder, OWN_MARK), { bigint: true })).toEqual(before);
  });

  test("completes a mark that a kill or a full disk left empty", () => {
    const folder = makeFolder();
    write(folder, OWN_MARK, "");
    markOwnFolder(folder);
    expect(isOwnFolder(folder)).toBe(true);
  });

  test("leaves alone what somebody else put there, and a folder where nothing can be written", () => {
    const [file, link, pipe, gone] = [makeFolder(), makeFolder(), makeFolder(), join(makeFolder(), "gone")];
    write(file, OWN_MARK, "mine");
    symlinkSync(join(link, "target"), join(link, OWN_MARK));
    execFileSync("mkfifo", [join(pipe, OWN_MARK)]);
    for (const folder of [file, link, pipe, gone, "/proc/self"]) {
      markOwnFolder(folder);
      expect(isOwnFolder(folder)).toBe(false);
    }
    expect(readFileSync(join(file, OWN_MARK), "utf8")).toBe("mine");
  });
});

describe("looking upwards", () => {
  test("finds the folder that makes another one Coffre's own, by its real path and whatever its name is", () => {
    const folder = makeFolder();
    const odd = Buffer.concat([Buffer.from(`${folder}/`), Buffer.of(0xe9)]);
    mkdirSync(Buffer.concat([odd, Buffer.from("/deep/er")]), { recursive: true });
    symlinkSync(Buffer.concat([odd, Buffer.from("/deep")]), join(folder, "link"));
    expect(findOwnFolder(join(folder, "link"))).toBeNull();
    writeFileSync(Buffer.concat([odd, Buffer.from(`/${OWN_MARK}`)]), readFileSync(markIn(makeFolder())));
    expect(findOwnFolder(join(folder, "link", "er"))).toBe(`${folder}//e9`);
    expect(findOwnFolder(folder)).toBeNull();
    expect(findOwnFolder(join(folder, "nothing"))).toBeNull();
  });
});

function markIn(folder: string): string {
  markOwnFolder(folder);
  return join(folder, OWN_MARK);
}
