// What a folder holds, as a list that two folders can be compared by. Rule: names are bytes, links are not followed, and
// times count to the microsecond.

import { createHash } from "node:crypto";
import { closeSync, type Dirent, lstatSync, openSync, readdirSync, readlinkSync, readSync } from "node:fs";

export type Pictured =
  | {
      readonly kind: "file";
      readonly sizeBytes: number;
      readonly sha256: string;
      readonly mode: number;
      readonly mtimeUs: bigint;
    }
  | { readonly kind: "folder"; readonly mode: number; readonly mtimeUs: bigint }
  | { readonly kind: "link"; readonly target: string; readonly mtimeUs: bigint }
  | { readonly kind: "other" };

/** Everything below a folder, by path; a byte of a name that is not printable ASCII stands there as `\xNN`. */
export type TreePicture = ReadonlyMap<string, Pictured>;

export type PictureSums = {
  readonly files: number;
  readonly folders: number;
  readonly links: number;
  readonly bytes: number;
};

const READ_BYTES = 1_048_576;

/** Takes what cannot be looked at, by its path below the root; the root itself is the empty path. */
export type OnUnreadable = (path: Buffer, error: unknown) => void;

const THROW: OnUnreadable = (_path, error) => {
  throw error;
};

/** The picture of what lies below `root`; the folder itself is not part of it. */
export function pictureTree(root: string | Buffer, onUnreadable: OnUnreadable = THROW): TreePicture {
  const picture = new Map<string, Pictured>();
  const buffer = Buffer.alloc(READ_BYTES);
  for (const path of walkTree(root, onUnreadable)) {
    try {
      picture.set(formatName(path), pictureOne(join(Buffer.from(root), path), buffer));
    } catch (error) {
      onUnreadable(path, error);
    }
  }
  return picture;
}

/** The picture of a folder: itself under the empty path, and all that lies below it. */
export function pictureFolder(root: string | Buffer, onUnreadable: OnUnreadable = THROW): TreePicture {
  const picture = new Map<string, Pictured>();
  try {
    // With a slash behind it: the place of a root may be a link to it.
    picture.set("", pictureOne(Buffer.concat([Buffer.from(root), Buffer.from("/")]), Buffer.alloc(0)));
  } catch (error) {
    onUnreadable(Buffer.alloc(0), error);
  }
  return new Map([...picture, ...pictureTree(root, onUnreadable)]);
}

/** The path below `root` of everything in it, folders before what they hold. */
export function* walkTree(
  root: string | Buffer,
  onUnreadable: OnUnreadable = THROW,
  folder: Buffer = Buffer.alloc(0),
): Generator<Buffer> {
  for (const entry of listFolder(join(Buffer.from(root), folder), (error) => onUnreadable(folder, error))) {
    const path = folder.length === 0 ? entry.name : join(folder, entry.name);
    yield path;
    if (entry.isDirectory()) yield* walkTree(root, onUnreadable, path);
  }
}

function listFolder(folder: Buffer, onUnreadable: (error: unknown) => void): Dirent<Buffer>[] {
  try {
    return readdirSync(folder, { encoding: "buffer", withFileTypes: true });
  } catch (error) {
    onUnreadable(error);
    return [];
  }
}

/** What differs between two trees, one line for each difference; empty when they are equal. */
export function compareTrees(expected: TreePicture, found: TreePicture): readonly string[] {
  const differences: string[] = [];
  for (const [path, wanted] of expected) {
    const got = found.get(path);
    if (got === undefined) differences.push(`${path}: missing (${wanted.kind})`);
    else differences.push(...compareOne(wanted, got).map((difference) => `${path}: ${difference}`));
  }
  for (const [path, { kind }] of found) if (!expected.has(path)) differences.push(`${path}: not expected (${kind})`);
  return differences;
}

/** How much there is of what. */
export function sumPicture(picture: TreePicture): PictureSums {
  const sums = { files: 0, folders: 0, links: 0, bytes: 0 };
  for (const entry of picture.values()) {
    if (entry.kind === "file") {
      sums.files += 1;
      sums.bytes += entry.sizeBytes;
    }
    if (entry.kind === "folder") sums.folders += 1;
    if (entry.kind === "link") sums.links += 1;
  }
  return sums;
}

/** A name's bytes as text that a terminal can show and two lists can be compared by. */
export function formatName(name: Buffer): string {
  let text = "";
  for (const byte of name) {
    text +=
      byte >= 0x20 && byte < 0x7f && byte !== 0x5c
        ? String.fromCharCode(byte)
        : `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return text;
}

function compareOne(wanted: Pictured, got: Pictured): readonly string[] {
  if (wanted.kind !== got.kind) return [`a ${wanted.kind} became a ${got.kind}`];
  const left = new Map<string, unknown>(Object.entries(wanted));
  return Object.entries(got)
    .filter(([field, value]) => left.get(field) !== value)
    .map(([field, value]) => `${field} was ${formatField(field, left.get(field))} and is ${formatField(field, value)}`);
}

function formatField(field: string, value: unknown): string {
  return field === "mode" && typeof value === "number" ? value.toString(8) : String(value);
}

function pictureOne(path: Buffer, buffer: Buffer): Pictured {
  const stat = lstatSync(path, { bigint: true });
  const mtimeUs = floorDivide(stat.mtimeNs, 1000n);
  // What lends the rights of an owner is not restored (docs/format.md F-101).
  const mode = Number(stat.mode & 0o1777n);
  if (stat.isFile())
    return { kind: "file", sizeBytes: Number(stat.size), sha256: digestFile(path, buffer), mode, mtimeUs };
  if (stat.isDirectory()) return { kind: "folder", mode, mtimeUs };
  if (stat.isSymbolicLink()) {
    return { kind: "link", target: formatName(readlinkSync(path, { encoding: "buffer" })), mtimeUs };
  }
  return { kind: "other" };
}

/** Rounds down, also below zero, as the format does. */
function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}

function digestFile(path: Buffer, buffer: Buffer): string {
  const hash = createHash("sha256");
  const file = openSync(path, "r");
  try {
    for (;;) {
      const read = readSync(file, buffer);
      if (read === 0) return hash.digest("hex");
      hash.update(buffer.subarray(0, read));
    }
  } finally {
    closeSync(file);
  }
}

function join(folder: Buffer, name: Buffer): Buffer {
  return folder.length === 0 ? name : Buffer.concat([folder, Buffer.from("/"), name]);
}
