// File operations that are on stable storage when they return. Rule: a name is durable only after its folder is synced.

import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
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

/** Makes a folder and its parents, durably. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  // Every folder from the first new one down has a new name in its parent.
  for (let made = path; ; made = dirname(made)) {
    await syncFolder(dirname(made));
    if (made === first) return;
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
