import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { openSqliteDatabase } from "../../src/drivers/sqlite-database.ts";
import { withFolder } from "../running-server.ts";

describe("the SQLite database", () => {
  it("refuses a database of a newer schema in words", () =>
    withFolder(async (folder) => {
      const path = join(folder, "coffre.db");
      const raw = new DatabaseSync(path);
      raw.exec("PRAGMA user_version = 999");
      raw.close();
      await expect(openSqliteDatabase(path)).rejects.toThrow(/schema 999.*start the newer one/);
    }));

  it("keeps what was committed, and nothing of a transaction that failed", () =>
    withFolder(async (folder) => {
      const path = join(folder, "coffre.db");
      const first = await openSqliteDatabase(path);
      const write = (name: string) => (transaction: Parameters<Parameters<typeof first.transaction>[0]>[0]) =>
        transaction.query("INSERT INTO settings (name, value) VALUES ($1, $2)", [name, "1"]);
      await first.transaction(write("kept"));
      const failing = first.transaction(async (transaction) => {
        await write("lost")(transaction);
        expect(await first.read("SELECT name FROM settings")).toHaveLength(1);
        throw new Error("stop");
      });
      await expect(failing).rejects.toThrow("stop");
      await Promise.all(["a", "b", "c"].map((name) => first.transaction(write(name))));
      await first.close();
      const second = await openSqliteDatabase(path);
      expect(await second.read("SELECT name FROM settings ORDER BY name")).toEqual(
        ["a", "b", "c", "kept"].map((name) => ({ name })),
      );
      await second.close();
    }));

  it("binds $1 to every place where it stands", () =>
    withFolder(async (folder) => {
      const database = await openSqliteDatabase(join(folder, "coffre.db"));
      expect(await database.read("SELECT $2 AS b, $1 AS a, $1 AS again", ["x", 2])).toEqual([
        { b: 2, a: "x", again: "x" },
      ]);
      await database.close();
    }));
});
