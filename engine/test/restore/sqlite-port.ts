// A Store over node:sqlite for unit tests of what works on tables. Rule: it answers as docs/host-api.md §1 says, and no
// more; faults and limits are the scripted host's.

import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { Store } from "../../src/store/store.ts";

type Value = null | number | string | { readonly b64: string };

/** An empty Store in memory. */
export function makeStore(): Store {
  const database = new DatabaseSync(":memory:");
  const read = (text: string) => JSON.parse(text) as { sql: string; params: Value[]; rows: Value[][] };
  return new Store({
    run(text) {
      const { sql, params } = read(text);
      const { changes, lastInsertRowid } = database.prepare(sql).run(...params.map(bound));
      return JSON.stringify({ changes: Number(changes), lastId: Number(lastInsertRowid) });
    },
    runMany(text) {
      const { sql, rows } = read(text);
      const statement = database.prepare(sql);
      let changes = 0;
      for (const row of rows) changes += Number(statement.run(...row.map(bound)).changes);
      return JSON.stringify({ changes });
    },
    all(text) {
      const { sql, params } = read(text);
      const statement = database.prepare(sql);
      statement.setReturnArrays(true);
      const rows = statement.all(...params.map(bound)) as unknown as unknown[][];
      return JSON.stringify({ rows: rows.map((row) => row.map(crossing)) });
    },
  });
}

function bound(value: Value): SQLInputValue {
  return typeof value === "object" && value !== null ? Buffer.from(value.b64, "base64") : value;
}

function crossing(value: unknown): unknown {
  return value instanceof Uint8Array ? { b64: Buffer.from(value).toString("base64") } : value;
}
