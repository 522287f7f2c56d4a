// What `scrub` prints. Rule: it is green only over something that was read, and says what it could not tell.

import { DEFAULT_TERMS, type Instance } from "../domain/instance.ts";
import { scrubJournal } from "../domain/journal-scrub.ts";
import { scrubBlobs, scrubFiles } from "../domain/scrub.ts";
import { listAccounts } from "../domain/terms.ts";
import { type Drivers, withInstance } from "./drivers.ts";

/** Reads everything below `data`; true when all that is needed is whole. */
export async function scrub(drivers: Drivers, data: string): Promise<boolean> {
  if (!(await drivers.hasDatabase(data))) return scrubCopy(drivers, data);
  return withInstance(drivers, data, "operate", DEFAULT_TERMS, scrubInstance);
}

async function scrubInstance(instance: Instance): Promise<boolean> {
  const blobs = await scrubBlobs(instance);
  const journal = await scrubJournal(instance);
  const damagedObjects = [...journal.damagedOf.values()].reduce(
    (sum, of) => sum + of.records + of.envelopes + of.bases,
    0,
  );
  print(`${blobs.blobs} blobs, ${blobs.bytes} bytes, ${blobs.damaged} damaged`);
  print(`${journal.objects} journal objects; ${damagedObjects} records, envelopes and bases are damaged`);
  if (blobs.mended > 0) print(`${blobs.mended} blobs had lost their file, and have another one that is whole`);
  if (journal.rewritten > 0) print(`${journal.rewritten} lost parts of accounts are written again from what was left`);
  if (blobs.unneeded > 0) print(`${blobs.unneeded} more blobs are damaged, and no record, base or lease needs them`);
  for (const { vault, login } of blobs.damaged + damagedObjects > 0 ? await listAccounts(instance) : []) {
    const { records, envelopes, bases } = journal.damagedOf.get(vault) ?? NOTHING;
    const parts = [
      [blobs.damagedOf.get(vault) ?? 0, "blobs"],
      [records, "records"],
      [envelopes, "envelopes"],
      [bases, "bases"],
    ].filter(([count]) => count !== 0);
    if (parts.length === 0) continue;
    const list = parts.map(([count, name]) => `${count} ${name}`).join(", ");
    print(`${login}: ${list} damaged, which its devices are asked for`);
  }
  if (journal.unserved > 0) {
    print(`${journal.unserved} accounts have objects that cannot be applied: their log lines, or a rebuild, say why`);
  }
  const isWhole = sayWhether(
    blobs.blobs + journal.objects,
    blobs.damaged + damagedObjects,
    blobs.unreadable + journal.unreadable,
  );
  return isWhole && journal.unserved === 0;
}

const NOTHING = { records: 0, envelopes: 0, bases: 0 };

/** A copy without a database, such as operations.md makes. */
async function scrubCopy(drivers: Drivers, data: string): Promise<boolean> {
  const stores = await drivers.openBareStores(data);
  const count = await scrubFiles(stores.blobs, stores.journal);
  print(`${count.blobs} blobs, ${count.bytes} bytes, ${count.damagedBlobs} damaged`);
  print(`${count.objects} journal objects, ${count.damagedObjects} damaged`);
  print(
    "there is no database here: each file was checked by its own name and hash, and what is missing cannot be told",
  );
  if (stores.keyFault !== null) print(stores.keyFault);
  const isWhole = sayWhether(count.blobs + count.objects, count.damagedBlobs + count.damagedObjects, count.unreadable);
  return isWhole && stores.keyFault === null;
}

function sayWhether(looked: number, damaged: number, unreadable: number): boolean {
  if (unreadable > 0) print(`${unreadable} could not be read: the disk gave an error, and nothing is known of them`);
  if (looked === 0) print("nothing is stored here, so nothing was checked");
  return looked > 0 && damaged === 0 && unreadable === 0;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
