// Commands that are asked for nothing, or find nothing. Rule: no check is green over nothing.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { makeFolder, write } from "../host/scratch.ts";
import { type PairedHome, pairHome, runCoffre } from "./run-coffre.ts";

let paired: PairedHome;
let source: string;

beforeEach(async () => {
  paired = await pairHome();
  source = join(makeFolder(), "work");
  mkdirSync(source);
});

const coffre = (...args: string[]) => runCoffre("--home", paired.home, ...args);
const withPassphrase = (...args: string[]) => coffre(...args, "--passphrase-file", paired.passphraseFile);

describe("a backup without a folder", () => {
  test.each([[[]], [["--watch"]], [["--changed"]], [["--quiet"]]])("%j fails and says what to do", async (options) => {
    const { exitCode, out, error } = await coffre("backup", ...options);
    expect({ exitCode, out }).toEqual({ exitCode: 1, out: "" });
    expect(error).toBe("coffre: No folder is backed up yet, so there is nothing to do: 'coffre add PATH' adds one.\n");
  });

  test("fails after the last one was removed", async () => {
    await coffre("add", source);
    expect((await coffre("backup")).exitCode).toBe(0);
    await coffre("remove", "work");
    expect((await coffre("--json", "backup")).summary).toMatchObject({ exitCode: 1, code: "user-no-roots" });
  });
});

describe("a vault that is empty", () => {
  test("is said to be so by a listing, and is no restore that went well", async () => {
    const listing = await withPassphrase("ls");
    expect(listing).toMatchObject({ exitCode: 0, out: "" });
    expect(listing.error).toContain("The vault is empty");
    const to = makeFolder();
    const restored = await withPassphrase("restore", "--to", to);
    expect(restored.exitCode).toBe(1);
    expect(restored.error).toContain("The vault is empty");
    expect(readdirSync(to)).toEqual([]);
  });

  test("is one that held nothing yet at a time", async () => {
    write(source, "f", "x");
    await coffre("add", source);
    await coffre("backup");
    expect((await withPassphrase("ls", "--at", "2020-01-01")).error).toContain("The vault is empty at that time");
    const restored = await withPassphrase("restore", "--to", makeFolder(), "--at", "2020-01-01", "--json");
    expect(restored.summary).toMatchObject({ exitCode: 1, code: "user-vault-empty" });
  });
});

describe("a place that is not there", () => {
  test("is named among several, and nothing is restored", async () => {
    write(source, "f", "x");
    await coffre("add", source);
    await coffre("backup");
    const to = makeFolder();
    const { exitCode, out, error } = await withPassphrase("restore", "--to", to, "work/f", "work/*.txt");
    expect({ exitCode, out }).toEqual({ exitCode: 1, out: "" });
    expect(error).toContain("work/*.txt: The vault has nothing at that place at that time.\n");
    expect(error).toContain("without patterns");
    expect(readdirSync(to)).toEqual([]);
  });

  test.runIf(process.platform === "linux")("may be one in which nothing can be made", async () => {
    const restored = await withPassphrase("restore", "--to", "/proc/none/below");
    expect(restored.exitCode).toBe(1);
    expect(restored.error).toContain("cannot be made");
    expect((await runCoffre("--home", "/proc/none/home", "add", source)).exitCode).toBe(1);
    // One that is there, and takes nothing.
    const full = await withPassphrase("restore", "--to", "/proc/self");
    expect(full.exitCode).toBe(1);
    expect(full.error).toContain("choose another one with --to");
  });
});

describe("patterns", () => {
  test("that leave nothing out are named by backup and status", async () => {
    write(source, "a.log", "x");
    await coffre("add", source, "--exclude", "*.log", "--exclude", "*.lgo", "--exclude", "!keep.log");
    const { out } = await coffre("backup");
    expect(out).toContain("Excluded  1 file\n  1 file by *.log\n  0 files by *.lgo\n");
    expect((await coffre("status")).out).toContain("  0 files by *.lgo\n");
  });

  test("that can match nothing are refused", async () => {
    await coffre("add", source);
    for (const pattern of ["", " ", "#*#", "[", "!", "/"]) {
      expect((await coffre("add", source, "--exclude", pattern)).exitCode).toBe(2);
      const { exitCode, error } = await coffre("exclude", "work", "*.ok", pattern);
      expect(exitCode).toBe(2);
      expect(error).toContain("can match nothing");
    }
    expect((await coffre("roots")).out).not.toContain("without");
  });

  test("that are not there cannot be taken back", async () => {
    await coffre("add", source, "--exclude", "*.log");
    const { exitCode, error } = await coffre("exclude", "work", "--remove", "*.lgo");
    expect(exitCode).toBe(1);
    expect(error).toContain("work has no pattern *.lgo");
    expect((await coffre("exclude", "work", "*.log")).out).toContain("Left out already:          *.log\n");
  });
});

describe("backup --changed", () => {
  const synced = async (...args: string[]) => (await coffre("--json", "backup", ...args)).summary["filesSynced"];

  test("looks at nothing but what is named, with all below it", async () => {
    write(source, "deep/er/old", "x");
    write(source, "other/old", "x");
    await coffre("add", source);
    await synced();
    for (const name of ["new", "deep/er/new", "deep/fresh/new", "other/new"]) write(source, name, "x");
    expect(await synced("--changed")).toBe(2);
    expect(await synced("--changed", join(source, "deep"))).toBe(4);
    expect(await synced("--changed", join(source, "other/new"))).toBe(5);
    const { out } = await coffre("backup", "--changed");
    expect(out).toContain("What changed elsewhere was not looked for");
    expect(await synced()).toBe(6);
  });

  test("takes a folder that is gone by the one above it, and refuses what is not backed up", async () => {
    write(source, "deep/f", "x");
    write(source, "g", "x");
    await coffre("add", source);
    await synced();
    rmSync(join(source, "deep"), { recursive: true });
    writeFileSync(join(source, "g"), "changed");
    expect((await coffre("backup", "--changed", join(source, "deep"))).exitCode).toBe(2);
    expect(await synced("--changed", source)).toBe(1);
    const to = makeFolder();
    await withPassphrase("restore", "--to", to);
    expect(readdirSync(join(to, "work"))).toEqual(["g"]);
    expect(readFileSync(join(to, "work/g"), "utf8")).toBe("changed");
    const foreign = await coffre("backup", "--changed", makeFolder());
    expect(foreign.exitCode).toBe(2);
    expect(foreign.error).toContain("lies in no folder that is backed up");
    expect((await coffre("backup", "--changed", "--watch")).exitCode).toBe(2);
  });
});
