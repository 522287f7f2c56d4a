// What a server can see: the rows of its database and the names of its files, read from its data folder as its owner could.
// Rule: nothing is asked of the server's code; the database is opened by node:sqlite, the folder is listed.

import { existsSync, lstatSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { formatName, walkTree } from "../../conformance-tests/end-to-end/tree-picture.ts";
import { formatBytes } from "./table.ts";

export type TableView = { readonly name: string; readonly rows: number; readonly first: string };
export type FolderView = {
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
  readonly sample: string;
};
export type ServerView = { readonly tables: readonly TableView[]; readonly folders: readonly FolderView[] };

const DATABASE = "coffre.db";
const LONGEST_TEXT = 20;

/** The view of a data folder whose server has stopped. */
export function readServerView(data: string): ServerView {
  return { tables: readTables(join(data, DATABASE)), folders: readFolders(data) };
}

function readTables(file: string): readonly TableView[] {
  if (!existsSync(file)) return [];
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
    return tables.map(({ name }) => readTable(database, String(name))).filter(({ rows }) => rows > 0);
  } finally {
    database.close();
  }
}

function readTable(database: DatabaseSync, name: string): TableView {
  const quoted = `"${name.replaceAll('"', '""')}"`;
  const count = database.prepare(`SELECT count(*) AS rows FROM ${quoted}`).get();
  const first = database.prepare(`SELECT * FROM ${quoted} LIMIT 1`).get() ?? {};
  const cells = Object.entries(first).map(([column, value]) => `${column}=${formatValue(value)}`);
  return { name, rows: Number(count?.["rows"] ?? 0), first: cells.join(" ") };
}

function formatValue(value: unknown): string {
  if (value instanceof Uint8Array) return `(${value.length} bytes)`;
  const text = String(value);
  return text.length > LONGEST_TEXT ? `${text.slice(0, 8)}…(${text.length})` : text;
}

function readFolders(data: string): readonly FolderView[] {
  const folders = new Map<string, { files: number; bytes: number; sample: string }>();
  for (const path of walkTree(data)) {
    const stat = lstatSync(join(data, path.toString()));
    if (!stat.isFile()) continue;
    const text = formatName(path);
    const folder = text.includes("/") ? `${text.slice(0, text.indexOf("/"))}/` : "./";
    const seen = folders.get(folder) ?? { files: 0, bytes: 0, sample: `${text} (${formatBytes(stat.size)})` };
    folders.set(folder, { ...seen, files: seen.files + 1, bytes: seen.bytes + stat.size });
  }
  return [...folders]
    .map(([name, seen]) => ({ name, ...seen }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}
