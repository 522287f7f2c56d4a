// Zip archives, read and written in memory: JARs, AARs, APKs. Rule: what is written depends on names and bytes alone, so that
// two builds are equal.

import { crc32, deflateRawSync, inflateRawSync } from "node:zlib";

/** One file of an archive. */
export interface ZipEntry {
  readonly name: string;
  readonly bytes: Buffer;
  readonly isStored: boolean;
}

const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const END = 0x06054b50;
const END_BYTES = 22;
const LOCAL_BYTES = 30;
const STORED = 0;
const DEFLATED = 8;
const VERSION = 20;
/** Names are UTF-8. */
const FLAGS = 0x800;
/** 1981-01-01 01:01:02, the time that Android's own tools give to everything. */
const DOS_DATE = (1 << 9) | (1 << 5) | 1;
const DOS_TIME = (1 << 11) | (1 << 5) | 1;
/** The extra field of aligned entries in an APK. */
const ALIGNMENT_ID = 0xd935;
const ALIGNMENT_HEAD = 6;

/** The files in `archive`, without folders, in the order of its directory. Throws for what is no zip archive. */
export function readZip(archive: Buffer): readonly ZipEntry[] {
  return listZip(archive).map(({ name, read, isStored }) => ({ name, bytes: read(), isStored }));
}

/** A file that is read when it is asked for. */
interface ListedEntry {
  readonly name: string;
  readonly isStored: boolean;
  /** Where its bytes begin, as they lie there. */
  readonly offset: number;
  readonly read: () => Buffer;
}

/** As `readZip`, for archives of which little is needed. */
export function listZip(archive: Buffer): readonly ListedEntry[] {
  const end = archive.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || end + END_BYTES > archive.length) throw new Error("expected a zip archive");
  const count = archive.readUInt16LE(end + 10);
  const entries: ListedEntry[] = [];
  let at = archive.readUInt32LE(end + 16);
  for (let index = 0; index < count; index++) {
    if (archive.readUInt32LE(at) !== CENTRAL) throw new Error("expected a zip archive's directory");
    const nameBytes = archive.readUInt16LE(at + 28);
    const name = archive.toString("utf8", at + 46, at + 46 + nameBytes);
    const isStored = archive.readUInt16LE(at + 10) === STORED;
    const packedBytes = archive.readUInt32LE(at + 20);
    const local = archive.readUInt32LE(at + 42);
    const offset = local + LOCAL_BYTES + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const packed = archive.subarray(offset, offset + packedBytes);
    const read = () => (isStored ? packed : inflateRawSync(packed));
    if (!name.endsWith("/")) entries.push({ name, isStored, offset, read });
    at += 46 + nameBytes + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return entries;
}

/** An archive of `entries` in their order. `align` says on which multiple a stored entry's bytes begin. */
export function writeZip(entries: readonly ZipEntry[], align: (name: string) => number = () => 1): Buffer {
  const pieces: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, bytes, isStored } of entries) {
    const packed = isStored ? bytes : deflateRawSync(bytes, { level: 9 });
    const nameBytes = Buffer.from(name, "utf8");
    const extra = isStored ? alignmentField(at + LOCAL_BYTES + nameBytes.length, align(name)) : Buffer.alloc(0);
    const fields = describeEntry(bytes, packed, isStored, nameBytes.length);
    const head = Buffer.alloc(LOCAL_BYTES);
    head.writeUInt32LE(LOCAL, 0);
    fields.copy(head, 4);
    head.writeUInt16LE(extra.length, 28);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(CENTRAL, 0);
    central.writeUInt16LE(VERSION, 4);
    fields.copy(central, 6);
    central.writeUInt32LE(at, 42);
    pieces.push(head, nameBytes, extra, packed);
    directory.push(central, nameBytes);
    at += head.length + nameBytes.length + extra.length + packed.length;
  }
  const directoryBytes = directory.reduce((sum, { length }) => sum + length, 0);
  const end = Buffer.alloc(END_BYTES);
  end.writeUInt32LE(END, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directoryBytes, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...pieces, ...directory, end]);
}

/** What a local head and the directory say alike, from the needed version to the name's length. */
function describeEntry(bytes: Buffer, packed: Buffer, isStored: boolean, nameLength: number): Buffer {
  const fields = Buffer.alloc(24);
  fields.writeUInt16LE(VERSION, 0);
  fields.writeUInt16LE(FLAGS, 2);
  fields.writeUInt16LE(isStored ? STORED : DEFLATED, 4);
  fields.writeUInt16LE(DOS_TIME, 6);
  fields.writeUInt16LE(DOS_DATE, 8);
  fields.writeUInt32LE(crc32(bytes), 10);
  fields.writeUInt32LE(packed.length, 14);
  fields.writeUInt32LE(bytes.length, 18);
  fields.writeUInt16LE(nameLength, 22);
  return fields;
}

/** An extra field at `at` behind which comes a multiple of `multiple`. */
function alignmentField(at: number, multiple: number): Buffer {
  if (multiple <= 1) return Buffer.alloc(0);
  const behind = at + ALIGNMENT_HEAD;
  const padding = (multiple - (behind % multiple)) % multiple;
  const field = Buffer.alloc(ALIGNMENT_HEAD + padding);
  field.writeUInt16LE(ALIGNMENT_ID, 0);
  field.writeUInt16LE(2 + padding, 2);
  field.writeUInt16LE(multiple, 4);
  return field;
}
