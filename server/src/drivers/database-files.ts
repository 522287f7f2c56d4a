// The database's files in the data folder: a new one is made beside the old one. Rule: whenever the process is killed, there
// is a database under its name that a start can serve, and the old one is kept.

import { link, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isCode, syncFolder } from "./durable-files.ts";

const DATABASE = "coffre.db";
const NEW_DATABASE = "coffre.db.new";
/** How long a copy waits for the server beside it. */
const COPY_TIMEOUT_MS = 10_000;
/** What SQLite keeps beside a database file (https://sqlite.org/tempfiles.html). */
const COMPANIONS = ["-wal", "-shm"];

/** The database's file in the data folder. */
export function databasePath(data: string): string {
  return join(data, DATABASE);
}

/** Where a new database is made; removes what an earlier try left there. */
export async function beginNewDatabase(data: string): Promise<string> {
  const path = join(data, NEW_DATABASE);
  for (const suffix of ["", ...COMPANIONS]) await rm(path + suffix, { force: true });
  return path;
}

/**
 * Puts the new database, closed by now, in the place of the old one, and says under which name that one is kept; null when
 * there was none. Throws when the new file is not whole.
 */
export async function replaceDatabase(data: string, nowMs: number): Promise<string | null> {
  const path = join(data, NEW_DATABASE);
  checkFile(path);
  const file = await open(path, "r");
  await file.sync().finally(() => file.close());
  const kept = await keepOld(data, `old-${new Date(nowMs).toISOString().replaceAll(/[^0-9]/g, "")}-`);
  await rename(path, join(data, DATABASE));
  await syncFolder(data);
  return kept;
}

/**
 * Gives the old files other names too. Its log goes before it is replaced: beside another database it would damage that
 * one, and a database without it is an older one, which a start brings up to date.
 */
async function keepOld(data: string, prefix: string): Promise<string | null> {
  const names = await readdir(data);
  if (!names.includes(DATABASE)) return null;
  for (const suffix of ["-wal", ""]) {
    if (names.includes(DATABASE + suffix))
      await link(join(data, DATABASE + suffix), join(data, prefix + DATABASE + suffix));
  }
  await syncFolder(data);
  for (const suffix of COMPANIONS) await rm(join(data, DATABASE + suffix), { force: true });
  await syncFolder(data);
  return prefix + DATABASE;
}

/**
 * Copies the database, as it stands at one moment, into the new file `to`, also beside a running server. The file is whole and on
 * stable storage when it has its name; false when something stands there.
 */
export async function copyDatabase(data: string, to: string): Promise<boolean> {
  const draft = `${to}.new`;
  await rm(draft, { force: true });
  // SQLite takes an empty file, and this one is its owner's alone.
  await (await open(draft, "wx", 0o600)).close();
  try {
    const database = new DatabaseSync(databasePath(data), { timeout: COPY_TIMEOUT_MS });
    try {
      database.prepare("VACUUM INTO ?").run(draft);
    } finally {
      database.close();
    }
    checkFile(draft);
    const file = await open(draft, "r");
    await file.sync().finally(() => file.close());
    await link(draft, to);
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
  await syncFolder(dirname(to));
  return true;
}

/** Writes the database anew without what was deleted in it, and empties its log. */
export async function compactDatabase(data: string): Promise<void> {
  const database = new DatabaseSync(databasePath(data), { timeout: COPY_TIMEOUT_MS });
  try {
    database.exec("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
  } finally {
    database.close();
  }
}

function checkFile(path: string): void {
  const database = new DatabaseSync(path);
  try {
    const row = database.prepare("PRAGMA quick_check(1)").get();
    if (row?.["quick_check"] !== "ok") throw new Error("the new database is not whole: the old one stays");
  } finally {
    database.close();
  }
}
