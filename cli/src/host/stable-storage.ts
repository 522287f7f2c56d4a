// How many small files reach stable storage fast. Rule: nothing is reported as flushed unless the system said so.

import { spawn } from "node:child_process";
import { closeSync, fsync, openSync } from "node:fs";
import type { SystemPath } from "./names.ts";

/** From this many files on, one flush of their whole file system is faster than one for each. */
const FILES_FOR_WHOLE = 48;

/** Flushes at once: as many as the thread pool has threads by default, or a little more. */
const PARALLEL = 16;

/** Whether the system has `sync -f` (one flush of the file system that holds a folder, with errors reported). */
let hasWholeFlush = process.platform === "linux";

/** Puts the content of open files, all on the file system of `folder`, on stable storage. Throws the system's error. */
export async function flushFiles(folder: SystemPath, fds: readonly number[]): Promise<void> {
  if (fds.length >= FILES_FOR_WHOLE && hasWholeFlush && typeof folder === "string") {
    if (await flushWhole(folder)) return;
    hasWholeFlush = false;
  }
  await inParallel(fds, flushOne);
}

/** Puts the names in these folders on stable storage. Throws the system's error. */
export async function flushFolders(folders: readonly SystemPath[]): Promise<void> {
  await inParallel(folders, async (folder) => {
    const fd = openSync(folder, "r");
    try {
      await flushOne(fd);
    } finally {
      closeSync(fd);
    }
  });
}

function flushOne(fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fsync(fd, (error) => (error === null ? resolve() : reject(error)));
  });
}

/** Whether `sync -f` was there and ended well; when it did not, each file is flushed by itself and tells its own error. */
function flushWhole(folder: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn("sync", ["-f", "--", folder], { stdio: "ignore" });
    child.on("error", () => resolve(false));
    child.on("exit", (code) => resolve(code === 0));
  });
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) await work(items[next++] as T);
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, items.length) }, lane));
}
