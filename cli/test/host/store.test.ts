// The Store and the lock of a home.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { HomeLock } from "../../src/host/home-lock.ts";
import { Store } from "../../src/host/store.ts";
import { makeFolder } from "./scratch.ts";

function openStore(file = join(makeFolder(), "state.db")): Store {
  const store = Store.open(file);
  onTestFinished(() => store.close());
  return store;
}

const run = (store: Store, sql: string, ...params: unknown[]) =>
  JSON.parse(store.port.run(JSON.stringify({ sql, params })));
const all = (store: Store, sql: string, ...params: unknown[]) =>
  JSON.parse(store.port.all(JSON.stringify({ sql, params })));

describe("the Store (H-8)", () => {
  test("gives back what it was given, and integers stay integers", () => {
    const store = openStore();
    store.begin();
    run(store, "CREATE TABLE t (a, b TEXT)");
    const values = [null, 0, -(2 ** 53 - 1), 2 ** 53 - 1, "é😀\0\n", { b64: "AAH/" }, { b64: "" }];
    for (const value of values) run(store, "INSERT INTO t (a) VALUES (?)", value);
    expect(all(store, "SELECT a FROM t")).toEqual({ rows: values.map((value) => [value]) });
    expect(all(store, "SELECT typeof(?), ?/2", 5, 5)).toEqual({ rows: [["integer", 2]] });
    expect(run(store, "INSERT INTO t (a) VALUES (9)")).toEqual({ changes: 1, lastId: 8 });
    const many = {
      sql: "INSERT INTO t VALUES (?, ?)",
      rows: [
        [1, "x"],
        [2, "y"],
      ],
    };
    expect(JSON.parse(store.port.runMany(JSON.stringify(many)))).toEqual({ changes: 2 });
    store.commit();
  });

  test("in passing leaves no file with a name, however much it holds and however its process ends", () => {
    const folder = makeFolder();
    const before = process.env["TMPDIR"];
    process.env["TMPDIR"] = folder;
    onTestFinished(() => {
      if (before === undefined) delete process.env["TMPDIR"];
      else process.env["TMPDIR"] = before;
    });
    const store = Store.openPassing();
    onTestFinished(() => store.close());
    store.begin();
    run(store, "CREATE TABLE t (a TEXT)");
    for (let number = 0; number < 20; number++) run(store, "INSERT INTO t VALUES (?)", "x".repeat(100_000));
    run(store, "INSERT INTO t SELECT t.a FROM t, t AS u");
    store.commit();
    expect(all(store, "SELECT count(*) FROM t")).toEqual({ rows: [[420]] });
    expect(readdirSync(folder)).toEqual([]);
  });

  test("answers in ASCII (H-1)", () => {
    const store = openStore();
    store.begin();
    const text = store.port.all(JSON.stringify({ sql: "SELECT ?", params: ["é😀\u007f"] }));
    expect(text).toBe('{"rows":[["\\u00e9\\ud83d\\ude00\\u007f"]]}');
    store.rollback();
  });

  test("undoes a step, and does not commit one in which it failed", () => {
    const store = openStore();
    store.begin();
    run(store, "CREATE TABLE t (a)");
    store.rollback();
    store.begin();
    expect(all(store, "SELECT * FROM t")).toEqual({ failure: "other" });
    expect(() => store.commit()).toThrow("the Store failed");
    store.rollback();
  });

  test("fails a step with more than 4 MiB through it (H-5)", () => {
    const store = openStore();
    store.begin();
    const big = "x".repeat(400_000);
    for (let n = 0; n < 10; n++) expect(run(store, "SELECT ?", big)).toMatchObject({ changes: 0 });
    expect(run(store, "SELECT ?", big)).toEqual({ failure: "other" });
    store.rollback();
  });

  test("is its owner's alone, and can be read while another process writes", () => {
    const file = join(makeFolder(), "state.db");
    const store = openStore(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    store.begin();
    run(store, "CREATE TABLE t (a)");
    store.commit();
    const reader = Store.openToRead(file);
    if (reader === null) throw new Error("expected a reader");
    onTestFinished(() => reader.close());
    store.begin();
    run(store, "INSERT INTO t VALUES (1)");
    reader.begin();
    expect(all(reader, "SELECT count(*) FROM t")).toEqual({ rows: [[0]] });
    expect(run(reader, "INSERT INTO t VALUES (2)")).toEqual({ failure: "other" });
    reader.rollback();
    store.commit();
    expect(Store.openToRead(join(makeFolder(), "none"))).toBeNull();
  });
});

describe("the lock of a home", () => {
  test("is had by one at a time", () => {
    const file = join(makeFolder(), "lock");
    const first = HomeLock.take(file, 0);
    expect(first).not.toBeNull();
    expect(HomeLock.take(file, 0)).toBeNull();
    first?.release();
    const again = HomeLock.take(file, 0);
    expect(again).not.toBeNull();
    again?.release();
  });

  test("ends with its process, however that ends", async () => {
    const file = join(makeFolder(), "lock");
    const source = `const { HomeLock } = await import(${JSON.stringify(new URL("../../src/host/home-lock.ts", import.meta.url).href)});
      console.log(HomeLock.take(${JSON.stringify(file)}, 0) !== null); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", source], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    const [said] = await once(child.stdout, "data");
    expect(String(said).trim()).toBe("true");
    expect(HomeLock.take(file, 0)).toBeNull();
    child.kill("SIGKILL");
    await once(child, "exit");
    const lock = HomeLock.take(file, 0);
    expect(lock).not.toBeNull();
    lock?.release();
  });
});
