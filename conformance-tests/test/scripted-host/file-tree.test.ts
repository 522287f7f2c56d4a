// The in-memory file tree and the effects over it: scan, hash, finish-file (docs/host-api.md H-9, H-20, H-21, H-25).

import { beforeEach, describe, expect, test } from "vitest";
import { cheapBytePlane } from "../../scripted-host/byte-plane.ts";
import { literalContent, resizedContent, seededContent, writtenContent } from "../../scripted-host/file-content.ts";
import { FileTree } from "../../scripted-host/file-tree.ts";
import { runFinishFile } from "../../scripted-host/finish-effect.ts";
import { runHash, runScan } from "../../scripted-host/folder-effects.ts";
import { formatName, isCreatable, joinPath, splitPath } from "../../scripted-host/path-text.ts";
import { Slots } from "../../scripted-host/slots.ts";
import { VirtualClock } from "../../scripted-host/virtual-clock.ts";

let clock: VirtualClock;
let tree: FileTree;
const slots = new Slots();
slots.write("dedup", "device", new Uint8Array(32).fill(5));

beforeEach(() => {
  clock = new VirtualClock();
  tree = new FileTree(clock);
});

function scan(path: string, after: string | null = null, entries = 1_000): ReturnType<typeof runScan> {
  return runScan(tree, { kind: "scan", root: "/phone", folders: [{ path, after }], entries });
}

function namesIn(answer: ReturnType<typeof runScan>): unknown {
  return answer.kind === "scanned"
    ? answer.folders.map((folder) =>
        "entries" in folder ? folder.entries.map(({ name }) => name) : "failed" in folder ? folder.failed : "own",
      )
    : answer;
}

function hash(path: string, first = 0, count = 10): unknown {
  const answer = runHash(tree, slots, cheapBytePlane(), {
    kind: "hash",
    key: "dedup",
    chunkBytes: 4,
    files: [{ root: "/phone", path, first, count }],
  });
  const file = answer?.files[0];
  return file?.kind === "ok" ? file.digests.length : file;
}

describe("paths", () => {
  test("a name that is not UTF-8 is a slash and its hex (H-9)", () => {
    const name = formatName(Uint8Array.of(0x61, 0xff));
    expect(name).toBe("/61ff");
    expect(joinPath(["dir", name, "x"])).toBe("dir//61ff/x");
    expect(splitPath("dir//61ff/x")).toEqual(["dir", "/61ff", "x"]);
    expect(splitPath("/61ff")).toEqual(["/61ff"]);
    expect(splitPath("")).toEqual([]);
  });
});

describe("content", () => {
  test("seeded content reads the same whole and in pieces", () => {
    const content = seededContent(7, 200_001);
    const whole = Buffer.from(content.read(0, 300_000));
    expect(whole).toHaveLength(200_001);
    const pieces = [
      content.read(0, 65_535),
      content.read(65_535, 3),
      content.read(65_538, 134_462),
      content.read(200_000, 9),
    ];
    expect(Buffer.concat(pieces).equals(whole)).toBe(true);
  });

  test("writing leaves earlier content as it was", () => {
    const first = writtenContent(literalContent("ab"), 2, Buffer.from("cd"));
    const second = writtenContent(first, 4, Buffer.from("ef"));
    const other = writtenContent(first, 4, Buffer.from("xy"));
    const over = writtenContent(second, 1, Buffer.from("--"));
    const texts = [first, second, other, over].map((content) => Buffer.from(content.read(0, 99)).toString());
    expect(texts).toEqual(["abcd", "abcdef", "abcdxy", "a--def"]);
    expect(resizedContent(first, 2).sizeBytes).toBe(2);
    expect([...resizedContent(first, 6).read(3, 9)]).toEqual([100, 0, 0]);
  });
});

