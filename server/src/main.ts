// The program `coffre-server`: hands the drivers to the command line. Rule: the only file outside the tests that names a
// driver.

import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import type { Drivers } from "./commands/drivers.ts";
import type { Stores } from "./domain/instance.ts";
import { beginNewDatabase, databasePath, replaceDatabase } from "./drivers/database-files.ts";
import { openDiskBlobs, sweepTemporary } from "./drivers/disk-blobs.ts";
import { openDiskJournal } from "./drivers/disk-journal.ts";
import { lockFolder } from "./drivers/folder-lock.ts";
import { openKeyFiles } from "./drivers/key-files.ts";
import { openSelfCertificate, readPin } from "./drivers/self-certificate.ts";
import { openSqliteDatabase } from "./drivers/sqlite-database.ts";

// A small young generation lets go of received pieces sooner, which lowers the peak of many uploads at once (measured).
// It counts only while the heap is still small: the rest of the program is loaded after it.
setFlagsFromString("--max-semi-space-size=1");
setFlagsFromString("--semi-space-growth-factor=1");

// Whatever the server writes is its owner's alone, also in a folder that was there before.
process.umask(0o077);

async function openStores(data: string, database: string): Promise<Stores> {
  const temporary = join(data, "tmp");
  const [keys, blobs, journal] = await Promise.all([
    openKeyFiles(join(data, "keys")),
    openDiskBlobs(join(data, "blobs"), temporary),
    openDiskJournal(join(data, "journal"), temporary),
  ]);
  return { keys, blobs, journal, database: await openSqliteDatabase(database) };
}

const drivers: Drivers = {
  lockData: async (data) => {
    await mkdir(data, { recursive: true, mode: 0o700 });
    return lockFolder(join(data, "lock.db"));
  },
  openStores: (data) => openStores(data, databasePath(data)),
  hasData: async (data) => (await readdir(data).catch((): string[] => [])).includes("keys"),
  openStoresAnew: async (data) => openStores(data, await beginNewDatabase(data)),
  replaceDatabase,
  sweepTemporary: (data) => sweepTemporary(join(data, "tmp")),
  openSelfCertificate: (data, nowMs) => openSelfCertificate(join(data, "tls"), nowMs),
  readPin,
};

const { runCommandLine } = await import("./commands/command-line.ts");
process.exitCode = await runCommandLine(drivers);
