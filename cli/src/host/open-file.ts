// How the host opens what it reads. Rule: never through a link, never waiting for a pipe's other end; each failure has one
// of the border's reasons.

import { constants, openSync, readSync } from "node:fs";
import type { SystemPath } from "./names.ts";
import { errnoOf } from "./system-error.ts";

/** Why a file cannot be read. */
export type ReadFailure = "vanished" | "permission" | "not-a-file" | "io";

const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Opens a file for reading; the last component is not followed. */
export function openToRead(path: SystemPath): number {
  return openSync(path, FLAGS);
}

/** Reads into `into` from `position` on until it is full or the file ends; returns how much came. */
export function readFully(fd: number, into: Buffer, position: number): number {
  let at = 0;
  while (at < into.length) {
    const count = readSync(fd, into, at, into.length - at, position + at);
    if (count === 0) break;
    at += count;
  }
  return at;
}

/** The reason behind an error of opening or reading. */
export function readFailureOf(error: unknown): ReadFailure {
  switch (errnoOf(error)) {
    case "ENOENT":
    case "ENOTDIR":
      return "vanished";
    case "EACCES":
    case "EPERM":
      return "permission";
    case "ELOOP":
    case "ENXIO":
    case "EISDIR":
    case "EMLINK":
      return "not-a-file";
    case "":
      throw error;
    default:
      return "io";
  }
}