describe("scan", () => {
  test("lists in order of UTF-8 bytes, from behind a name", () => {
    for (const name of ["b", "a", "\u{1F600}", "\uFF5E", "/61ff", "Z"]) tree.write(`/phone/${name}`, "x");
    expect(namesIn(scan(""))).toEqual([["/61ff", "Z", "a", "b", "\uFF5E", "\u{1F600}"]]);
    expect(namesIn(scan("", "a"))).toEqual([["b", "\uFF5E", "\u{1F600}"]]);
    expect(scan("", null, 6)).toMatchObject({ folders: [{ end: true }] });
    expect(scan("", null, 5)).toMatchObject({ folders: [{ end: false }] });
  });

  test("an answer stays below 262,144 characters and paging reaches the end", () => {
    for (let number = 0; number < 3_000; number++) tree.write(`/phone/${"\u00e9".repeat(60)}${number}`, "");
    let after: string | null = null;
    let seen = 0;
    for (let pages = 0; pages < 50; pages++) {
      const answer = scan("", after, 10_000);
      expect(JSON.stringify(answer).replace(/[^\x20-\x7e]/g, "\\u1234").length).toBeLessThanOrEqual(262_144);
      const folder = answer.kind === "scanned" ? answer.folders[0] : undefined;
      if (folder === undefined || !("entries" in folder)) throw new Error("expected a listing");
      seen += folder.entries.length;
      if (folder.end) break;
      after = folder.entries.at(-1)?.name ?? null;
    }
    expect(seen).toBe(3_000);
  });

  test("says why a root or a folder cannot be listed", () => {
    expect(scan("")).toEqual({ kind: "root-unavailable", reason: "vanished" });
    tree.write("/phone/file", "x");
    expect(namesIn(scan("nothing"))).toEqual(["vanished"]);
    expect(namesIn(scan("file"))).toEqual(["not-a-folder"]);
    tree.addFolder("/phone/locked");
    tree.faults.fail("/phone/locked", "permission");
    expect(namesIn(scan("locked"))).toEqual(["permission"]);
    expect(namesIn(scan(""))).toEqual([["file", "locked"]]);
    tree.faults.heal("/phone/locked");
    expect(namesIn(scan("locked"))).toEqual([[]]);
    tree.faults.fail("/phone", "io", 1);
    expect(scan("")).toEqual({ kind: "root-unavailable", reason: "io" });
    expect(namesIn(scan("locked"))).toEqual([[]]);
  });

  test("links and sockets are named for what they are", () => {
    tree.link("/phone/up", "../..");
    tree.link("/phone/odd", Uint8Array.of(0x2f, 0xff));
    tree.special("/phone/socket", "socket");
    expect(scan("")).toMatchObject({
      folders: [
        {
          entries: [
            { kind: "link", targetHex: "2fff" },
            { kind: "socket", name: "socket" },
            { kind: "link", target: "../.." },
          ],
        },
      ],
    });
  });

  test("another file under the same name has another identity, an edit in place has not", () => {
    const identity = (): unknown => /"identity":"[^"]*"/.exec(JSON.stringify(scan("")).split('"name"')[1] ?? "")?.[0];
    tree.write("/phone/a", "1");
    const first = identity();
    tree.write("/phone/a", "2");
    expect(identity()).toBe(first);
    tree.replace("/phone/a", "3");
    expect(identity()).not.toBe(first);
  });
});

describe("hash", () => {
  test("digests the chunks asked for, as far as the size goes", () => {
    tree.write("/phone/a", "123456789");
    tree.write("/phone/empty", "");
    expect([hash("a"), hash("a", 1, 1), hash("a", 2, 9), hash("a", 3, 1), hash("empty")]).toEqual([3, 1, 1, 0, 0]);
  });

  test("a file that changes while it is read is changed", () => {
    tree.write("/phone/a", "123456789");
    tree.faults.whileRead("/phone/a", () => tree.append("/phone/a", "0"), 2);
    expect(hash("a")).toEqual({ kind: "changed" });
    expect(hash("a")).toBe(3);
    tree.faults.whileRead("/phone/a", () => tree.replace("/phone/a", "123456789"));
    expect(hash("a")).toEqual({ kind: "changed" });
    tree.faults.whileRead("/phone/a", () => tree.remove("/phone/a"));
    expect(hash("a")).toEqual({ kind: "vanished" });
  });

  test("a short read, a failure and what is no file are told apart", () => {
    tree.write("/phone/a", "123456789");
    tree.faults.shorten("/phone/a");
    expect(hash("a")).toEqual({ kind: "unreadable", reason: "size" });
    tree.faults.fail("/phone/a", "io");
    expect(hash("a")).toEqual({ kind: "unreadable", reason: "io" });
    tree.link("/phone/link", "a");
    expect(hash("link")).toEqual({ kind: "unreadable", reason: "not-a-file" });
    expect(hash("nothing")).toEqual({ kind: "vanished" });
  });
});

