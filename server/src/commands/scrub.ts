// What `scrub` prints. Rule: it is green only over something that was read, and says what it could not tell.

import { DEFAULT_TERMS, type Instance } from "../domain/instance.ts";
import { scrubBlobs, scrubFiles } from "../domain/scrub.ts";
import { listAccounts } from "../domain/terms.ts";
import { type Drivers, withInstance } from "./drivers.ts";

/** Reads everything below `data`; true when all that is needed is whole. */
export async function scrub(drivers: Drivers, data: string): Promise<boolean> {
  if (!(await drivers.hasDatabase(data))) return scrubCopy(drivers, data);
  return withInstance(drivers, data, "operate", DEFAULT_TERMS, scrubInstance);
}

async function scrubInstance(instance: Instance): Promise<boolean> {
  const { blobs, bytes, damaged, unneeded, mended, unreadable, damagedOf } = await scrubBlobs(instance);
  print(`${blobs} blobs, ${bytes} bytes, ${damaged} damaged`);
  if (mended > 0) print(`${mended} had lost their file, and have another one that is whole`);
  if (unneeded > 0) print(`${unneeded} more are damaged, and no record, base or lease needs them`);
  for (const { vault, login } of damagedOf.size > 0 ? await listAccounts(instance) : []) {
    const count = damagedOf.get(vault);
    if (count !== undefined) print(`${login}: ${count} damaged blobs, which its devices are asked for`);
  }
  return sayWhether(blobs, damaged, unreadable);
}

/** A copy without a database, such as operations.md makes. */
async function scrubCopy(drivers: Drivers, data: string): Promise<boolean> {
  const stores = await drivers.openBareStores(data);
  const count = await scrubFiles(stores.blobs, stores.journal);
  print(`${count.blobs} blobs, ${count.bytes} bytes, ${count.damagedBlobs} damaged`);
  print(`${count.objects} journal objects, ${count.damagedObjects} damaged`);
  print(
    "there is no database here: each file was checked by its own name and hash, and what is missing cannot be told",
  );
  return sayWhether(count.blobs + count.objects, count.damagedBlobs + count.damagedObjects, count.unreadable);
}

function sayWhether(looked: number, damaged: number, unreadable: number): boolean {
  if (unreadable > 0) print(`${unreadable} could not be read: the disk gave an error, and nothing is known of them`);
  if (looked === 0) print("nothing is stored here, so nothing was checked");
  return looked > 0 && damaged === 0 && unreadable === 0;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
