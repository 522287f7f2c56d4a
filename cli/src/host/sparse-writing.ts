// Bytes that are written so that long runs of zeros take no room (docs/host-api.md H-23). Rule: what the file holds afterwards
// are the bytes that were given, whatever it held before.

import { fstatSync, ftruncateSync, readSync, writeSync } from "node:fs";

/** Zeros are looked for in steps of this size, counted from the file's beginning. */
const BLOCK_BYTES = 65_536;
const ZEROS = Buffer.alloc(BLOCK_BYTES);
/** What stands in the file, read again and again: a buffer for each block would leave gigabytes to the collector. */
const STANDING = Buffer.alloc(BLOCK_BYTES);

/** Writes `bytes` at `offset` of a file that is open for reading and writing; whole blocks of zeros become holes. */
export function writeSparse(fd: number, offset: number, bytes: Buffer): void {
  let written = 0;
  let from = 0;
  while (from < bytes.length) {
    const to = Math.min(bytes.length, from + BLOCK_BYTES - ((offset + from) % BLOCK_BYTES));
    if (isZero(bytes, from, to)) {
      writeAll(fd, offset + written, bytes.subarray(written, from));
      writeZeros(fd, offset + from, to - from);
      written = to;
    }
    from = to;
  }
  writeAll(fd, offset + written, bytes.subarray(written));
}

/** The first byte decides for most files, which hold hardly any zeros. */
function isZero(bytes: Buffer, from: number, to: number): boolean {
  return bytes[from] === 0 && bytes.compare(ZEROS, 0, to - from, from, to) === 0;
}

/** Makes a range zeros: by leaving it out where the file ends before it, or holds zeros there already. */
function writeZeros(fd: number, offset: number, length: number): void {
  const { size } = fstatSync(fd);
  if (size < offset + length) ftruncateSync(fd, offset + length);
  const standing = Math.min(length, size - offset);
  if (standing <= 0) return;
  const count = readSync(fd, STANDING, 0, standing, offset);
  if (count < standing || !isZero(STANDING, 0, standing)) writeAll(fd, offset, ZEROS.subarray(0, standing));
}

function writeAll(fd: number, offset: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, offset + at);
}
