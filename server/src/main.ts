// The program `coffre-server`: hands the drivers to the command line. Rule: the only file outside the tests that names a
// driver.

import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import type { Drivers } from "./commands/drivers.ts";
import {
  actAsOwner,
  checkNewFolder,
  hasData,
  hasDatabase,
  openBareStores,
  openDataFolder,
  refuseOtherOwner,
} from "./drivers/data-folder.ts";
import { compactDatabase, copyDatabase, replaceDatabase } from "./drivers/database-files.ts";
import { sweepTemporary } from "./drivers/disk-blobs.ts";
import { makeFolder, removeVaultFiles } from "./drivers/durable-files.ts";
import { lockFolder } from "./drivers/folder-lock.ts";
import { openLogLines } from "./drivers/log-lines.ts";
import { openSelfCertificate, readPin } from "./drivers/self-certificate.ts";

// A small young generation lets go of received pieces sooner, which lowers the peak of many uploads at once (measured).
// It counts only while the heap is still small: the rest of the program is loaded after it.
setFlagsFromString("--max-semi-space-size=1");
setFlagsFromString("--semi-space-growth-factor=1");

// Whatever the server writes is its owner's alone, also in a folder that was there before.
process.umask(0o077);

const drivers: Drivers = {
  hasData,
  hasDatabase,
  checkNewFolder,
  actAsOwner,
  refuseOtherOwner,
  lockData: async (data) => {
    await makeFolder(data);
    return lockFolder(join(data, "lock.db"));
  },
  openStores: openDataFolder,
  openBareStores,
  replaceDatabase,
  copyDatabase,
  compactDatabase,
  removeVaultFiles,
  sweepTemporary: (data) => sweepTemporary(join(data, "tmp")),
  openSelfCertificate: (data, nowMs, mayMake) => openSelfCertificate(join(data, "tls"), nowMs, mayMake),
  log: openLogLines(process.stdout.fd),
  readPin,
};

// Output that cannot be written must end nothing: a full disk takes no line, and the server serves.
for (const output of [process.stdout, process.stderr]) output.on("error", () => undefined);

const { runCommandLine } = await import("./commands/command-line.ts");
const code = await runCommandLine(drivers);
process.exitCode = code;
// A line that still waits for its reader must not keep the process.
if (!(await drivers.log.end())) process.exit(code);
