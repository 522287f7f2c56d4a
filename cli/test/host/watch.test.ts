// `watch`: changes below roots are noticed. The native watcher of other systems is not run here.

import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { Watch } from "../../src/host/effects/watch.ts";
import { changedMounts, readMounts } from "../../src/host/ground.ts";
import { markOwnFolder, OWN_MARK } from "../../src/host/own-folders.ts";
import { eventually } from "./eventually.ts";
import { makeFolder, write } from "./scratch.ts";

/** Observes roots; which folders changed so far, with "*" for anywhere and "!" for what is not watched. */
function observe(...roots: string[]): Set<string> {
  const seen = new Set<string>();
  const watch = new Watch({
    onChanged: (root, folders) => {
      for (const folder of folders ?? ["*"]) seen.add(`${roots.indexOf(root)}:${folder}`);
    },
    onUnwatched: (root) => seen.add(`${roots.indexOf(root)}!`),
  });
  onTestFinished(() => watch.close());
  watch.set(roots);
  return seen;
}

/** Waits until changes were told. */
async function expectSeen(seen: Set<string>, ...changes: string[]): Promise<void> {
  await eventually(() => expect([...seen]).toEqual(expect.arrayContaining(changes)));
}

/** As `expectSeen`; anywhere is everywhere. */
async function expectToldOf(seen: Set<string>, change: string): Promise<void> {
  await eventually(() => expect(seen.has(change) || seen.has("0:*")).toBe(true));
}

/** Waits until the watch of `folder` stands: something in it is told. */
async function expectWatched(seen: Set<string>, root: string, folder: string): Promise<void> {
  await eventually(() => {
    writeFileSync(join(root, folder, "probe"), "");
    expect(seen.has(`0:${folder}`)).toBe(true);
  });
  seen.clear();
}

describe("a change is told", () => {
  test("a new file, in the root and below", async () => {
    const root = makeFolder();
    mkdirSync(join(root, "a/b"), { recursive: true });
    const seen = observe(root);
    await expectWatched(seen, root, "a/b");
    write(root, "new", "x");
    write(root, "a/b/new", "x");
    await expectSeen(seen, "0:", "0:a/b");
  });

  test("a folder that comes with files in it, and what happens there later", async () => {
    const root = makeFolder();
    const elsewhere = makeFolder();
    write(elsewhere, "tree/deep/file", "x");
    const seen = observe(root);
    await expectWatched(seen, root, "");
    renameSync(join(elsewhere, "tree"), join(root, "tree"));
    await expectSeen(seen, "0:", "0:tree", "0:tree/deep");
    seen.clear();
    write(root, "tree/deep/later", "x");
    await expectSeen(seen, "0:tree/deep");
  });

  test("nothing in what bears the mark of Coffre's own, and all of it once the mark is gone", async () => {
    const root = makeFolder();
    mkdirSync(join(root, "own/deep"), { recursive: true });
    markOwnFolder(join(root, "own"));
    const seen = observe(root);
    await expectWatched(seen, root, "");
    write(root, "own/deep/file", "x");
    write(root, "after", "x");
    await expectSeen(seen, "0:");
    expect([...seen].filter((change) => change.startsWith("0:own/"))).toEqual([]);
    rmSync(join(root, "own", OWN_MARK));
    await expectWatched(seen, root, "own/deep");
  });

  test("a folder that was replaced by another one", async () => {
    const root = makeFolder();
    mkdirSync(join(root, "d"));
    const seen = observe(root);
    await expectWatched(seen, root, "d");
    rmSync(join(root, "d"), { recursive: true });
    mkdirSync(join(root, "d"));
    await expectSeen(seen, "0:", "0:d");
    seen.clear();
    write(root, "d/new", "x");
    await expectSeen(seen, "0:d");
  });

  test("a folder whose name is not UTF-8", async () => {
    const root = makeFolder();
    const folder = Buffer.concat([Buffer.from(`${root}/`), Buffer.of(0xff)]);
    mkdirSync(folder);
    const seen = observe(root);
    await eventually(() => {
      writeFileSync(Buffer.concat([folder, Buffer.from("/f")]), "");
      expect([...seen]).toContain("0:/ff");
    });
  });
});

