// Files that cannot be read as their stat promises, also by the superuser and without waiting for the right moment. Rule:
// each is tried here first; where this machine has none, a check says so.

import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { Unavailable } from "./check.ts";

export interface BadFile {
  readonly root: string;
  readonly path: string;
}

/** Files of Linux's sysfs say that they have 4,096 bytes; few have, and some refuse to be read. Those of procfs say 0. */
const CANDIDATES: Readonly<Record<"short" | "long" | "unreadable", readonly BadFile[]>> = {
  short: [
    { root: "/sys/kernel", path: "uevent_seqnum" },
    { root: "/sys/kernel/mm/transparent_hugepage", path: "enabled" },
    { root: "/sys/class/net/lo", path: "mtu" },
  ],
  long: [
    { root: "/proc/sys/kernel/random", path: "boot_id" },
    { root: "/proc/sys/kernel", path: "ostype" },
  ],
  unreadable: [
    { root: "/sys/class/net/lo", path: "speed" },
    { root: "/sys/class/net/lo", path: "duplex" },
    { root: "/sys/class/net/lo", path: "phys_port_id" },
  ],
};

/** A regular file of some size that gives fewer bytes (`short`), more (`long`), or an error (`unreadable`). Throws Unavailable. */
export function findBadFile(kind: "short" | "long" | "unreadable"): BadFile {
  const found = CANDIDATES[kind].find((file) => judge(`${file.root}/${file.path}`) === kind);
  if (found === undefined) throw new Unavailable("this machine has no file that is bad in this way (sysfs, procfs)");
  return found;
}

function judge(file: string): string {
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch {
    return "absent";
  }
  try {
    const { size } = fstatSync(fd);
    if (size === 0) return readSync(fd, Buffer.alloc(1), 0, 1, 0) > 0 ? "long" : "good";
    return readSync(fd, Buffer.alloc(size), 0, size, 0) < size ? "short" : "good";
  } catch {
    return "unreadable";
  } finally {
    closeSync(fd);
  }
}
