// The command `coffre-server`: reads the command line and brings drivers and commands together. Rule: the only file
// outside the tests that names a driver.

import { readFileSync } from "node:fs";
import { mkdir, readdir, rename } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setFlagsFromString } from "node:v8";
import { type Command, CommanderError, program } from "commander";
import { type Drivers, OperatorError } from "./commands/drivers.ts";
import { addOperatorCommands } from "./commands/operator.ts";
import { addServeOptions, readServeSettings, type ServeOptions } from "./commands/options.ts";
import { serve } from "./commands/serve.ts";
import { openDiskBlobs, sweepTemporary } from "./drivers/disk-blobs.ts";
import { openDiskJournal } from "./drivers/disk-journal.ts";
import { lockFolder } from "./drivers/folder-lock.ts";
import { openKeyFiles } from "./drivers/key-files.ts";
import { openSelfCertificate, readPin } from "./drivers/self-certificate.ts";
import { openSqliteDatabase } from "./drivers/sqlite-database.ts";

const FAILED = 1;
const USAGE = 2;

// A small young generation lets go of received pieces sooner: 16 uploads at once then peak some 50 MB lower (measured).
setFlagsFromString("--max-semi-space-size=2");

const drivers: Drivers = {
  lockData: async (data) => {
    await mkdir(data, { recursive: true, mode: 0o700 });
    return lockFolder(join(data, "lock.db"));
  },
  openStores: async (data) => {
    const temporary = join(data, "tmp");
    const [keys, blobs, journal] = await Promise.all([
      openKeyFiles(join(data, "keys")),
      openDiskBlobs(join(data, "blobs"), temporary),
      openDiskJournal(join(data, "journal"), temporary),
    ]);
    return { keys, blobs, journal, database: await openSqliteDatabase(join(data, "coffre.db")) };
  },
  hasData: async (data) => (await readdir(data).catch((): string[] => [])).includes("keys"),
  setDatabaseAside: async (data) => {
    const names = (await readdir(data)).filter((name) => name.startsWith("coffre.db"));
    if (!names.includes("coffre.db")) return null;
    const suffix = new Date().toISOString().replaceAll(/[^0-9]/g, "");
    for (const name of names) await rename(join(data, name), join(data, `old-${suffix}-${name}`));
    return `old-${suffix}-coffre.db`;
  },
  sweepTemporary: (data) => sweepTemporary(join(data, "tmp")),
  openSelfCertificate: (data, nowMs) => openSelfCertificate(join(data, "tls"), nowMs),
  readPin,
};

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};

program
  .name("coffre-server")
  .description("Stores the sealed bytes of Coffre's clients, which it cannot read, and signs receipts for them.")
  .version(version)
  .enablePositionalOptions()
  .exitOverride();
addServeOptions(program as Command).action((options: ServeOptions) =>
  serve(drivers, readServeSettings(options, `coffre-server/${version}`)),
);
addOperatorCommands(program as Command, drivers, (path) => resolve(path));

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Says in one sentence what failed, and gives the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
  if (error instanceof OperatorError) process.stderr.write(`coffre-server: ${error.message}\n`);
  else process.stderr.write(`coffre-server: ${describe(error)}\n`);
  return FAILED;
}

function describe(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === "EACCES" || code === "EROFS" || code === "EPERM")
    return "the data folder cannot be written: check --data and its owner";
  if (code === "ENOSPC") return "the disk of the data folder is full: make room and start again";
  if (code === "ENOTDIR" || code === "EEXIST") return "the data folder is a file: choose another --data";
  return error instanceof Error ? error.message : String(error);
}