describe("a root that was replaced is observed again", () => {
  test("by a copy of it", async () => {
    const root = join(makeFolder(), "root");
    write(root, "d/a", "1");
    const seen = observe(root);
    await expectWatched(seen, root, "d");
    renameSync(root, `${root} before`);
    cpSync(`${root} before`, root, { recursive: true });
    await expectSeen(seen, "0:*");
    await expectWatched(seen, root, "d");
    write(root, "d/b", "2");
    await expectSeen(seen, "0:d");
  });

  test("by one that comes where none was", async () => {
    const root = join(makeFolder(), "root");
    const seen = observe(root);
    await expectSeen(seen, "0:*");
    seen.clear();
    mkdirSync(root);
    await expectSeen(seen, "0:*");
    await expectWatched(seen, root, "");
  });

  test.runIf(process.getuid?.() === 0)("by a disk that is mounted on it, below it, and taken away", async () => {
    const root = makeFolder();
    mkdirSync(join(root, "a disk"));
    const seen = observe(root);
    await expectWatched(seen, root, "a disk");
    for (const [place, told, folder] of [
      [root, "0:*", ""],
      [join(root, "a disk"), "0:a disk", "a disk"],
    ] as const) {
      execFileSync("mount", ["-t", "tmpfs", "tmpfs", place]);
      onTestFinished(() => {
        execFileSync("sh", ["-c", 'umount "$0" 2>/dev/null || true', place]);
      });
      await expectToldOf(seen, told);
      await expectWatched(seen, root, folder);
      execFileSync("umount", [place]);
      await expectToldOf(seen, told);
      await expectWatched(seen, root, folder);
    }
  });
});

test("mounts are told by their places, whatever these are called", () => {
  const before = new Map([
    ["/r/a", "1"],
    ["/r/b", "2"],
    ["/rest", "3"],
  ]);
  const now = new Map([
    ["/r/b", "7"],
    ["/r//ff", "8"],
  ]);
  expect(changedMounts("/r", before, now)).toEqual(["a", "b", "/ff"]);
  expect(changedMounts("/", before, before)).toEqual([]);
  expect(readMounts().has("/")).toBe(true);
});

describe("when not every change can be seen", () => {
  /** Starts a process that may open nothing more, from the start or from its first change on; what it tells, and its input. */
  function startStarved(when: string, root: string) {
    const arriving = join(makeFolder(), "tree");
    mkdirSync(join(arriving, "deep"), { recursive: true });
    const program = fileURLToPath(new URL("starved-watch.ts", import.meta.url));
    // Few enough to use up, and enough for Node to start with.
    const shell = ["-c", 'ulimit -n 64 && exec "$0" "$@"', process.execPath, program, when, root, arriving];
    const child = spawn("sh", shell, { stdio: ["pipe", "pipe", "inherit"] });
    onTestFinished(() => void child.stdin.end());
    const told: string[] = [];
    createInterface({ input: child.stdout }).on("line", (line) => told.push(line));
    const until = (line: string) => eventually(() => expect(told).toContain(line));
    return { told, until, say: (line: string) => child.stdin.write(`${line}\n`) };
  }

  test.each(["at once", "later"])("a process that may open nothing more, %s, says anywhere", async (when) => {
    const { told, until } = startStarved(when, makeFolder());
    await until("null");
    const before = when === "later" ? ["begun", '""'] : ["begun"];
    expect(told).toEqual(expect.arrayContaining([...before, "starved", "again after 30000", "null"]));
  });

  test("watches are asked for again, ever more seldom, until there are some for all", async () => {
    const root = makeFolder();
    mkdirSync(join(root, "a/b"), { recursive: true });
    const { told, until, say } = startStarved("at once", root);
    await until("null");
    for (const pause of [60_000, 120_000]) {
      say("later");
      await until(`again after ${pause}`);
    }
    say("free");
    say("later");
    await until("whole");
    await until('"a/b"');
    // Only the first time is anything to be looked for anywhere.
    expect(told.filter((line) => line === "null")).toEqual(["null"]);
    told.length = 0;
    write(root, "a/b/new", "x");
    await until('"a/b"');
  });

  test("folders deeper than a path may be are told as anywhere, and the others as before", async () => {
    const root = makeFolder();
    const deepest = Array.from({ length: 512 }, () => "a").join("/");
    mkdirSync(join(root, deepest), { recursive: true });
    const seen = observe(root);
    await expectWatched(seen, root, deepest);
    mkdirSync(join(root, deepest, "deeper"));
    await expectSeen(seen, "0:*");
    seen.clear();
    // What is written while "anywhere" is still to be told goes under in it.
    await expectWatched(seen, root, deepest);
    await expectWatched(seen, root, "");
  });

  test("a root that is not there is told as anywhere", async () => {
    const seen = observe(join(makeFolder(), "gone"));
    await expectSeen(seen, "0:*");
  });

  test("many folders at once are told as anywhere", async () => {
    const root = makeFolder();
    for (let n = 0; n < 600; n++) mkdirSync(join(root, `d${n}`));
    const seen = observe(root);
    await expectWatched(seen, root, "d0");
    await expectWatched(seen, root, "d599");
    for (let n = 0; n < 600; n++) write(root, `d${n}/f`, "");
    await expectSeen(seen, "0:*");
  });
});

test("only the roots of the last effect are observed", async () => {
  const [first, second] = [makeFolder(), makeFolder()];
  const seen: string[] = [];
  const watch = new Watch({ onChanged: (root) => seen.push(root), onUnwatched: () => {} });
  onTestFinished(() => watch.close());
  watch.set([first]);
  watch.set([second]);
  write(first, "f", "");
  write(second, "f", "");
  await eventually(() => expect(seen).toContain(second));
  expect(seen).not.toContain(first);
});
