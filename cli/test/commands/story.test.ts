// The main job, as a person does it: pair, add, back up, look, lose the machine, restore.

import { once } from "node:events";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { eventually } from "../host/eventually.ts";
import { makeFolder, write } from "../host/scratch.ts";
import { type PairedHome, pairHome, runCoffre, spawnCoffre } from "./run-coffre.ts";

let paired: PairedHome;
let source: string;

beforeEach(async () => {
  paired = await pairHome();
  source = join(makeFolder(), "photos");
  mkdirSync(join(source, "empty"), { recursive: true });
});

/** Runs a command on the paired home, with JSON. */
const coffre = (...args: string[]) => runCoffre("--home", paired.home, "--json", ...args);

/** The options with which a machine that knows nothing opens the vault. */
const asStranger = (): string[] => [
  "--server",
  paired.url,
  "--login",
  "ada",
  "--passphrase-file",
  paired.passphraseFile,
];

describe("backing up and restoring", () => {
  test("brings every byte back on a machine that knows server, login and passphrase only", async () => {
    write(source, "a/b.txt", "hello");
    write(source, "zero", "");
    write(source, "a\nb \u202e😀", "odd name");
    writeFileSync(Buffer.concat([Buffer.from(`${source}/`), Buffer.of(0x66, 0xff)]), "not utf-8");
    write(source, "big", Buffer.alloc(3_000_001, "never the same "));
    write(source, "left-out.tmp", "x");
    symlinkSync("..", join(source, "loop"));
    utimesSync(join(source, "zero"), 981_173_106.25, 981_173_106.25);
    expect((await coffre("add", source, "--exclude", "*.tmp")).summary).toMatchObject({ exitCode: 0, name: "photos" });
    const backup = await coffre("backup");
    expect(backup.summary).toMatchObject({
      type: "summary",
      exitCode: 0,
      filesSynced: 5,
      filesWaiting: 0,
      filesExcluded: 1,
    });
    for (const field of ["bytesRead", "bytesSent", "blobsSent", "requests", "elapsedMs"]) {
      expect(backup.summary[field]).toBeGreaterThan(0);
    }
    const to = join(makeFolder(), "back");
    const restored = await runCoffre(
      "--home",
      join(makeFolder(), "none"),
      "--json",
      "restore",
      "--to",
      to,
      ...asStranger(),
    );
    expect(restored.summary).toMatchObject({ exitCode: 0, filesRestored: 5, filesFailed: 0 });
    expect(restored.summary["bytesRestored"]).toBe(3_000_001 + 5 + 8 + 9);
    const at = join(to, "photos");
    expect(readdirSync(at, "latin1").sort()).toEqual(
      readdirSync(source, "latin1")
        .filter((n) => n !== "left-out.tmp")
        .sort(),
    );
    expect(readFileSync(join(at, "big")).equals(readFileSync(join(source, "big")))).toBe(true);
    expect(readFileSync(Buffer.concat([Buffer.from(`${at}/`), Buffer.of(0x66, 0xff)]), "utf8")).toBe("not utf-8");
    expect(readlinkSync(join(at, "loop"))).toBe("..");
    for (const name of ["zero", "empty", "a", "a/b.txt", "loop"]) {
      const [was, is] = [lstatSync(join(source, name), { bigint: true }), lstatSync(join(at, name), { bigint: true })];
      expect(is.mtimeNs / 1_000n).toBe(was.mtimeNs / 1_000n);
    }
    expect(existsSync(join(to, ".coffre-restore"))).toBe(false);
  });

  test("says the same in words, and shows no control character of a name", async () => {
    write(source, "a\u001b[31m\nb", "x");
    await coffre("add", source, "--name", "pics");
    const home = ["--home", paired.home];
    expect((await runCoffre(...home, "backup")).out).toMatch(/^Synced {4}1 file, 1 B\nSent .* in 1 blob/);
    const status = await runCoffre(...home, "status");
    expect(status.out).toContain("ada at http://127.0.0.1");
    expect(status.out).toContain("Last confirmed by the server: 20");
    const listing = await runCoffre(...home, "ls", "pics", "--passphrase-file", paired.passphraseFile);
    expect(listing.out).toContain("pics/a\\x1b[31m\\nb\n");
    expect(listing.out).not.toContain("\u001b");
    expect((await runCoffre(...home, "roots")).out).toContain(`pics  ${source}`);
  });

  test("lists versions, of what is gone too, and takes each place as it was shown", async () => {
    const odd = Buffer.concat([Buffer.from(`${source}/`), Buffer.of(0x6c, 0xe9)]);
    writeFileSync(odd, "first");
    write(source, "cafe\u0301", "accent");
    await coffre("add", source);
    await coffre("backup");
    writeFileSync(odd, "second one");
    await coffre("backup");
    rmSync(odd);
    await coffre("backup");
    const words = ["--passphrase-file", paired.passphraseFile];
    const list = async (...args: string[]) => (await runCoffre("--home", paired.home, ...args, ...words)).out;
    const lines = (await list("versions", "photos/l\\xe9")).trim().split("\n");
    expect(lines.map((line) => line.replace(/[0-9]{4}(?:-[0-9]{2}){2} [0-9]{2}(?::[0-9]{2}){2}/g, "T"))).toEqual([
      expect.stringMatching(/^T – T {7}5 B {2}.* {2}photos\/l\\xe9$/),
      expect.stringMatching(/^T – T {6}10 B {2}.* {2}photos\/l\\xe9$/),
    ]);
    expect(await list("ls", "photos/caf\u00e9")).toContain("photos/cafe\u0301\n");
    const listed = (await coffre("versions", "photos/l\\xe9", ...words)).lines;
    const entry = listed.find(({ type }) => type === "entry");
    const from = new Date(Number(entry?.["syncedAtMs"])).toISOString();
    const to = join(makeFolder(), "back");
    await list("restore", "photos/l\\xe9", "--at", from, "--to", to);
    expect(readFileSync(Buffer.concat([Buffer.from(`${to}/photos/`), Buffer.of(0x6c, 0xe9)]), "utf8")).toBe("first");
    const none = join(makeFolder(), "none");
    expect(await coffre("restore", "photos/no", "--to", none, ...words)).toMatchObject({ exitCode: 1 });
    expect(readdirSync(none)).toEqual([]);
  });

  test("has every version that was ever synced, with --at", async () => {
    const file = write(source, "f", "first");
    await coffre("add", source);
    await coffre("backup");
    const middle = new Date().toISOString();
    await eventually(() => expect(Date.now()).toBeGreaterThan(Date.parse(middle)));
    writeFileSync(file, "second version");
    utimesSync(file, 1_000_000_000, 1_000_000_000);
    await coffre("backup");
    for (const [at, content] of [
      [["--at", middle], "first"],
      [[], "second version"],
    ] as const) {
      const to = makeFolder();
      const { summary } = await coffre(
        "restore",
        "photos/f",
        "--to",
        to,
        ...at,
        "--passphrase-file",
        paired.passphraseFile,
      );
      expect(summary["exitCode"]).toBe(0);
      expect(readFileSync(join(to, "photos/f"), "utf8")).toBe(content);
    }
  });

  test("leaves what is there alone unless it is told otherwise", async () => {
    write(source, "f", "from the vault");
    await coffre("add", source);
    await coffre("backup");
    const to = makeFolder();
    write(to, "photos/f", "mine");
    const restore = (existing: string) =>
      coffre("restore", "--to", to, "--existing", existing, "--passphrase-file", paired.passphraseFile);
    const skipped = await restore("skip");
    expect(skipped.summary).toMatchObject({ exitCode: 3, filesSkipped: 1, filesRestored: 0 });
    expect(skipped.lines).toContainEqual(expect.objectContaining({ type: "damage", code: "target-exists", path: "f" }));
    expect(readFileSync(join(to, "photos/f"), "utf8")).toBe("mine");
    expect((await restore("replace")).summary).toMatchObject({ exitCode: 0 });
    expect(readFileSync(join(to, "photos/f"), "utf8")).toBe("from the vault");
  });
});

