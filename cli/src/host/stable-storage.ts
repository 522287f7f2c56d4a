// How many small files reach stable storage fast. Rule: nothing is reported as flushed unless the system said so.

import { spawn } from "node:child_process";
import { closeSync, constants, fsync, openSync } from "node:fs";
import type { SystemPath } from "./names.ts";

/** From this many files on, one flush of their whole file system is faster than one for each. */
const FILES_FOR_WHOLE = 48;

/** Flushes at once: as many as the thread pool has threads by default, or a little more. */
const PARALLEL = 16;

const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);

/** Whether the system has `sync -f` (one flush of the file system that holds a folder, with errors reported). */
let hasWholeFlush = process.platform === "linux";

/** Puts the content of files, all on the file system of `folder`, on stable storage. Throws the system's error. */
export async function flushFiles(folder: SystemPath, files: readonly SystemPath[]): Promise<void> {
  if (files.length >= FILES_FOR_WHOLE && hasWholeFlush && typeof folder === "string") {
    if (await flushWhole(folder)) return;
    hasWholeFlush = false;
  }
  await flushEach(files);
}

/** Puts the names in these folders on stable storage. Throws the system's error. */
export async function flushFolders(folders: readonly SystemPath[]): Promise<void> {
  await flushEach(folders);
}

/** Puts what `fd` is a handle on, which may be closed to its owner by now, on stable storage. Throws the system's error. */
export function flushHandle(fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fsync(fd, (error) => (error === null ? resolve() : reject(error)));
  });
}

/** Calls `flush` for each item: a few at a time, begun in their order. Throws what one of them throws. */
export async function flushInLanes<T>(items: readonly T[], flush: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) await flush(items[next++] as T);
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, items.length) }, lane));
}

async function flushEach(paths: readonly SystemPath[]): Promise<void> {
  await flushInLanes(paths, flushOne);
}

async function flushOne(path: SystemPath): Promise<void> {
  const fd = openSync(path, READ);
  try {
    await flushHandle(fd);
  } finally {
    closeSync(fd);
  }
}

/** Whether `sync -f` was there and ended well; when it did not, each file is flushed by itself and tells its own error. */
function flushWhole(folder: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn("sync", ["-f", "--", folder], { stdio: "ignore" });
    child.on("error", () => resolve(false));
    child.on("exit", (code) => resolve(code === 0));
  });
}
