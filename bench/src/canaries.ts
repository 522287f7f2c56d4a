// Pieces of a folder that must be nowhere in the server's data: names of files and bytes out of their middle.
// Rule: a search that finds nothing is worth something only if the same search finds them where they are, so both are made.

import { closeSync, lstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { formatName, walkTree } from "../../conformance-tests/end-to-end/tree-picture.ts";

export type Canary = { readonly kind: "name" | "content"; readonly bytes: Buffer; readonly of: string };

/** A canary, and the file in which (or in whose name) it was found. */
export type Finding = { readonly canary: Canary; readonly where: string };

/** Shorter names are also words that a database has of its own. */
const LEAST_NAME_BYTES = 12;
const CONTENT_BYTES = 24;
/** Content with fewer different bytes is also elsewhere: zeros, blanks. */
const LEAST_DIFFERENT_BYTES = 12;
const MOST_CANARIES = 4_000;
const READ_BYTES = 8_388_608;

/** Names of files and folders below `root`, and bytes from the middle of the files; each different one once. What cannot be read is left out. */
export function collectCanaries(root: string, isChosen: (path: string) => boolean = () => true): readonly Canary[] {
  const canaries = new Map<string, Canary>();
  for (const path of walkTree(root, () => {})) {
    if (canaries.size >= MOST_CANARIES) break;
    const of = formatName(path);
    if (!isChosen(of)) continue;
    const name = path.subarray(path.lastIndexOf(0x2f) + 1);
    if (name.length >= LEAST_NAME_BYTES)
      canaries.set(`name ${name.toString("hex")}`, { kind: "name", bytes: name, of });
    const bytes = readMiddle(Buffer.concat([Buffer.from(`${root}/`), path]));
    if (bytes !== null && new Set(bytes).size >= LEAST_DIFFERENT_BYTES) {
      canaries.set(`content ${bytes.toString("hex")}`, { kind: "content", bytes, of });
    }
  }
  return [...canaries.values()];
}

/** Where the canaries occur below `root`: in the content of files, and in the names of files and folders. */
export function searchCanaries(root: string, canaries: readonly Canary[]): readonly Finding[] {
  const search = new Search(canaries);
  const findings: Finding[] = [];
  const buffer = Buffer.alloc(READ_BYTES + search.longest);
  for (const path of walkTree(root)) {
    const where = formatName(path);
    findings.push(...search.find(path).map((canary) => ({ canary, where: `the name ${where}` })));
    const found = searchFile(Buffer.concat([Buffer.from(`${root}/`), path]), search, buffer);
    findings.push(...[...found].map((canary) => ({ canary, where })));
  }
  return findings;
}

/** Finds many byte strings in one pass: a table of first two bytes, then a map of first four, then the whole. */
class Search {
  readonly longest: number;
  readonly #starts = new Uint8Array(65_536);
  readonly #byPrefix = new Map<number, Canary[]>();

  constructor(canaries: readonly Canary[]) {
    this.longest = Math.max(0, ...canaries.map(({ bytes }) => bytes.length));
    for (const canary of canaries) {
      this.#starts[canary.bytes.readUInt16BE(0)] = 1;
      const prefix = canary.bytes.readUInt32BE(0);
      this.#byPrefix.set(prefix, [...(this.#byPrefix.get(prefix) ?? []), canary]);
    }
  }

  find(bytes: Buffer): readonly Canary[] {
    const found: Canary[] = [];
    for (let at = 0; at + 4 <= bytes.length; at += 1) {
      if (this.#starts[((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)] === 0) continue;
      for (const canary of this.#byPrefix.get(bytes.readUInt32BE(at)) ?? []) {
        if (bytes.subarray(at, at + canary.bytes.length).equals(canary.bytes)) found.push(canary);
      }
    }
    return found;
  }
}

function searchFile(path: Buffer, search: Search, buffer: Buffer): ReadonlySet<Canary> {
  const found = new Set<Canary>();
  if (!lstatSync(path).isFile()) return found;
  const file = openSync(path, "r");
  try {
    // The end of each piece is kept before the next one, so that nothing is missed across the border.
    for (let kept = 0; ; ) {
      const read = readSync(file, buffer, kept, READ_BYTES, null);
      if (read === 0) return found;
      const filled = buffer.subarray(0, kept + read);
      for (const canary of search.find(filled)) found.add(canary);
      kept = Math.min(search.longest, filled.length);
      filled.copy(buffer, 0, filled.length - kept);
    }
  } finally {
    closeSync(file);
  }
}

function readMiddle(path: Buffer): Buffer | null {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile() || stat.size < CONTENT_BYTES) return null;
  const file = openIfReadable(path);
  if (file === null) return null;
  try {
    const bytes = Buffer.alloc(CONTENT_BYTES);
    const read = readSync(file, bytes, 0, CONTENT_BYTES, Math.floor((stat.size - CONTENT_BYTES) / 2));
    return read === CONTENT_BYTES ? bytes : null;
  } finally {
    closeSync(file);
  }
}

function openIfReadable(path: Buffer): number | null {
  try {
    return openSync(path, "r");
  } catch {
    return null;
  }
}

/** The size of all files below `root`, in bytes; 0 where there is no such folder. */
export function measureFolder(root: string, folder = ""): number {
  const path = join(root, folder);
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return 0;
  let bytes = 0;
  for (const name of walkTree(path)) {
    const stat = lstatSync(Buffer.concat([Buffer.from(`${path}/`), name]));
    if (stat.isFile()) bytes += stat.size;
  }
  return bytes;
}
