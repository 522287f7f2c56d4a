// Hashing files. Rule: digests are compared with those that the suite computes from what it wrote.

import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { open, truncate, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { HashedFile } from "coffre-engine";
import { AWKWARD_NAMES } from "../../end-to-end/awkward-names.ts";
import { seededBytes, writeSeededFile } from "../../end-to-end/seeded-content.ts";
import type { AdapterProcess } from "../adapter-process.ts";
import { expectedStat, makeSpecialFiles, nameText, systemPath } from "../awkward-things.ts";
import { findBadFile } from "../bad-files.ts";
import { type CheckGroup, expectEqual, expectKind, expectThat } from "../check.ts";
import { CHUNK_BYTES, keyedDigests } from "../expected-bytes.ts";
import type { Stage } from "../stage.ts";

const MOST_CHUNKS = 3_000;
const SMALL_CHUNK = 1_000;
const RESTLESS_BYTES = 128 * 1_048_576;
const FAILED = { kind: "failed", reason: "host-error" };

/** Hashes whole files below one root. */
async function hash(
  adapter: AdapterProcess,
  key: string,
  root: string,
  paths: readonly string[],
  chunkBytes = SMALL_CHUNK,
) {
  const files = paths.map((path) => ({ root, path, first: 0, count: 10 }));
  return expectKind(await adapter.ask({ kind: "hash", key, chunkBytes, files }), "hashed").files;
}

function digestsOf(file: HashedFile | undefined): readonly string[] {
  if (file?.kind !== "ok") throw new Error(`expected a file that was hashed, got ${JSON.stringify(file)}`);
  return file.digests;
}

/** Hashes a large file that `disturb` changes, over and over, for as long as it takes. */
async function hashRestless(stage: Stage, disturb: (file: string, times: number) => Promise<void>): Promise<unknown> {
  const root = stage.folder();
  const file = join(root, "restless");
  writeFileSync(file, "");
  await truncate(file, RESTLESS_BYTES);
  const { slot } = await stage.fillSlot();
  const count = Math.ceil(RESTLESS_BYTES / CHUNK_BYTES);
  const files = [{ root, path: "restless", first: 0, count }];
  const { id, answer } = stage.adapter.begin({ kind: "hash", key: slot, chunkBytes: CHUNK_BYTES, files });
  for (let times = 1; stage.adapter.isOpen(id); times++) await disturb(file, times);
  return expectKind(await answer, "hashed").files;
}

export const HASH_CHECKS: CheckGroup = {
  title: "Hashing",
  checks: [
    {
      says: "hashes files of every edge size, chunk by chunk, and gives their stat",
      proves: ["H-21"],
      run: async (stage) => {
        const root = stage.folder();
        const { slot, key } = await stage.fillSlot();
        const sizes = [0, 1, SMALL_CHUNK - 1, SMALL_CHUNK, SMALL_CHUNK + 1, 3 * SMALL_CHUNK];
        for (const size of sizes) writeSeededFile(join(root, `${size}`), `edge ${size}`, size);
        const files = await hash(stage.adapter, slot, root, sizes.map(String));
        for (const [at, size] of sizes.entries()) {
          const expected = keyedDigests(key, seededBytes(`edge ${size}`, size), SMALL_CHUNK);
          expectEqual(`the digests of ${size} bytes`, digestsOf(files[at]), expected);
          const file = files[at];
          if (file?.kind !== "ok") continue;
          const { identity, ...stat } = file.stat;
          expectEqual("its stat", stat, expectedStat(join(root, `${size}`), stage.adapter.ready.lacks));
          expectThat("expected an identity", identity !== "");
        }
      },
    },
    {
      says: "hashes the chunks that were asked for, as far as the file goes",
      proves: ["H-21"],
      run: async (stage) => {
        const root = stage.folder();
        const { slot, key } = await stage.fillSlot();
        const content = seededBytes("a range", 2 * CHUNK_BYTES + 5);
        writeFileSync(join(root, "file"), content);
        const all = keyedDigests(key, content, CHUNK_BYTES);
        for (const [first, count] of [
          [0, 1],
          [1, 1],
          [1, 5],
          [2, 1],
          [3, 1],
          [9, 9],
          [0, 0],
        ] as const) {
          const files = [{ root, path: "file", first, count }];
          const answer = await stage.adapter.ask({ kind: "hash", key: slot, chunkBytes: CHUNK_BYTES, files });
          const [file] = expectKind(answer, "hashed").files;
          expectEqual(`${count} chunks from the ${first}th on`, digestsOf(file), all.slice(first, first + count));
        }
      },
    },
    {
      says: "hashes files of awkward names",
      proves: ["H-21", "H-9"],
      needs: ["names-not-utf8"],
      run: async (stage) => {
        const root = stage.folder();
        const { slot, key } = await stage.fillSlot();
        for (const { name } of AWKWARD_NAMES) writeFileSync(systemPath(root, name), name);
        const paths = AWKWARD_NAMES.map(({ name }) => nameText(name));
        const files = await hash(stage.adapter, slot, root, paths);
        for (const [at, { why, name }] of AWKWARD_NAMES.entries()) {
          expectEqual(
            `the file with a name that is ${why}`,
            digestsOf(files[at]),
            keyedDigests(key, name, SMALL_CHUNK),
          );
        }
      },
    },
    {
      says: "has the same identity for a file as the scan, and its digest under each key",
      proves: ["H-21", "H-20"],
      run: async (stage) => {
        const root = stage.folder();
        writeFileSync(join(root, "file"), "content");
        const [first, second] = [await stage.fillSlot(), await stage.fillSlot()];
        const folders = [{ path: "", after: null }];
        const scanned = expectKind(await stage.adapter.ask({ kind: "scan", root, folders, entries: 9 }), "scanned");
        for (const { slot, key } of [first, second, first]) {
          const [file] = await hash(stage.adapter, slot, root, ["file"]);
          expectEqual("the digest", digestsOf(file), keyedDigests(key, Buffer.from("content"), SMALL_CHUNK));
          const [folder] = scanned.folders;
          const entry = folder !== undefined && "entries" in folder ? folder.entries[0] : undefined;
          const identity = file?.kind === "ok" ? file.stat.identity : "";
          expectEqual("its identity", identity, entry !== undefined && "identity" in entry ? entry.identity : null);
        }
      },
    },
    {
      says: "follows no link, waits for no pipe, and says of each file why it was not hashed",
      proves: ["H-21"],
      needs: ["links"],
      run: async (stage) => {
        const root = stage.folder();
        const { slot } = await stage.fillSlot();
        mkdirSync(join(root, "folder"));
        for (const path of ["file", "folder/inside"]) writeFileSync(join(root, path), "content");
        symlinkSync("file", join(root, "link"));
        symlinkSync("folder", join(root, "folder link"));
        symlinkSync("..", join(root, "folder", "above"));
        await makeSpecialFiles(stage, root);
        const notAFile = { kind: "unreadable", reason: "not-a-file" };
        const vanished = { kind: "vanished" };
        const expected: readonly (readonly [path: string, answer: unknown])[] = [
          ["link", notAFile],
          ["folder", notAFile],
          ["pipe", notAFile],
          ["socket", notAFile],
          ["folder link", notAFile],
          ["gone", vanished],
          ["gone/below", vanished],
          ["file/below", vanished],
          ["folder link/inside", vanished],
          ["folder/above/file", vanished],
        ];
        const paths = ["file", ...expected.map(([path]) => path), "folder/inside"];
        const files = await hash(stage.adapter, slot, root, paths);
        for (const [at, [path, answer]] of expected.entries()) {
          expectEqual(`the answer for ${JSON.stringify(path)}`, files[at + 1], answer);
        }
        expectEqual("the files before and behind", [files[0]?.kind, files.at(-1)?.kind], ["ok", "ok"]);
        const [device] = await hash(stage.adapter, slot, "/dev", ["zero"]);
        expectEqual("a device", device, notAFile);
      },
    },
    {
      says: "says changed of a file that grows, shrinks or is touched while it is read",
      proves: ["H-21"],
      run: async (stage) => {
        const grown = await hashRestless(stage, async (file) => {
          const handle = await open(file, "a");
          await handle.write("more").finally(() => handle.close());
        });
        expectEqual("a file that grows", grown, [{ kind: "changed" }]);
        const shrunk = await hashRestless(stage, (file, times) => truncate(file, RESTLESS_BYTES - (times % 10_000)));
        expectEqual("a file that shrinks", shrunk, [{ kind: "changed" }]);
        const touched = await hashRestless(stage, (file, times) => utimes(file, times, times));
        expectEqual("a file that is touched", touched, [{ kind: "changed" }]);
      },
    },
    {
      says: "says size of a file that has fewer or more bytes than its stat, and reads no empty one out of it",
      proves: ["H-21"],
      run: async (stage) => {
        const { slot } = await stage.fillSlot();
        for (const kind of ["short", "long"] as const) {
          const { root, path } = findBadFile(kind);
          const files = await hash(stage.adapter, slot, root, [path], CHUNK_BYTES);
          expectEqual(`a file that is too ${kind}`, files, [{ kind: "unreadable", reason: "size" }]);
        }
      },
    },
    {
      says: "says io of a file that cannot be read, once, and hashes the others",
      proves: ["H-21"],
      run: async (stage) => {
        const { slot } = await stage.fillSlot();
        const { root, path } = findBadFile("unreadable");
        const good = stage.folder();
        writeFileSync(join(good, "good"), "x");
        const files = [good, root, good].map((at) => ({
          root: at,
          path: at === root ? path : "good",
          first: 0,
          count: 1,
        }));
        const answer = await stage.adapter.ask({ kind: "hash", key: slot, chunkBytes: SMALL_CHUNK, files });
        const [before, bad, after] = expectKind(answer, "hashed").files;
        expectEqual("the answer", bad, { kind: "unreadable", reason: "io" });
        expectEqual("the others", [before?.kind, after?.kind], ["ok", "ok"]);
      },
    },
    {
      says: "says permission of a file that its user may not read",
      proves: ["H-21"],
      run: async (stage) => {
        const root = stage.folder();
        for (const name of ["closed", "open"]) writeFileSync(join(root, name), "x");
        chmodSync(join(root, "closed"), 0o000);
        const adapter = await stage.ordinary();
        const { slot } = await stage.fillSlot(undefined, adapter);
        const [closed, open] = await hash(adapter, slot, root, ["closed", "open"]);
        expectEqual("the closed file", closed, { kind: "unreadable", reason: "permission" });
        expectEqual("the open one", open?.kind, "ok");
      },
    },
    {
      says: "hashes 3,000 chunks in one effect, and refuses more, an absent slot and paths out of the root",
      proves: ["H-21", "H-12"],
      run: async (stage) => {
        const root = stage.folder();
        const { slot, key } = await stage.fillSlot();
        const content = seededBytes("many chunks", MOST_CHUNKS * 10);
        writeFileSync(join(root, "file"), content);
        const file = { root, path: "file", first: 0, count: MOST_CHUNKS };
        const effect = { kind: "hash", key: slot, chunkBytes: 10, files: [file] } as const;
        const [hashed] = expectKind(await stage.adapter.ask(effect), "hashed").files;
        expectEqual("all digests", digestsOf(hashed), keyedDigests(key, content, 10));
        const more = { ...effect, files: [file, { ...file, count: 1 }] };
        expectEqual("3,001 chunks", await stage.adapter.ask(more), FAILED);
        expectEqual("an absent slot", await stage.adapter.ask({ ...effect, key: "never.filled" }), FAILED);
        for (const path of ["../file", "a/../file", ".", "/file", "a//b/", "a\u0000b", "/6"]) {
          const answer = await stage.adapter.ask({ ...effect, files: [{ ...file, path }] });
          expectEqual(`a path ${JSON.stringify(path)}, which is none`, answer, FAILED);
        }
      },
    },
  ],
};
