// The data folder as a whole: what may be made in it, and by whom. Rule: something that is missing beside data was lost or
// is not mounted; only an empty folder becomes a new server.

import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { runWithBallast } from "../domain/ballast.ts";
import type { Database } from "../domain/database.ts";
import type { Stores } from "../domain/instance.ts";
import { CERTIFICATE_NOTE, STORE_NOTE, writeSetting } from "../domain/settings.ts";
import { StorageFull } from "../domain/storage.ts";
import { checkStoreNote, holdToMarks, type Purpose } from "../domain/store-note.ts";
import { beginNewDatabase, databasePath } from "./database-files.ts";
import { DiskBlobs, openDiskBlobs } from "./disk-blobs.ts";
import { DiskJournal, openDiskJournal } from "./disk-journal.ts";
import { DiskRoom } from "./disk-room.ts";
import { isCode, translateFull } from "./durable-files.ts";
import { openKeyFiles } from "./key-files.ts";
import { markOwnFolder } from "./own-mark.ts";
import { openLateDatabase, openSqliteDatabase } from "./sqlite-database.ts";

const STORES = ["blobs", "journal"] as const;
/** What a start that broke off may have left, and what every new file system has. */
const OWN_NAMES =
  /^(?:keys|tls|tmp|blobs|journal|ballast|ballast\.new|trial|\.coffre-own|(?:old-[0-9]+-)?coffre\.db.*|lock\.db.*|lost\+found)$/;
const SHARD = /^[0-9a-f]{2}$/;

/** Whether a server ever kept something in the folder. */
export async function hasData(data: string): Promise<boolean> {
  if (await hasDatabase(data)) return true;
  for (const store of STORES) if ((await readNames(join(data, store))).some((name) => SHARD.test(name))) return true;
  return false;
}

/** Whether the folder has a database in which something was ever written: SQLite makes an empty file first. */
export async function hasDatabase(data: string): Promise<boolean> {
  return ((await stat(databasePath(data)).catch(() => null))?.size ?? 0) > 0;
}

/** An Error in words for a folder that holds other things, or that was hardly meant to become a new server. */
export async function checkNewFolder(data: string): Promise<void> {
  const names = await readdir(data).catch((error: unknown) => {
    if (isCode(error, "ENOENT")) return null;
    throw error;
  });
  if (names === null) {
    const [parent, name] = [dirname(data), basename(data)];
    for (const near of [parent, ...(await readNames(parent)).map((sibling) => join(parent, sibling))]) {
      if (near === data || !(await hasData(near))) continue;
      throw new Error(
        `there is no ${data}, and a server's data is in ${near}: check --data. If a second server is meant, make the folder first (mkdir ${name})`,
      );
    }
  } else if (names.some((name) => !OWN_NAMES.test(name))) {
    throw new Error(`${data} holds other things and no server's data: check --data, or choose an empty folder`);
  }
}

/**
 * Root becomes the data's owner, so that whatever a command writes stays readable to the server. Does nothing for others,
 * and where the system has no such users.
 */
export async function actAsOwner(data: string): Promise<void> {
  const owner = await findOwner(data);
  if (owner === null || process.setgid === undefined || process.setuid === undefined) return;
  process.setgroups?.([owner.gid]);
  process.setgid(owner.gid);
  process.setuid(owner.uid);
}

/** An Error in words when root would leave files that the data's owner cannot read. */
export async function refuseOtherOwner(data: string): Promise<void> {
  const owner = await findOwner(data);
  if (owner === null) return;
  throw new Error(
    `${data} belongs to the user with the id ${owner.uid}: start the server as that user, or it cannot read what root writes here`,
  );
}

/** Whose the data is, when this process is root and the owner is not. */
async function findOwner(data: string): Promise<{ readonly uid: number; readonly gid: number } | null> {
  if (process.geteuid?.() !== 0) return null;
  const owner = (await stat(join(data, "keys")).catch(() => null)) ?? (await stat(data).catch(() => null));
  return owner === null || owner.uid === 0 ? null : owner;
}

