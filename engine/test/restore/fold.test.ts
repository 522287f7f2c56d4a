// Versions as records make them: what is current when.

import { describe, expect, test } from "vitest";
import type { Entry } from "../../src/format/entries.ts";
import { foldRecord } from "../../src/restore/index/fold.ts";
import { findScopes } from "../../src/restore/index/scope.ts";
import { firstBelow, versionsOf } from "../../src/restore/tables/version-rows.ts";
import { scalars, text } from "../../src/store/columns.ts";
import { migrate } from "../../src/store/schema.ts";
import type { Store } from "../../src/store/store.ts";
import { makeStore } from "./sqlite-port.ts";

const place = (path: string) => ({ root: 0, path: path === "" ? [] : path.split("/"), mtimeS: 1, mtimeUs: 0 });
const file = (path: string): Entry => ({
  ...{ kind: "file", ...place(path), sizeBytes: 0, mode: null },
  chunks: { kind: "inline", refs: [] },
});
const folder = (path: string): Entry => ({ kind: "folder", ...place(path), mode: 0o755 });
const link = (path: string): Entry => ({ kind: "link", ...place(path), target: "x" });
const gone = (path: string): Entry => ({ kind: "gone", root: 0, path: path === "" ? [] : path.split("/") });

/** A Store whose records, numbered from 1, came at 100, 200, … ms. */
function foldAll(...records: readonly Entry[][]): Store {
  const store = makeStore();
  migrate(store);
  store.run("INSERT INTO index_device (id, device, name, number, hash, time_ms) VALUES (1, 'd', 'phone', 0, '', 0)");
  for (const [index, entries] of records.entries()) {
    const body = { sources: [], blobs: [], roots: ["all"], entries };
    foldRecord(store, { device: 1, number: index + 1, timeMs: (index + 1) * 100, body });
  }
  return store;
}

/** The paths that are there at a time. */
function pathsAt(store: Store, at?: number): string[] {
  return findScopes(store, { ...(at === undefined ? {} : { at }), selections: [] }).flatMap((scope) =>
    [null, firstBelow(scope)].flatMap((cursor) => {
      const { sql, params } = versionsOf(scope, cursor);
      return scalars(store, text, `SELECT v.path FROM index_version v WHERE ${sql} ORDER BY v.path`, params);
    }),
  );
}

describe("folding records", () => {
  test("shows each version from its own time until the next one's", () => {
    const store = foldAll([file("a")], [file("b")], [gone("a")]);
    expect([99, 100, 199, 200, 299, 300].map((at) => pathsAt(store, at).join())).toEqual([
      "",
      "a",
      "a",
      "a,b",
      "a,b",
      "b",
    ]);
    expect(pathsAt(store)).toEqual(["b"]);
  });

  test("takes what is gone with everything below it, and nothing beside it", () => {
    const store = foldAll([folder("a"), file("a/b"), file("a/b c"), file("a0"), file("a b"), file("aa")], [gone("a")]);
    expect(pathsAt(store)).toEqual(["a b", "a0", "aa"]);
  });

  test("takes a whole root that is gone", () => {
    expect(pathsAt(foldAll([folder(""), file("a"), file("b/c")], [gone("")]))).toEqual([]);
  });

  test.each([
    ["file", file("a")],
    ["link", link("a")],
  ])("forgets what was below a path that became a %s", (_, entry) => {
    expect(pathsAt(foldAll([folder("a"), file("a/b")], [entry]))).toEqual(["a"]);
  });

  test("keeps what is below a folder whose times have changed", () => {
    expect(pathsAt(foldAll([folder("a"), file("a/b")], [folder("a")]))).toEqual(["a", "a/b"]);
  });

  test.each([
    [[file("a"), gone("a")], []],
    [[gone("a"), file("a")], ["a"]],
    [
      [file("a"), gone("a"), folder("a"), file("a/b")],
      ["a", "a/b"],
    ],
    [[folder("a"), file("a/b"), file("a")], ["a"]],
  ])("goes by the order of the entries within a record", (entries, expected) => {
    const store = foldAll([file("z")], entries);
    expect(pathsAt(store)).toEqual([...expected, "z"]);
  });
});
