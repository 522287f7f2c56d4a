// Command lines that cannot be right, and the help for them. None of these needs a server.

import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeFolder, write } from "../host/scratch.ts";
import { runAtTerminalOf, runCoffre } from "./run-coffre.ts";

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