describe("finish-file", () => {
  const file = { kind: "file", mode: 0o640, mtimeS: 10, mtimeUs: 20, existing: "refuse" } as const;

  function finish(...items: Parameters<typeof runFinishFile>[1]["items"]): unknown {
    return runFinishFile(tree, { kind: "finish-file", target: "/target", work: "/staging", items }).items;
  }

  test("moves a file from work with size, mode and times", () => {
    tree.write("/staging/1", "123456");
    expect(finish({ ...file, from: "1", path: "a/b", sizeBytes: 4 })).toEqual([{ kind: "ok" }]);
    expect(Buffer.from(tree.bytesAt("/target/a/b")).toString()).toBe("1234");
    expect(tree.at("/target/a/b")).toMatchObject({ mode: 0o640, mtimeUs: 10_000_020 });
    expect(tree.find("/staging/1")).toMatchObject({ failure: "vanished" });
  });

  test("keeps what exists unless told to replace it, and never replaces a folder", () => {
    tree.write("/target/a", "old");
    tree.addFolder("/target/folder");
    const item = { ...file, from: null, sizeBytes: 0 };
    expect(finish({ ...item, path: "a" })).toEqual([{ kind: "exists" }]);
    expect(finish({ ...item, path: "a", existing: "replace" })).toEqual([{ kind: "ok" }]);
    expect(finish({ ...item, path: "folder", existing: "replace" })).toEqual([
      { kind: "conflict", reason: "is-a-folder" },
    ]);
  });

  test("never goes through a link, nor above the target", () => {
    tree.addFolder("/elsewhere");
    tree.link("/target/out", "/elsewhere");
    const item = { ...file, from: null, sizeBytes: 0 };
    expect(finish({ ...item, path: "out/a" })).toEqual([{ kind: "conflict", reason: "link-in-path" }]);
    expect(finish({ ...item, path: "../a" })).toEqual([{ kind: "refused", reason: "name" }]);
    expect(finish({ kind: "folder", path: "out" })).toEqual([{ kind: "conflict", reason: "link-in-path" }]);
    expect(tree.find("/elsewhere/a")).toMatchObject({ failure: "vanished" });
  });

  test("makes folders and links, sets a folder's times last, and discards", () => {
    tree.write("/staging/2", "x");
    expect(
      finish(
        { kind: "folder", path: "a/b" },
        { kind: "link", path: "a/l", target: "b", mtimeS: 1, mtimeUs: 2, existing: "refuse" },
        { kind: "folder-times", path: "a", mode: 0o700, mtimeS: 3, mtimeUs: 4 },
        { kind: "discard", from: "2" },
        { kind: "discard", from: "2" },
      ),
    ).toEqual(Array.from({ length: 5 }, () => ({ kind: "ok" })));
    expect(tree.at("/target/a")).toMatchObject({ mode: 0o700, mtimeUs: 3_000_004 });
    expect(tree.at("/target/a/l")).toMatchObject({ kind: "link", mtimeUs: 1_000_002 });
  });
});

test.each([
  ["a", true],
  ["/61ff", true],
  ["/61", false],
  ["a/b", false],
  ["\ud800", false],
])("a file can be made of the name text %j: %s", (name, isPossible) => {
  expect(isCreatable(name)).toBe(isPossible);
});
