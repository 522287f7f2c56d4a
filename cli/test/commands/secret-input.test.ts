// Passphrases and words: from files, from pipes, typed. Rule: each is read once, and what is not UTF-8 is refused.

import { execFileSync, spawn } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readSecretFile } from "../../src/secret-input.ts";
import { makeFolder, write } from "../host/scratch.ts";
import { type PairedHome, pairHome, runAtTerminal, runCoffre, startServer } from "./run-coffre.ts";

const BOM = "\ufeff";

/** A pipe with a name that holds what is in `file`, for one reader. */
function makePipe(file: string): string {
  const pipe = join(makeFolder(), "pipe");
  execFileSync("mkfifo", [pipe]);
  spawn("cp", [file, pipe], { stdio: "ignore" });
  return pipe;
}

describe("a secret's file", () => {
  test("may be a pipe, and is read once", async () => {
    const { home, passphraseFile, recoveryWords } = await pairHome();
    const listed = await runCoffre("--home", home, "--json", "ls", "--passphrase-file", makePipe(passphraseFile));
    expect(listed.summary).toMatchObject({ exitCode: 0 });
    const words = write(makeFolder(), "words", BOM + recoveryWords);
    expect((await runCoffre("--home", home, "--json", "ls", "--recovery-file", makePipe(words))).exitCode).toBe(0);
  });

  test.each([
    ["passphrase", Buffer.of(0xe4, 0xf6, 0xfc, 0x20, 0x61)],
    ["passphrase", Buffer.from("abcd efgh ijkl", "utf16le")],
    ["recovery", Buffer.of(0xff, 0xfe, 0x61, 0x00)],
  ] as const)("of a %s that is not UTF-8 is refused (%j)", (what, bytes) => {
    const file = write(makeFolder(), "secret", bytes);
    expect(() => readSecretFile(file, what)).toThrow(`The ${what} file`);
  });

  test("is the same with a byte order mark and without", () => {
    const [plain, marked] = ["yellow anchor", `${BOM}yellow anchor`].map((text) => write(makeFolder(), "p", text));
    expect(readSecretFile(marked ?? "", "passphrase")).toBe(readSecretFile(plain ?? "", "passphrase"));
  });
});

describe("at a terminal", () => {
  test("the questions and the words of `init` stand on a clean screen", async () => {
    const url = await startServer();
    const home = join(makeFolder(), "home");
    const secret = "yellow anchor fig";
    const answers = ["short\r", `${secret}\r`, `${secret}\r`];
    const { exitCode, screen } = await runAtTerminal(
      answers,
      "--home",
      home,
      "init",
      "--server",
      url,
      "--login",
      "ada",
    );
    expect(exitCode).toBe(0);
    expect(screen.slice(0, 8)).toEqual([
      "New passphrase:",
      "That is too short: take at least 10 characters.",
      "New passphrase:",
      "The same again:",
      "The vault is made, and this machine is paired with it.",
      "",
      "Your recovery words. Write them down on paper, and keep them where you would",
      "keep a passport:",
    ]);
    const rows = screen.slice(9, 13);
    for (const [at, row] of rows.entries()) expect(row).toMatch(new RegExp(`^ +${6 * at + 1} [a-z]+ +${6 * at + 2} `));
    const words = rows.join(" ").match(/[a-z]+/g) ?? [];
    expect(words.length).toBe(24);
    // The same words, typed: with a mistake, in several lines, with an arrow key between.
    const typed = ["notaword\r", `${words.slice(0, 6).join(" ")}\r`, `\u001b[D${words.slice(6).join(" ")}\r`];
    const listed = await runAtTerminal(typed, "--home", home, "ls", "--recovery-words");
    expect(listed.exitCode).toBe(0);
    expect(listed.screen.join("\n")).toContain("Word 1 is not one of the list's: that line again.\n");
    expect(listed.screen.join("\n")).toContain(`From word 7 on: ${words[6]} ${words[7]} `);
  });

  test("Ctrl-C at a question stops the command, as a shell expects", async () => {
    const paired: PairedHome = await pairHome();
    for (const option of [[], ["--recovery-words"]]) {
      const { exitCode, screen } = await runAtTerminal(["\u0003"], "--home", paired.home, "ls", ...option);
      expect(exitCode).toBe(130);
      expect(screen.join("\n")).toContain("coffre: Stopped.");
    }
  });
});
