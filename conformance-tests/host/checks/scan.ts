// Listing folders. Rule: what is expected is what the file system says of the same folder.

import { chmodSync, lutimesSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LEAST_FILES, makeAwkwardTree } from "../../end-to-end/awkward-tree.ts";
import type { AdapterProcess } from "../adapter-process.ts";
import {
  expectedEntry,
  makeManyFiles,
  makeSpecialFiles,
  namesIn,
  nameText,
  pathIn,
  systemPath,
} from "../awkward-things.ts";
import { type CheckGroup, expectEqual, expectKind, expectThat } from "../check.ts";
import { expectListed, nameOf, namesOf, scan, scanFolder, withoutIdentity } from "../scanned-folders.ts";

const MANY = 20_000;

/** Compares a folder and everything below it with the file system; how many entries there were. */
export async function compareBelow(
  adapter: AdapterProcess,
  root: string,
  path: string,
  system: Buffer,
): Promise<number> {
  const { lacks } = adapter.ready;
  const names = namesIn(system);
  const entries = await scanFolder(adapter, root, path, 500);
  const expected = names.map((name) => expectedEntry(system, name, lacks));
  expectEqual(`the names in ${JSON.stringify(path)}`, entries.map(nameOf), names.map(nameText));
  for (const [at, entry] of entries.entries()) {
    expectEqual(`an entry of ${JSON.stringify(path)}`, withoutIdentity(entry), expected[at]);
    const { identity } = entry as { identity?: unknown };
    expectThat("expected an identity", typeof identity === "string" && identity !== "", entry);
  }
  let count = entries.length;
  for (const [at, name] of names.entries()) {
    if ((entries[at] as { kind?: unknown }).kind !== "folder") continue;
    count += await compareBelow(adapter, root, pathIn(path, nameText(name)), systemPath(system, name));
  }
  return count;
}

