// What a person is told when something fails. Rule: each sentence is true for its cause, and says what to do next.

import { once } from "node:events";
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { describeFailure } from "../../src/failure-text.ts";
import { findHome } from "../../src/home.ts";
import { makeFolder, write } from "../host/scratch.ts";
import { pairHome, runCoffre, startServer } from "./run-coffre.ts";

const newHome = (): string[] => ["--home", join(makeFolder(), "home")];
const passphrase = (): string[] => ["--passphrase-file", write(makeFolder(), "p", "yellow anchor fig tree")];

describe("an address with the wrong scheme", () => {
  test("is told: https, or none at all, to a plain server", async () => {
    const host = (await startServer()).replace("http://", "");
    for (const server of [host, `https://${host}`]) {
      const { summary } = await runCoffre(
        ...newHome(),
        "--json",
        "ls",
        "--server",
        server,
        "--login",
        "ada",
        ...passphrase(),
      );
      expect(summary).toMatchObject({ exitCode: 1, code: "peer-tls" });
      expect(summary["message"]).toBe(`That port speaks plain http, without a certificate: write http://${host}.`);
    }
  });

  test("is told: http to a server with a certificate", async () => {
    const host = (await startServer("--tls", "self")).replace("https://", "");
    const { summary } = await runCoffre(
      ...newHome(),
      "--json",
      "ls",
      "--server",
      `http://${host}`,
      "--login",
      "ada",
      ...passphrase(),
    );
    expect(summary["message"]).toContain(`That port speaks https: write https://${host}`);
  });

  test("is not suspected where nobody answers, or something else does", async () => {
    const other = createServer((socket) => socket.end("220 mail\r\n"));
    other.listen(0, "127.0.0.1");
    await once(other, "listening");
    onTestFinished(() => void other.close());
    const { port } = other.address() as { port: number };
    const { summary } = await runCoffre(
      ...newHome(),
      "--json",
      "ls",
      "--server",
      `127.0.0.1:${port}`,
      "--login",
      "ada",
      ...passphrase(),
    );
    expect(summary["message"]).not.toContain("That port speaks");
  });
});

describe("a home", () => {
  test.each([
    ["keys.json", "keys.json"],
    ["state.db", "state.db"],
  ])("without its %s says so, and that the vault is whole", async (name, words) => {
    const { home } = await pairHome();
    const files = name === "state.db" ? [name, "state.db-wal", "state.db-shm"] : [name];
    for (const file of files) rmSync(join(home, file), { force: true });
    for (const command of name === "state.db" ? [["status"], ["backup"]] : [["backup"], ["add", makeFolder()]]) {
      const { summary } = await runCoffre("--home", home, "--json", ...command);
      expect(summary).toMatchObject({ exitCode: 1 });
      for (const part of [words, "coffre join", "safe in the vault"]) expect(summary["message"]).toContain(part);
    }
  });

  test("whose database is damaged says so, and asks for no report", async () => {
    const { home } = await pairHome();
    for (const file of ["state.db-wal", "state.db-shm"]) rmSync(join(home, file), { force: true });
    const { size } = statSync(join(home, "state.db"));
    writeFileSync(join(home, "state.db"), Buffer.alloc(size, "no pages of a database "));
    for (const command of ["status", "backup"]) {
      const { summary, lines } = await runCoffre("--home", home, "--json", command);
      expect(summary).toMatchObject({ exitCode: 1, code: "host-home-damaged" });
      expect(lines.filter(({ type }) => type === "trouble")).toEqual([]);
    }
  });

  test("that is there keeps its mode, and must hold nothing else", async () => {
    const folder = makeFolder();
    chmodSync(folder, 0o1777);
    write(folder, "of-others", "x");
    const refused = await runCoffre("--home", folder, "--json", "add", makeFolder());
    expect(refused.summary).toMatchObject({ exitCode: 2, message: expect.stringContaining("holds other things") });
    rmSync(join(folder, "of-others"));
    expect((await runCoffre("--home", folder, "--json", "add", makeFolder())).exitCode).toBe(0);
    expect(statSync(folder).mode & 0o7777).toBe(0o1777);
    expect(statSync(join(folder, "state.db")).mode & 0o777).toBe(0o600);
    const made = join(makeFolder(), "a/b");
    await runCoffre("--home", made, "add", makeFolder());
    expect(statSync(made).mode & 0o777).toBe(0o700);
  });

  test.each([[{}], [{ HOME: "" }]])(
    "is found with %j by the system's list of users, never in the working folder",
    (env) => {
      expect(findHome(undefined, env)).toMatch(/^\/.+\/\.coffre$/);
      expect(findHome(undefined, env)).not.toBe(join(process.cwd(), ".coffre"));
    },
  );
});

test("a folder for temporary files that is not there is named", async () => {
  const { home } = await pairHome();
  vi.stubEnv("TMPDIR", join(makeFolder(), "gone"));
  onTestFinished(() => void vi.unstubAllEnvs());
  const { summary } = await runCoffre("--home", home, "--json", "ls", ...["--passphrase-file", "/dev/null"]);
  expect(summary).toMatchObject({ exitCode: 1, message: expect.stringContaining("TMPDIR") });
});

test("a file in a restore's way is no damage of the server", async () => {
  const { home, passphraseFile } = await pairHome();
  const source = makeFolder();
  mkdirSync(join(source, "folder"));
  write(source, "folder/file", "x");
  await runCoffre("--home", home, "add", source, "--name", "s");
  await runCoffre("--home", home, "backup");
  const to = makeFolder();
  write(to, "s/folder", "a file where a folder should be");
  const { summary } = await runCoffre(
    "--home",
    home,
    "--json",
    "restore",
    "--to",
    to,
    "--passphrase-file",
    passphraseFile,
  );
  expect(summary).toMatchObject({ exitCode: 3, code: "host-target" });
  expect(readFileSync(join(to, "s/folder"), "utf8")).toContain("a file where");
});

describe("what the disk says", () => {
  test("of no space, of a database that may not be written, and of none is a sentence", () => {
    const file = join(makeFolder(), "db");
    const database = new DatabaseSync(file);
    database.exec("PRAGMA max_page_count = 2; CREATE TABLE t (x)");
    const fill = () => database.exec("INSERT INTO t VALUES (zeroblob(100000))");
    expect(failureOf(fill)).toMatchObject({ code: "host-no-space", message: expect.stringContaining("make room") });
    const reader = new DatabaseSync(file, { readOnly: true });
    const write = () => reader.exec("INSERT INTO t VALUES (1)");
    expect(failureOf(write)).toMatchObject({
      code: "host-not-writable",
      message: expect.stringContaining("read-only"),
    });
    expect(failureOf(() => new DatabaseSync("/nonexistent/db"))).toMatchObject({ code: "host-not-writable" });
    expect(failureOf(() => writeFileSync("/dev/full", "x"))).toMatchObject({ code: "host-no-space" });
  });

  test("of what nobody foresaw is shown, and asks for a report", () => {
    expect(describeFailure(new TypeError("x\u001b[31m")).message).toBe(
      "Something unexpected happened: x\\x1b[31m. Please report this.",
    );
  });
});

function failureOf(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return describeFailure(error);
  }
  throw new Error("it worked");
}
