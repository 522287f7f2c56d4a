// The Store. Rule: what goes in comes out the same, and a step that failed leaves nothing.

import type { AdapterProcess, StoreCall, StoreReply } from "../adapter-process.ts";
import { type CheckGroup, expectEqual, expectThat } from "../check.ts";

const LARGEST = Number.MAX_SAFE_INTEGER;
const STEP_CHARS = 4 * 1_048_576;
const CALL_CHARS = 400_000;
/** SQLite's own code for "off" and FULL. */
const OFF = 0;
const FULL = 2;

function run(sql: string, ...params: unknown[]): StoreCall {
  return { storeRun: { sql, params } };
}

function all(sql: string, ...params: unknown[]): StoreCall {
  return { storeAll: { sql, params } };
}

/** The rows that one query gives, in a step of its own. */
async function rowsOf(adapter: AdapterProcess, sql: string): Promise<unknown> {
  const { answers } = await adapter.step([all(sql)]);
  return answers[0]?.["rows"];
}

function expectUndone(what: string, { answers, committed }: StoreReply, failure: string): void {
  expectEqual(`the last answer of ${what}`, answers.at(-1), { failure });
  expectEqual(`whether ${what} was committed`, committed, false);
}

export const STORE_CHECKS: CheckGroup = {
  title: "The Store",
  checks: [
    {
      says: "is SQLite 3.18 or later with WAL, synchronous=FULL and without foreign keys",
      proves: ["H-8"],
      run: async ({ adapter }) => {
        const [[version]] = (await rowsOf(adapter, "SELECT sqlite_version()")) as [[string]];
        const [major = 0, minor = 0] = version.split(".").map(Number);
        expectThat("expected SQLite 3.18 or later", major > 3 || (major === 3 && minor >= 18), version);
        expectEqual("the journal", await rowsOf(adapter, "PRAGMA journal_mode"), [["wal"]]);
        expectEqual("synchronous", await rowsOf(adapter, "PRAGMA synchronous"), [[FULL]]);
        expectEqual("foreign keys", await rowsOf(adapter, "PRAGMA foreign_keys"), [[OFF]]);
      },
    },
    {
      says: "gives values back as they came: integers, texts, bytes, null",
      proves: ["H-8", "H-1"],
      run: async ({ adapter }) => {
        const bytes = (list: number[]) => ({ b64: Buffer.from(list).toString("base64") });
        const texts = ["", "a", "é", "😀", "\uffff", '"\\\n\t\u0001', "x".repeat(70_000)];
        const blobs = [bytes([]), bytes([0]), bytes([255, 254, 0, 1])];
        const values = [null, 0, 1, -1, 2 ** 31, 2 ** 32, LARGEST, -LARGEST, ...texts, ...blobs];
        const { answers, committed } = await adapter.step([
          run("CREATE TABLE suite_values (id INTEGER PRIMARY KEY, value)"),
          {
            storeRunMany: { sql: "INSERT INTO suite_values (value) VALUES (?)", rows: values.map((value) => [value]) },
          },
          all("SELECT value FROM suite_values ORDER BY id"),
          all("SELECT DISTINCT typeof(value) FROM suite_values ORDER BY 1"),
        ]);
        expectEqual("how many rows changed", answers[1], { changes: values.length });
        expectEqual("the values", answers[2], { rows: values.map((value) => [value]) });
        expectEqual("their types", answers[3], { rows: [["blob"], ["integer"], ["null"], ["text"]] });
        expectEqual("whether it was committed", committed, true);
        await adapter.step([run("DROP TABLE suite_values")]);
      },
    },
    {
      says: "gives rows as arrays in the order of the columns, also of equal names, with changes and last ids",
      proves: ["H-8"],
      run: async ({ adapter }) => {
        const { answers } = await adapter.step([
          run("CREATE TABLE suite_rows (a INTEGER PRIMARY KEY, b TEXT)"),
          run("INSERT INTO suite_rows (a, b) VALUES (?, ?)", 41, "x"),
          run("INSERT INTO suite_rows (b) VALUES (?)", "y"),
          run("UPDATE suite_rows SET b = b || ?", "!"),
          all("SELECT b, a, b, a FROM suite_rows ORDER BY a"),
          all("SELECT a FROM suite_rows WHERE b = ?", "x"),
          run("DROP TABLE suite_rows"),
        ]);
        const [, first, second, update, rows, none] = answers;
        expectEqual("the first row", first, { changes: 1, lastId: 41 });
        expectEqual("the second row", second, { changes: 1, lastId: 42 });
        expectEqual("how many rows were changed", update?.["changes"], 2);
        const expected = [
          ["x!", 41, "x!", 41],
          ["y!", 42, "y!", 42],
        ];
        expectEqual("the rows", rows, { rows: expected });
        expectEqual("no rows", none, { rows: [] });
      },
    },
    {
      says: "keeps what was committed over a kill, and nothing of what was rolled back",
      proves: ["H-3", "H-8"],
      run: async (stage) => {
        await stage.adapter.step([run("CREATE TABLE suite_kept (value)"), run("INSERT INTO suite_kept VALUES (1)")]);
        const undone = await stage.adapter.step([run("INSERT INTO suite_kept VALUES (2)")], "rollback");
        expectEqual("whether it was committed", undone.committed, false);
        await stage.replace();
        expectEqual("the rows", await rowsOf(stage.adapter, "SELECT value FROM suite_kept"), [[1]]);
        await stage.adapter.step([run("DROP TABLE suite_kept")]);
      },
    },
    {
      says: "answers a failure as a value, and commits nothing of the step in which it came",
      proves: ["H-3", "H-8"],
      run: async ({ adapter }) => {
        await adapter.step([run("CREATE TABLE suite_failing (value UNIQUE)")]);
        const insert = run("INSERT INTO suite_failing VALUES (?)", 1);
        expectUndone("a step with a wrong statement", await adapter.step([insert, all("SELECT nothing")]), "other");
        expectUndone("a step with a row twice", await adapter.step([insert, insert]), "other");
        expectUndone("a step with half a number", await adapter.step([insert, all("SELECT ?", 0.5)]), "other");
        const pages = (await rowsOf(adapter, "PRAGMA page_count")) as [[number]];
        await adapter.step([all(`PRAGMA max_page_count = ${pages[0][0] + 4}`)]);
        const large = run("INSERT INTO suite_failing VALUES (zeroblob(1000000))");
        expectUndone("a step that finds the database full", await adapter.step([insert, large]), "full");
        await adapter.step([all("PRAGMA max_page_count = 1000000")]);
        expectEqual("the rows", await rowsOf(adapter, "SELECT value FROM suite_failing"), []);
        expectEqual("whether it works on", (await adapter.step([insert])).committed, true);
        await adapter.step([run("DROP TABLE suite_failing")]);
      },
    },
    {
      says: "lets 4 MiB of text through in a step, and undoes one with more",
      proves: ["H-5"],
      run: async ({ adapter }) => {
        const select = all(`SELECT printf('%.*c', ${CALL_CHARS}, 'x')`);
        const some = Math.floor(STEP_CHARS / (CALL_CHARS + 200));
        const { answers, committed } = await adapter.step(Array.from({ length: some }, () => select));
        expectEqual("whether 4 MiB were committed", committed, true);
        expectEqual("the answers", answers.length, some);
        const more = await adapter.step(Array.from({ length: some + 1 }, () => select));
        expectEqual("whether more was committed", more.committed, false);
      },
    },
  ],
};
