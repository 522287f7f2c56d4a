// Rows and values by name.

import { expect, test } from "vitest";
import { columns, exists, flag, int, orNull, Statement, scalar, text } from "../../src/store/columns.ts";
import type { Store } from "../../src/store/store.ts";
import { makeStore } from "../restore/sqlite-port.ts";

interface Photo {
  readonly id: number;
  readonly name: string;
  readonly sizeBytes: number | null;
  readonly isNew: boolean;
}

const PHOTO = columns({ id: int, name: text, sizeBytes: ["size", orNull(int)], isNew: ["fresh", flag] });
const ADD = new Statement<Photo>("INSERT INTO photo (fresh, size, name, id) VALUES (:isNew, :sizeBytes, :name, :id)");
const first: Photo = { id: 1, name: "a", sizeBytes: 10, isNew: true };
const second: Photo = { id: 2, name: "b", sizeBytes: null, isNew: false };

function makePhotos(): Store {
  const store = makeStore();
  store.run("CREATE TABLE photo (id INTEGER PRIMARY KEY, size INTEGER, name TEXT, fresh INTEGER)");
  ADD.runMany(store, [first, second]);
  return store;
}

test("what was bound by name comes back by name, wherever its column stands", () => {
  const store = makePhotos();
  expect(PHOTO.all(store, "FROM photo ORDER BY id")).toEqual([first, second]);
  expect(PHOTO.first(store, "FROM photo WHERE id = ?", [2])).toEqual(second);
  expect(PHOTO.first(store, "FROM photo WHERE id = ?", [3])).toBeNull();
  expect(scalar(store, int, "SELECT count(*) FROM photo")).toBe(2);
  expect(exists(store, "FROM photo WHERE size = ?", [11])).toBe(false);
});

test("a column of another type than its reader's is a bug of ours", () => {
  const store = makePhotos();
  expect(() => columns({ name: int }).all(store, "FROM photo")).toThrow("a column is no number");
  expect(() => columns({ size: int }).all(store, "FROM photo")).toThrow("a column is no number");
});

test("a statement whose record lacks a value does not run", () => {
  const store = makePhotos();
  const sparse = { id: 3, name: "c" } as Photo;
  expect(() => ADD.run(store, sparse)).toThrow("a value that its record lacks");
});
