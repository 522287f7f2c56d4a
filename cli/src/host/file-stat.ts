// A file's stat as the border has it, and times as the file system takes them. Rule: microseconds, exactly, both ways
// (docs/format.md F-67), also before 1970 and after 2038.

import { type BigIntStats, futimesSync, lutimesSync } from "node:fs";
import type { Stat } from "coffre-engine";
import type { SystemPath } from "./names.ts";

const US_PER_S = 1_000_000n;
const NS_PER_US = 1_000n;
const MODE_BITS = 0o7777n;

/** The stat of a file; `identity` is its device and inode. */
export function describeStat(stat: BigIntStats): Stat {
  const mtime = splitTime(stat.mtimeNs);
  const ctime = splitTime(stat.ctimeNs);
  return {
    sizeBytes: Number(stat.size),
    mtimeS: mtime.seconds,
    mtimeUs: mtime.microseconds,
    ctimeS: ctime.seconds,
    ctimeUs: ctime.microseconds,
    mode: Number(stat.mode & MODE_BITS),
    identity: identityOf(stat),
  };
}

/** Text that changes when another file takes the name. */
export function identityOf(stat: BigIntStats): string {
  return `${stat.dev}-${stat.ino}`;
}

/** Sets the modification and access time of an open file. */
export function setTimes(fd: number, seconds: number, microseconds: number): void {
  const time = systemTime(seconds, microseconds);
  futimesSync(fd, time, time);
}

/** Sets the modification and access time of a name, without following it when it is a link. */
export function setTimesOfName(path: SystemPath, seconds: number, microseconds: number): void {
  const time = systemTime(seconds, microseconds);
  lutimesSync(path, time, time);
}

/** Whether `stat` has this modification time, to the microsecond. */
export function hasTime(stat: BigIntStats, seconds: number, microseconds: number): boolean {
  const time = splitTime(stat.mtimeNs);
  return time.seconds === seconds && time.microseconds === microseconds;
}

/**
 * A time in seconds as node:fs takes it. It goes through a double, whose steps are up to 0.5 µs wide in this century: the
 * nearest one may lie in the microsecond before, so the least one that does not is taken. Node takes negative numbers for
 * "now" and negative text for what it says.
 */
function systemTime(seconds: number, microseconds: number): number | string {
  let time = seconds + microseconds / 1e6;
  for (let tries = 0; tries < 4 && microsecondOf(time, seconds) < microseconds; tries++) time += stepAbove(time);
  return time < 0 ? String(time) : time;
}

/** The microsecond after `seconds` in which the system will see `time`: it keeps nanoseconds, cut off. */
function microsecondOf(time: number, seconds: number): number {
  const whole = Math.trunc(time);
  const nanoseconds = Math.trunc((time - whole) * 1e9);
  return Math.floor(((whole - seconds) * 1e9 + nanoseconds) / 1000);
}

/** The distance from `time` to the next double above it, roughly. */
function stepAbove(time: number): number {
  return Math.max(2 ** (Math.floor(Math.log2(Math.abs(time) || 1)) - 52), 1e-7);
}

function splitTime(nanoseconds: bigint): { seconds: number; microseconds: number } {
  const rest = nanoseconds % NS_PER_US;
  const us = (nanoseconds - (rest < 0n ? rest + NS_PER_US : rest)) / NS_PER_US;
  const below = us % US_PER_S;
  const microseconds = below < 0n ? below + US_PER_S : below;
  return { seconds: Number((us - microseconds) / US_PER_S), microseconds: Number(microseconds) };
}
