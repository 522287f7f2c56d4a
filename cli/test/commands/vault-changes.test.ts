// What changes a pairing or its folders later: devices of one name, the server's address, patterns.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeFolder, write } from "../host/scratch.ts";
import { type PairedHome, pairHome, runCoffre, startServer } from "./run-coffre.ts";

const asStranger = ({ url, passphraseFile }: PairedHome): string[] => [
  ...["--server", url, "--login", "ada", "--passphrase-file", passphraseFile],
];

describe("devices of one name", () => {
  test("are not made by `join`, which takes another one and says so", async () => {
    const paired = await pairHome();
    const name = hostname();
    for (const expected of [`${name}-2`, `${name}-3`]) {
      const home = join(makeFolder(), "home");
      const joined = await runCoffre("--home", home, "join", ...asStranger(paired));
      expect(joined.out).toContain(`The vault has a device called ${name} already`);
      expect(joined.out).toContain(`as ${expected}.`);
      expect(JSON.parse(readFileSync(join(home, "home.json"), "utf8"))).toMatchObject({ deviceName: expected });
    }
    const listed = await runCoffre("--home", paired.home, "--json", "devices", ...asStranger(paired));
    expect(listed.lines.filter(({ type }) => type === "device")).toMatchObject([
      { name, records: 0, lastRecordAtMs: null, revokedAfter: null },
      { name: `${name}-2` },
      { name: `${name}-3` },
    ]);
  });

  test("are listed with what they backed up last", async () => {
    const paired = await pairHome();
    const source = makeFolder();
    write(source, "f", "x");
    await runCoffre("--home", paired.home, "add", source, "--name", "s");
    await runCoffre("--home", paired.home, "backup");
    const { out, exitCode } = await runCoffre("--home", paired.home, "devices", ...asStranger(paired));
    expect(exitCode).toBe(0);
    expect(out).toMatch(
      new RegExp(
        `^${hostname()}  joined 20.*  last backed up 20.* \\([0-9]+ records?\\)  .*B  seen 20.*  \\(this machine\\)\n$`,
      ),
    );
  });
});

describe("coffre server set", () => {
  test("moves a paired machine to another address of its server, and keeps the old one until that holds", async () => {
    const { url, home } = await pairHome();
    const source = makeFolder();
    write(source, "f", "x");
    await runCoffre("--home", home, "add", source);
    const read = () => JSON.parse(readFileSync(join(home, "home.json"), "utf8")).server.url;
    const other = await startServer();
    const refused = await runCoffre("--home", home, "--json", "server", "set", other);
    expect(refused.summary).toMatchObject({ exitCode: 1, code: "peer-key-changed" });
    const gone = await runCoffre("--home", home, "--json", "server", "set", "http://127.0.0.1:1");
    expect(gone.summary).toMatchObject({ exitCode: 1, code: "peer-unreachable" });
    expect(read()).toBe(url);
    expect((await runCoffre("--home", home, "--json", "backup")).exitCode).toBe(0);
    const moved = url.replace("127.0.0.1", "localhost");
    expect((await runCoffre("--home", home, "--json", "server", "set", moved)).exitCode).toBe(0);
    expect(read()).toBe(moved);
    expect((await runCoffre("--home", home, "--json", "backup")).summary).toMatchObject({
      exitCode: 0,
      filesSynced: 1,
    });
  });

  test("says of a machine without a vault that it has none", async () => {
    const home = join(makeFolder(), "home");
    const { summary } = await runCoffre("--home", home, "--json", "server", "set", "https://192.0.2.1");
    expect(summary).toMatchObject({ exitCode: 1, code: "user-not-paired" });
    expect((await runCoffre("--home", home, "server", "set", "http://192.0.2.1")).exitCode).toBe(2);
  });
});

describe("patterns", () => {
  test("stay when the folder is added again without any, and what changes is said", async () => {
    const home = ["--home", join(makeFolder(), "home")];
    const source = makeFolder();
    const add = (...args: string[]) => runCoffre(...home, "add", source, "--name", "s", ...args);
    const roots = async () => (await runCoffre(...home, "roots")).out.match(/without .*/g) ?? [];
    expect((await add("--exclude", "*.log", "--exclude", "tmp/")).out).toMatch(/^Added s .*coffre init/);
    expect((await add()).out).toBe(`s (${source}) is backed up already.\nLeft out of s: *.log  tmp/\n`);
    expect(await roots()).toEqual(["without *.log", "without tmp/"]);
    const again = await add("--exclude", "*.bak");
    expect(again.out).toContain("Left out from now on:      *.bak\n");
    expect(again.out).toContain("No longer left out:        *.log  tmp/\n");
    expect((await runCoffre(...home, "exclude", "s", "*.log", "*.bak")).out).toContain("Left out of s: *.bak  *.log\n");
    expect((await runCoffre(...home, "exclude", "s", "--remove", "*.bak")).out).toContain(
      "No longer left out:        *.bak",
    );
    expect(await roots()).toEqual(["without *.log"]);
    expect((await runCoffre(...home, "--json", "exclude", "t")).summary).toMatchObject({ code: "user-root-unknown" });
  });

  test("that are new hold at the next backup, and what was backed up stays", async () => {
    const { home, passphraseFile } = await pairHome();
    const source = makeFolder();
    for (const name of ["keep", "leave.log"]) writeFileSync(join(source, name), name);
    await runCoffre("--home", home, "add", source, "--name", "s");
    await runCoffre("--home", home, "backup");
    await runCoffre("--home", home, "exclude", "s", "*.log");
    const { summary } = await runCoffre("--home", home, "--json", "backup");
    expect(summary).toMatchObject({ filesSynced: 1, filesExcluded: 1 });
    const to = makeFolder();
    await runCoffre("--home", home, "restore", "--to", to, "--passphrase-file", passphraseFile);
    expect(readdirSync(join(to, "s")).sort()).toEqual(["keep", "leave.log"]);
  });

  test("of a folder in another one are no riddle: the other one is named", async () => {
    const home = ["--home", join(makeFolder(), "home")];
    const outer = makeFolder();
    await runCoffre(...home, "add", outer, "--name", "outer");
    const inner = await runCoffre(...home, "add", join(write(outer, "inner/f", ""), ".."));
    expect(inner.error).toContain(`That folder lies in ${outer}, which is backed up already as outer`);
  });
});