/** Opens what is in the folder for `purpose`; an Error in words for what is missing, of another store, or too old. */
export async function openDataFolder(data: string, purpose: Purpose): Promise<Stores> {
  const isNew = !(await hasData(data));
  const keys = await openKeyFiles(join(data, "keys"), isNew && purpose === "serve");
  for (const store of STORES) {
    if (isNew || (purpose === "rebuild" && store === "blobs") || (await isFolder(join(data, store)))) continue;
    throw new Error(
      `${store}/ is missing beside this server's data: is its disk mounted? Else put it back from a copy`,
    );
  }
  const [blobPath, journalPath, temporary] = [join(data, "blobs"), join(data, "journal"), join(data, "tmp")];
  const room = new DiskRoom(data, [data, blobPath, journalPath, temporary]);
  const open = (openDatabase: () => Promise<Database>) =>
    translateFull(async () => {
      const blobs = await openDiskBlobs(blobPath, temporary);
      const journal = await openDiskJournal(journalPath, temporary);
      return complete({ keys, blobs, journal, room }, await openDatabase(), data, purpose);
    });
  const openWritable = async () =>
    openSqliteDatabase(
      purpose === "rebuild" ? await beginNewDatabase(data) : databasePath(data),
      purpose !== "operate",
    );
  try {
    return await runWithBallast(
      () => open(openWritable),
      () => room.giveBallast(),
    );
  } catch (error) {
    if (!(error instanceof StorageFull) || purpose === "rebuild") throw error;
    return open(() => openLateDatabase(databasePath(data)));
  }
}

/** Adds the opened database to the stores, and compares their notes. */
async function complete(
  stores: Omit<Stores, "database">,
  database: Database,
  data: string,
  purpose: Purpose,
): Promise<Stores> {
  try {
    if (purpose === "rebuild") await copyServerNotes(databasePath(data), database);
    await checkStoreNote({ ...stores, database }, purpose);
    if (purpose !== "operate") for (const folder of ["", ...STORES]) await markOwnFolder(join(data, folder));
    return { ...stores, database };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/**
 * The stores of a folder that has no database, such as a copy of one; nothing is made or written. `keyFault` says in words
 * what is wrong with its keys, null when nothing is.
 */
export async function openBareStores(
  data: string,
): Promise<Pick<Stores, "blobs" | "journal"> & { readonly keyFault: string | null }> {
  for (const store of STORES) {
    if (await isFolder(join(data, store))) continue;
    throw new Error(`${store}/ is missing: this is no whole copy of a server's data`);
  }
  const temporary = join(data, "tmp");
  const [blobs, journal] = [
    new DiskBlobs(join(data, "blobs"), temporary),
    new DiskJournal(join(data, "journal"), temporary),
  ];
  await holdToMarks(blobs, journal, null);
  try {
    await holdToMarks(blobs, journal, await openKeyFiles(join(data, "keys"), false));
    return { blobs, journal, keyFault: null };
  } catch (error) {
    return { blobs, journal, keyFault: error instanceof Error ? error.message : String(error) };
  }
}

/** What the old database notes about server and stores, as far as it can still be read: no object says it. */
async function copyServerNotes(path: string, database: Database): Promise<void> {
  for (const [name, value] of readSettings(path)) {
    if (name === STORE_NOTE || name === CERTIFICATE_NOTE) await writeSetting(database, name, value);
  }
}

function readSettings(path: string): [string, string][] {
  let old: DatabaseSync | null = null;
  try {
    old = new DatabaseSync(path, { readOnly: true });
    const rows = old.prepare("SELECT name, value FROM settings").all();
    return rows.map((row) => [String(row["name"]), String(row["value"])]);
  } catch {
    return [];
  } finally {
    old?.close();
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() ?? false;
}

async function readNames(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
