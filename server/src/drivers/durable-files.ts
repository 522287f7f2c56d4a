// File operations that are on stable storage when they return. Rule: a name is durable only after its folder is synced.

import { mkdir, open, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { StorageFull } from "../domain/storage.ts";

const FULL_CODES: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT"]);

/** Makes the names in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/**
 * Makes a folder and its parents, durably. It ends also where a system says of a folder that is there that nothing can be made in
 * it because it is not there (procfs): Node's own recursion tries that for ever.
 */
export async function makeFolder(path: string): Promise<void> {
  const failed = await tryMake(path);
  if (failed === null) return;
  if (!isCode(failed, "ENOENT") || dirname(path) === path) throw failed;
  await makeFolder(dirname(path));
  const failedAgain = await tryMake(path);
  if (failedAgain !== null) throw failedAgain;
}

/** What the system says against it; null when the folder is there now. */
async function tryMake(path: string): Promise<unknown> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const isThere = isCode(error, "EEXIST") && (await stat(path).catch(() => null))?.isDirectory() === true;
    return isThere ? null : error;
  }
  await syncFolder(dirname(path));
  return null;
}

/** Removes all files of a vault below a data folder: blobs and journal have one folder each for it. */
export async function removeVaultFiles(data: string, vault: string): Promise<void> {
  for (const store of ["blobs", "journal"]) {
    const shard = join(data, store, vault.slice(0, 2));
    if ((await stat(shard).catch(() => null)) === null) continue;
    await rm(join(shard, vault), { recursive: true, force: true });
    await syncFolder(shard);
  }
}

/** `work`, with a full disk as StorageFull. */
export async function translateFull<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (isCode(error, ...FULL_CODES)) throw new StorageFull();
    throw error;
  }
}

/** Whether a system error has one of these codes. */
export function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string" && codes.includes(error.code);
}