export const SCAN_CHECKS: CheckGroup = {
  title: "Scanning",
  checks: [
    {
      says: "lists a tree of awkward names, sizes, times, modes, links and empty folders as the system has it",
      proves: ["H-20", "H-9"],
      needs: ["links", "names-not-utf8"],
      run: async (stage) => {
        const root = join(stage.folder(), "tree");
        makeAwkwardTree(root, { seed: "host suite", files: LEAST_FILES, largestBytes: 100_000 });
        const count = await compareBelow(stage.adapter, root, "", Buffer.from(root));
        expectThat("expected more entries than files", count > LEAST_FILES, count);
      },
    },
    {
      says: "tells sockets, pipes and devices apart, and does not wait for them",
      proves: ["H-20"],
      run: async (stage) => {
        const root = stage.folder();
        await makeSpecialFiles(stage, root);
        await compareBelow(stage.adapter, root, "", Buffer.from(root));
        const devices = await scan(stage.adapter, "/dev", [{ path: "", after: "nul" }], 1);
        const [entry] = expectListed(devices.folders, "").entries;
        expectEqual(
          "the entry behind `nul` in /dev",
          [entry?.name, entry && "kind" in entry ? entry.kind : ""],
          ["null", "device"],
        );
      },
    },
    {
      says: "orders names by the bytes of their text, not by UTF-16 or by language",
      proves: ["H-20", "H-9"],
      needs: ["names-not-utf8"],
      run: async (stage) => {
        const root = stage.folder();
        const texts = ["\uffff", "😀", "Z", "a", "ä", "a\u0308", "é", "~", "0", "10", "9", "-", " ", "\u0001", "."];
        const names = [...texts.map((text) => Buffer.from(`n${text}`)), Buffer.of(0xff), Buffer.of(0x61, 0xff)];
        for (const name of names) writeFileSync(systemPath(root, name), "");
        const all = await scanFolder(stage.adapter, root, "", 10_000);
        expectEqual("the order of names", all.map(nameOf), namesIn(root).map(nameText));
        for (const [at, entry] of all.entries()) {
          const listed = expectListed(
            (await scan(stage.adapter, root, [{ path: "", after: String(nameOf(entry)) }])).folders,
            "",
          );
          expectEqual("the names behind it", namesOf(listed), all.slice(at + 1).map(nameOf));
        }
      },
    },
    {
      says: "lists 20,000 files of one folder by cursors, none twice and none left out",
      proves: ["H-20"],
      run: async (stage) => {
        const root = stage.folder();
        makeManyFiles(root, "many", MANY);
        const names = namesIn(join(root, "many")).map(nameText);
        for (const entries of [100_000, 999]) {
          const all = await scanFolder(stage.adapter, root, "many", entries);
          expectEqual(`the number of entries, ${entries} at most at a time`, all.length, MANY);
          expectThat(
            "expected all names in order",
            all.every((entry, at) => nameOf(entry) === names[at]),
          );
        }
      },
    },
    {
      says: "keeps to 262,144 characters as they cross the border, for names that grow by being escaped",
      proves: ["H-20", "H-1"],
      run: async (stage) => {
        const root = stage.folder();
        const names = Array.from({ length: 900 }, (_, at) => `${"漢".repeat(83)}${String(at).padStart(4, "0")}`);
        for (const name of names) writeFileSync(join(root, name), "");
        const all = await scanFolder(stage.adapter, root, "", 10_000);
        expectEqual("the names", all.map(nameOf), names);
      },
    },
    {
      says: "goes on behind a name that is gone, and sees what came behind it meanwhile",
      proves: ["H-20"],
      run: async (stage) => {
        const root = stage.folder();
        for (const name of ["a", "b", "c", "d"]) writeFileSync(join(root, name), name);
        const first = expectListed((await scan(stage.adapter, root, [{ path: "", after: null }], 2)).folders, "");
        expectEqual("the first two", [namesOf(first), first.end], [["a", "b"], false]);
        rmSync(join(root, "b"));
        const next = expectListed((await scan(stage.adapter, root, [{ path: "", after: "b" }])).folders, "");
        expectEqual("behind `b`, which is gone", [namesOf(next), next.end], [["c", "d"], true]);
        writeFileSync(join(root, "bb"), "");
        const again = expectListed((await scan(stage.adapter, root, [{ path: "", after: "b" }])).folders, "");
        expectEqual("behind `b` once more", namesOf(again), ["bb", "c", "d"]);
        const last = expectListed((await scan(stage.adapter, root, [{ path: "", after: "z" }])).folders, "");
        expectEqual("behind every name", [namesOf(last), last.end], [[], true]);
      },
    },
    {
      says: "takes folders in order and leaves out those that it did not begin",
      proves: ["H-20"],
      run: async (stage) => {
        const root = stage.folder();
        for (const folder of ["one", "two", "three", "empty"]) {
          mkdirSync(join(root, folder));
          if (folder !== "empty") for (const name of ["x", "y"]) writeFileSync(join(root, folder, name), "");
        }
        const folders = ["two", "empty", "gone", "one", "three"].map((path) => ({ path, after: null }));
        const answer = await scan(stage.adapter, root, folders, 3);
        const seen = answer.folders.map((folder) =>
          "entries" in folder ? [folder.path, namesOf(folder), folder.end] : folder,
        );
        expectEqual("what three entries are enough for", seen, [
          ["two", ["x", "y"], true],
          ["empty", [], true],
          { path: "gone", failed: "vanished" },
          ["one", ["x"], false],
        ]);
        const whole = await scan(stage.adapter, root, folders);
        expectEqual(
          "all of them",
          whole.folders.map(({ path }) => path),
          folders.map(({ path }) => path),
        );
      },
    },
    {
      says: "says why a folder or a root cannot be listed",
      proves: ["H-20"],
      needs: ["links"],
      run: async (stage) => {
        const root = stage.folder();
        const { adapter } = stage;
        mkdirSync(join(root, "folder", "inside"), { recursive: true });
        writeFileSync(join(root, "file"), "");
        symlinkSync("folder", join(root, "link"));
        symlinkSync("..", join(root, "folder", "above"));
        const paths = ["file", "link", "link/inside", "folder/above", "gone/below"];
        const answer = await scan(
          adapter,
          root,
          paths.map((path) => ({ path, after: null })),
        );
        const failed = ["not-a-folder", "not-a-folder", "vanished", "not-a-folder", "vanished", "not-a-folder"];
        expectEqual(
          "folders that are none",
          answer.folders,
          paths.map((path, at) => ({ path, failed: failed[at] })),
        );
        const folders = [{ path: "", after: null }];
        const ofRoot = (at: string) => adapter.ask({ kind: "scan", root: at, folders, entries: 10 });
        const unavailable = (reason: string) => ({ kind: "root-unavailable", reason });
        expectEqual("a root that is gone", await ofRoot(stage.nothing()), unavailable("vanished"));
        expectEqual("a root that is a file", await ofRoot(join(root, "file")), unavailable("not-a-folder"));
        expectEqual(
          "a root by a link",
          expectListed(expectKind(await ofRoot(join(root, "link")), "scanned").folders, "").end,
          true,
        );
      },
    },
    {
      says: "has another identity for another folder or file under the same name, and the same one over a restart",
      proves: ["H-20"],
      run: async (stage) => {
        const root = stage.folder();
        const identities = async (): Promise<unknown[]> => {
          const answer = await scan(stage.adapter, join(root, "root"), [{ path: "", after: null }]);
          const { entries } = expectListed(answer.folders, "");
          return [answer.identity, ...entries.map((entry) => ("identity" in entry ? entry.identity : null))];
        };
        for (const folder of ["root", "next"]) {
          mkdirSync(join(root, folder));
          writeFileSync(join(root, folder, "file"), folder);
        }
        const first = await identities();
        await stage.restart();
        expectEqual("identities after a restart", await identities(), first);
        renameSync(join(root, "root"), join(root, "before"));
        renameSync(join(root, "next"), join(root, "root"));
        const other = await identities();
        expectThat(
          "expected other identities",
          other.every((identity, at) => identity !== first[at]),
          [first, other],
        );
      },
    },
    {
      says: "tells times to the microsecond, before 1970 and after 2038 too",
      proves: ["H-20"],
      needs: ["links"],
      run: async (stage) => {
        const root = stage.folder();
        const times = ["-158000000.25", "-1", "0", "0.000001", "2147483648.5", "4102444800.125"];
        for (const [number, time] of times.entries()) {
          symlinkSync("nothing", join(root, `link ${number}`));
          lutimesSync(join(root, `link ${number}`), time, time);
        }
        await compareBelow(stage.adapter, root, "", Buffer.from(root));
      },
    },
    {
      says: "says permission of folders and entries that its user may not read",
      proves: ["H-20"],
      run: async (stage) => {
        const root = stage.folder();
        for (const folder of ["closed", "no entry", "open"]) {
          mkdirSync(join(root, folder));
          writeFileSync(join(root, folder, "file"), "");
        }
        chmodSync(join(root, "closed"), 0o000);
        chmodSync(join(root, "no entry"), 0o444);
        const adapter = await stage.ordinary();
        const folders = ["closed", "no entry", "open"].map((path) => ({ path, after: null }));
        const [closed, noEntry, open] = (await scan(adapter, root, folders)).folders;
        expectEqual("a folder that may not be listed", closed, { path: "closed", failed: "permission" });
        const unreadable = [{ name: "file", failed: "permission" }];
        const listed = noEntry !== undefined && "entries" in noEntry ? [noEntry.entries, noEntry.end] : noEntry;
        expectEqual("a folder that may be listed and no more", listed, [unreadable, true]);
        expectThat(
          "expected the other folder",
          open !== undefined && "entries" in open && open.entries.length === 1,
          open,
        );
        const asRoot = await adapter.ask({ kind: "scan", root: join(root, "closed", "x"), folders: [], entries: 1 });
        expectEqual("a root behind it", asRoot, { kind: "root-unavailable", reason: "permission" });
      },
    },
  ],
};