describe("the recovery words", () => {
  test("open the vault in place of the passphrase, numbered or not", async () => {
    write(source, "f", "x");
    await coffre("add", source);
    await coffre("backup");
    const words = paired.recoveryWords.split(" ");
    expect(words.length).toBe(24);
    const numbered = words.map((word, n) => `${n + 1}. ${word}`).join("\n");
    const file = write(makeFolder(), "words", `${numbered}\n`);
    const listing = await coffre("ls", "--recovery-file", file);
    expect(listing.summary).toMatchObject({ exitCode: 0 });
    expect(listing.lines).toContainEqual(expect.objectContaining({ type: "entry", path: "f", entryKind: "file" }));
    const wrong = write(makeFolder(), "words", words.toReversed().join(" "));
    expect((await coffre("ls", "--recovery-file", wrong)).summary).toMatchObject({
      exitCode: 1,
      code: "user-words-malformed",
    });
  });
});

describe("a home", () => {
  test("is its owner's alone, and is paired once", async () => {
    for (const name of ["state.db", "keys.json", "home.json", "lock"]) {
      expect(statSync(join(paired.home, name)).mode & 0o777).toBe(0o600);
    }
    expect(statSync(paired.home).mode & 0o777).toBe(0o700);
    const again = await coffre("init", ...asStranger());
    expect(again.summary).toMatchObject({ exitCode: 1, code: "user-already-paired" });
    expect(JSON.parse(readFileSync(join(paired.home, "home.json"), "utf8"))).toMatchObject({ login: "ada" });
  });

  test("has one process at a time, while status can always be asked", async () => {
    await coffre("add", source);
    const watching = spawnCoffre("--home", paired.home, "--json", "backup", "--watch");
    await eventually(async () => expect((await coffre("status")).summary).toMatchObject({ isRunning: true }));
    expect((await coffre("backup")).summary).toMatchObject({ exitCode: 1, code: "user-home-busy" });
    write(source, "new", "noticed");
    await eventually(async () => expect((await coffre("status")).summary).toMatchObject({ filesSynced: 1 }));
    watching.kill("SIGTERM");
    const [code] = await once(watching, "exit");
    expect(code).toBe(0);
    expect((await coffre("status")).summary).toMatchObject({ isRunning: false, filesWaiting: 0 });
  });

  test("takes a second device with join, and forgets a folder with remove", async () => {
    const second = join(makeFolder(), "second");
    const join2 = await runCoffre("--home", second, "--json", "join", ...asStranger(), "--device-name", "second");
    expect(join2.summary).toMatchObject({ exitCode: 0 });
    await coffre("add", source);
    expect((await coffre("remove", "photos")).summary).toMatchObject({ exitCode: 0 });
    expect((await coffre("remove", "photos")).summary).toMatchObject({ exitCode: 1, code: "user-root-unknown" });
    expect((await coffre("roots")).summary).toMatchObject({ roots: 0 });
  });
});

describe("what goes wrong", () => {
  test("a wrong passphrase opens nothing and leaves nothing", async () => {
    const wrong = write(makeFolder(), "passphrase", "not this one at all");
    const to = join(makeFolder(), "to");
    const restore = await coffre("restore", "--to", to, "--passphrase-file", wrong);
    expect(restore.summary).toMatchObject({ exitCode: 1, code: "user-login-refused" });
    expect(readdirSync(to)).toEqual([]);
  });

  test("without a passphrase nothing is asked of the server", async () => {
    expect((await coffre("ls")).summary).toMatchObject({ exitCode: 1, code: "user-passphrase-missing" });
  });

  test("a server that is gone is named, with exit code 1", async () => {
    const nowhere = ["--server", "http://127.0.0.1:1", "--login", "ada", "--passphrase-file", paired.passphraseFile];
    expect((await coffre("ls", ...nowhere)).summary).toMatchObject({ exitCode: 1, code: "peer-unreachable" });
  });
});
