// A database of version 0.1 in the middle of a restore is taken up. Rule: its tables are those that 0.1 made, which had no
// number and came beside the first migration; what stands in them means today what it meant then.

import { describe, expect, test } from "vitest";
import { createEngine } from "../../engine/src/index.ts";
import { SCHEMA_VERSION } from "../../engine/src/store/schema.ts";
import { readReleases } from "../golden/golden-states.ts";
import { seededContent } from "../scripted-host/file-content.ts";
import type { ScriptedHost } from "../scripted-host/scripted-host.ts";
import { listTree } from "../scripted-host/tree-listing.ts";
import { openVault, restoreAsk, Stage } from "./restore-stage.ts";

/** What version 0.1 made when it was first asked to restore. */
const TABLES_OF_0_1 = [
  `CREATE TABLE index_device (id INTEGER PRIMARY KEY, device TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
     number INTEGER NOT NULL, hash TEXT, time_ms INTEGER NOT NULL)`,
  "CREATE TABLE index_record (hash TEXT PRIMARY KEY, device INTEGER NOT NULL, number INTEGER NOT NULL) WITHOUT ROWID",
  `CREATE TABLE index_epoch (id INTEGER PRIMARY KEY, device TEXT NOT NULL, number INTEGER NOT NULL,
     envelope BLOB, UNIQUE (device, number))`,
  "CREATE TABLE index_blob (id INTEGER PRIMARY KEY, sha TEXT NOT NULL UNIQUE)",
  "CREATE TABLE index_root (id INTEGER PRIMARY KEY, device INTEGER NOT NULL, name TEXT NOT NULL, UNIQUE (device, name))",
  `CREATE TABLE index_version (id INTEGER PRIMARY KEY AUTOINCREMENT, root INTEGER NOT NULL,
     path TEXT NOT NULL, kind INTEGER NOT NULL, seq INTEGER NOT NULL, since_ms INTEGER NOT NULL,
     until_ms INTEGER NOT NULL, size INTEGER NOT NULL, mtime_s INTEGER NOT NULL, mtime_us INTEGER NOT NULL,
     mode INTEGER, target TEXT, lists INTEGER NOT NULL, refs BLOB)`,
  "CREATE INDEX index_version_path ON index_version (root, path, until_ms)",
  `CREATE TABLE index_moved (chunk TEXT PRIMARY KEY, epoch INTEGER NOT NULL, blob INTEGER NOT NULL,
     offset INTEGER NOT NULL) WITHOUT ROWID`,
  "CREATE TABLE index_damage (id INTEGER PRIMARY KEY, device TEXT NOT NULL, record INTEGER, code TEXT NOT NULL)",
  `CREATE TABLE restore_file (id INTEGER PRIMARY KEY AUTOINCREMENT, version INTEGER NOT NULL UNIQUE,
     path TEXT NOT NULL, kind INTEGER NOT NULL, state INTEGER NOT NULL, chunks INTEGER NOT NULL DEFAULT 0,
     done INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0, code TEXT)`,
  "CREATE INDEX restore_file_state ON restore_file (kind, state, id)",
  `CREATE TABLE restore_part (blob INTEGER NOT NULL, offset INTEGER NOT NULL, file INTEGER NOT NULL,
     idx INTEGER NOT NULL, chunk TEXT NOT NULL, epoch INTEGER NOT NULL, sealed INTEGER NOT NULL,
     state INTEGER NOT NULL, PRIMARY KEY (blob, offset, file, idx)) WITHOUT ROWID`,
  "CREATE INDEX restore_part_file ON restore_part (file, idx)",
];
const TABLE = /^CREATE TABLE (\w+)/;

function run(host: ScriptedHost, sql: string, params: readonly unknown[] = []): void {
  const bound = params.map((value) =>
    value instanceof Uint8Array ? { b64: Buffer.from(value).toString("base64") } : value,
  );
  const answer = host.store.port.run(JSON.stringify({ sql, params: bound }).replace(/[\u007f-\uffff]/g, asEscape));
  expect(answer).not.toContain("failure");
}

function asEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Gives `host`, whose process has ended, the database that 0.1 would have had in its place. */
function goBackTo01(host: ScriptedHost): void {
  const [state] = readReleases()
    .filter(({ release }) => release === "0.1.0")
    .flatMap(({ states }) => states);
  if (state === undefined) throw new Error("expected the states of 0.1.0");
  const names = TABLES_OF_0_1.flatMap((sql) => TABLE.exec(sql)?.[1] ?? []);
  const kept = [...names.filter((name) => name !== "index_moved"), "meta"];
  // The times of records came later.
  const columnsOf = (name: string): string => (name === "index_record" ? "hash, device, number" : "*");
  const rows = new Map(kept.map((name) => [name, host.store.query(`SELECT ${columnsOf(name)} FROM ${name}`)]));
  const first = host.store.query("SELECT name FROM sqlite_master WHERE type = 'table'").map(({ name }) => String(name));
  host.store.restore(state.tables);
  const ofBackup = host.store
    .query("SELECT name FROM sqlite_master WHERE type = 'table'")
    .map(({ name }) => String(name));
  expect(first).toEqual(expect.arrayContaining(ofBackup));
  host.store.begin();
  for (const name of ofBackup) if (name !== "schema" && !name.startsWith("sqlite_")) run(host, `DELETE FROM ${name}`);
  for (const sql of TABLES_OF_0_1) run(host, sql);
  for (const [name, those] of rows) {
    for (const row of those) {
      const places = Object.keys(row).map(() => "?");
      run(
        host,
        `INSERT INTO ${name} (${Object.keys(row).join(", ")}) VALUES (${places.join(", ")})`,
        Object.values(row),
      );
    }
  }
  host.store.commit();
}

describe("a database of version 0.1", () => {
  test("in the middle of a restore goes on where it was", () => {
    const stage = new Stage();
    stage.backUp({ small: "small", large: seededContent(7, 2_500_000), "dir/again": "small" });
    const whole = stage.reader();
    whole.drive(restoreAsk());
    for (const part of [2, 4, 6, 8]) {
      const reader = stage.world.addHost({ makeEngine: createEngine, role: "restore" });
      reader.crashAt({ kind: "after-commit", step: Math.floor((whole.steps * part) / 10) });
      reader.start();
      expect(openVault(reader) === null || reader.drive(restoreAsk()) === null).toBe(true);
      goBackTo01(reader);
      const planned = reader.store.query("SELECT id FROM restore_file").length;
      reader.start();
      expect(openVault(reader)).toMatchObject({ outcome: "ok" });
      expect(reader.drive(restoreAsk())).toMatchObject({ outcome: "ok", filesFailed: 0, filesSkipped: 0 });
      expect(listTree(reader.ground.tree, "/target/all")).toEqual(listTree(stage.phone.ground.tree, "/phone"));
      // A restore that had begun was taken up, and not begun anew.
      if (planned > 0)
        expect(Number(reader.store.query("SELECT min(id) AS id FROM restore_file")[0]?.["id"] ?? 1)).toBe(1);
      reader.stop();
    }
  });

  test("that never restored gets the tables under their number", () => {
    const stage = new Stage();
    stage.backUp({ small: "small" });
    expect(stage.phone.store.query("SELECT name FROM sqlite_master WHERE name = 'restore_file'")).toHaveLength(1);
    expect(stage.phone.store.query("SELECT max(version) AS version FROM schema")).toEqual([
      { version: SCHEMA_VERSION },
    ]);
  });
});
