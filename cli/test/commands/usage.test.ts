// Command lines that cannot be right, and the help for them. None of these needs a server.

import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeFolder, write } from "../host/scratch.ts";
import { runAtTerminalOf, runCoffre, runCoffreIn } from "./run-coffre.ts";

const COMMANDS = [
  ...["init", "join", "devices", "server", "add", "exclude", "remove", "roots"],
  ...["backup", "status", "ls", "versions", "restore"],
];
const newHome = (): string[] => ["--home", join(makeFolder(), "home"), "--json"];

describe("help", () => {
  test.each(COMMANDS)("of %s says what it does, and ends well", async (command) => {
    const { exitCode, out } = await runCoffre(command, "--help");
    expect(exitCode).toBe(0);
    expect(out).toContain(`Usage: coffre ${command}`);
    for (const option of ["--home <dir>", "--json"]) expect(out).toContain(option);
  });

  test.each([60, 80, 110])("fits a terminal of %i columns, whole words only", async (columns) => {
    for (const command of COMMANDS) {
      const text = (await runCoffre(command, "--help")).out;
      const words = text.split(/\s+/).filter((word) => word !== "\\");
      const { screen } = await runAtTerminalOf(columns, command, "--help");
      expect(
        screen
          .join(" ")
          .split(/\s+/)
          .filter((word) => word !== "\\"),
      ).toEqual(words);
    }
  });

  test("lists every command and the exit codes", async () => {
    const { exitCode, out } = await runCoffre("--help");
    expect(exitCode).toBe(0);
    for (const command of COMMANDS) expect(out).toContain(`  ${command} `);
    expect(out).toContain("Exit codes: 0 all done; 3 ");
  });
});

describe("exit code 2", () => {
  test.each([
    [[]],
    [["bogus"]],
    [["add"]],
    [["restore"]],
    [["backup", "--limit-upload", "fast"]],
    [["init", "--server", "https://example.org"]],
    [["init", "--login", "ada"]],
    [["init", "--server", "http://192.0.2.1", "--login", "ada"]],
    [["init", "--server", "ftp://192.0.2.1", "--login", "ada"]],
    [["init", "--server", "https://192.0.2.1/path", "--login", "ada"]],
    [["init", "--server", "https://192.0.2.1", "--login", "ada", "--pin", "12"]],
    [["init", "--server", "https://192.0.2.1", "--login", "ada", "--passphrase-file", "/nonexistent"]],
    [["restore", "--to", "x", "--existing", "maybe"]],
    [["ls"]],
    [["ls", "--server", "https://192.0.2.1"]],
    [["ls", "--at", "yesterday"]],
    [["add", "/nonexistent"]],
    [["--home", "", "roots"]],
  ])("is that of %j", async (args) => {
    const { exitCode, summary } = await runCoffre(...newHome(), ...args);
    expect(exitCode).toBe(2);
    if (args.length > 0) expect(summary).toMatchObject({ type: "summary", exitCode: 2 });
  });

  test("is that of a file where a folder belongs, and of a login that none can be", async () => {
    expect((await runCoffre(...newHome(), "add", write(makeFolder(), "f", ""))).exitCode).toBe(2);
    const passphrase = write(makeFolder(), "p", "yellow anchor fig tree");
    const init = ["init", "--server", "http://127.0.0.1:1", "--login", "A B", "--passphrase-file", passphrase];
    expect((await runCoffre(...newHome(), ...init)).summary).toMatchObject({
      exitCode: 2,
      code: "user-login-malformed",
    });
  });
});

describe("a home that is not paired", () => {
  test.each([["status"], ["roots"], ["backup"]])("is named by %s, with what to do", async (command) => {
    const { exitCode, summary } = await runCoffre(...newHome(), command);
    expect(exitCode).toBe(1);
    expect(summary).toMatchObject({ code: "user-not-paired", message: expect.stringContaining("coffre init") });
  });
});

describe("the language", () => {
  const run = async (env: Readonly<Record<string, string>>, ...args: string[]) =>
    (await runCoffreIn(env, "--home", join(makeFolder(), "home"), ...args)).error;
  const FRENCH = "coffre: Cette machine n’appartient encore à aucun coffre";
  const ENGLISH = "coffre: This machine belongs to no vault yet";

  test("is the environment's, and --lang is stronger, before and behind the command", async () => {
    expect(await run({ LANG: "fr_FR.UTF-8" }, "status")).toContain(FRENCH);
    expect(await run({ LANG: "fr_FR.UTF-8" }, "--lang", "en", "status")).toContain(ENGLISH);
    expect(await run({}, "status", "--lang=fr")).toContain(FRENCH);
    expect(await run({ LC_ALL: "C", LANG: "fr_FR.UTF-8" }, "status")).toContain(ENGLISH);
  });

  test("of lines of JSON is English, unless somebody asks for another one", async () => {
    const home = ["--home", join(makeFolder(), "home"), "--json"];
    const { summary } = await runCoffreIn({ LANG: "fr_FR.UTF-8" }, ...home, "status");
    expect(summary["message"]).toContain("This machine belongs to no vault yet");
    const french = await runCoffreIn({}, ...home, "--lang", "fr", "status");
    expect(french.summary["message"]).toContain("aucun coffre");
    expect(french.summary["code"]).toBe(summary["code"]);
  });

  test("that nobody wrote is a usage error", async () => {
    expect((await runCoffre("--lang", "xx", "status")).exitCode).toBe(2);
  });
});
