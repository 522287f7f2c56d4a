// Folders with what makes trouble in them, made for one check. Rule: what is expected is what the file system says, read here.

import { isUtf8 } from "node:buffer";
import { execFileSync } from "node:child_process";
import { type BigIntStats, lstatSync, mkdirSync, readdirSync, readlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { ScannedEntry, Stat } from "coffre-engine";
import type { Feature } from "./adapter-process.ts";
import type { Stage } from "./stage.ts";

/** The text of a name (H-9). */
export function nameText(name: Buffer): string {
  return isUtf8(name) ? name.toString("utf8") : `/${name.toString("hex")}`;
}

/** The path of a name in a folder. */
export function pathIn(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

/** A path of the system below `folder`, whose last name may be any bytes. */
export function systemPath(folder: string | Buffer, name: string | Buffer): Buffer {
  return Buffer.concat([Buffer.from(folder), Buffer.from("/"), Buffer.from(name)]);
}

/** The names of a folder in the order of names. */
export function namesIn(folder: string | Buffer): Buffer[] {
  return readdirSync(folder, { encoding: "buffer" }).sort((a, b) =>
    Buffer.compare(Buffer.from(nameText(a)), Buffer.from(nameText(b))),
  );
}

/** What an entry or a file's stat must say, but for its identity; without what the platform lacks. */
export function expectedStat(path: string | Buffer, lacks: readonly Feature[]): Omit<Stat, "identity"> {
  const stat = lstatSync(path, { bigint: true });
  const mtime = splitTime(stat.mtimeNs);
  const ctime = splitTime(stat.ctimeNs);
  return {
    sizeBytes: Number(stat.size),
    mtimeS: mtime.seconds,
    mtimeUs: mtime.microseconds,
    ...(lacks.includes("ctime") ? {} : { ctimeS: ctime.seconds, ctimeUs: ctime.microseconds }),
    ...(lacks.includes("mode") ? {} : { mode: Number(stat.mode & 0o7777n) }),
  };
}

/** What a scan must say of a name, but for its identity. The size of what is no file is the system's own business. */
export function expectedEntry(folder: string | Buffer, name: Buffer, lacks: readonly Feature[]): object {
  const path = systemPath(folder, name);
  const kind = kindOf(lstatSync(path, { bigint: true }));
  const entry = { name: nameText(name), kind, ...expectedStat(path, lacks) };
  if (kind !== "link") return entry;
  const target = readlinkSync(path, "buffer");
  return { ...entry, ...(isUtf8(target) ? { target: target.toString() } : { targetHex: target.toString("hex") }) };
}

function kindOf(stat: BigIntStats): ScannedEntry["kind"] {
  if (stat.isFile()) return "file";
  if (stat.isDirectory()) return "folder";
  if (stat.isSymbolicLink()) return "link";
  if (stat.isSocket()) return "socket";
  return stat.isFIFO() ? "pipe" : "device";
}

/** Microseconds, cut off downwards, also before 1970. */
function splitTime(nanoseconds: bigint): { seconds: number; microseconds: number } {
  const us = nanoseconds / 1000n - (nanoseconds % 1000n < 0n ? 1n : 0n);
  const below = ((us % 1_000_000n) + 1_000_000n) % 1_000_000n;
  return { seconds: Number((us - below) / 1_000_000n), microseconds: Number(below) };
}

/** A folder with a socket and a pipe that nobody serves. */
export async function makeSpecialFiles(stage: Stage, root: string): Promise<void> {
  execFileSync("mkfifo", [join(root, "pipe")]);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(root, "socket"), () => resolve()));
  stage.defer(() => new Promise((resolve) => server.close(resolve)));
}

/** A folder of `count` small files, whose names are `file 0` and so on. */
export function makeManyFiles(root: string, folder: string, count: number): void {
  mkdirSync(join(root, folder));
  for (let number = 0; number < count; number++) writeFileSync(join(root, folder, `file ${number}`), String(number));
}
