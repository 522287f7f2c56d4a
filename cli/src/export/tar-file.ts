// A tar file, read member by member where it lies (docs/format.md 12). Rule: every byte of it is looked at with suspicion; what does
// not fit is named with its place, and everything else can still be read.

import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** A regular file inside: where its content begins, and how long it is. */
export interface TarMember {
  readonly name: string;
  readonly offset: number;
  readonly sizeBytes: number;
}

/** What is wrong with the file: `cut` when it ends before its end is marked. */
export interface TarFault {
  readonly kind: "header" | "filling" | "cut";
  readonly offset: number;
}

const BLOCK_BYTES = 512;
const NAME = /^[A-Za-z0-9][A-Za-z0-9./-]{0,99}$/;
const OCTAL = /^[0-7]{11}$/;
const CHECKSUM = /^[0-7]{6}$/;
const CHECKSUM_AT = 148;
const CHECKSUM_BYTES = 8;
const SPACE = 0x20;

/** An open tar file. */
export class TarFile {
  readonly members: readonly TarMember[];
  readonly faults: readonly TarFault[];
  readonly #fd: number;
  readonly #sizeBytes: number;

  /** Opens the file and reads all headers. Throws the system's error. */
  constructor(path: string) {
    this.#fd = openSync(path, "r");
    this.#sizeBytes = fstatSync(this.#fd).size;
    const members: TarMember[] = [];
    const faults: TarFault[] = [];
    this.#index(members, faults);
    this.members = members;
    this.faults = faults;
  }

  /** The content of a member, or the stretch of it up to `end`; shorter where the file ends. */
  read({ offset, sizeBytes }: TarMember, from = 0, end: number = sizeBytes): Buffer {
    return this.#read(offset + from, Math.max(0, Math.min(end, sizeBytes) - from));
  }

  close(): void {
    closeSync(this.#fd);
  }

  #index(members: TarMember[], faults: TarFault[]): void {
    let at = 0;
    let isLost = false;
    while (at + BLOCK_BYTES <= this.#sizeBytes) {
      const block = this.#read(at, BLOCK_BYTES);
      if (isZero(block)) {
        if (this.#isEnd(at)) return;
        // Zeros behind a header that was altered are its content.
        if (!isLost) faults.push({ kind: "header", offset: at });
        isLost = true;
        at += BLOCK_BYTES;
        continue;
      }
      const member = parseHeader(block, at + BLOCK_BYTES);
      if (member === null) {
        if (!isLost) faults.push({ kind: "header", offset: at });
        isLost = true;
        at += BLOCK_BYTES;
        continue;
      }
      isLost = false;
      const end = member.offset + member.sizeBytes;
      at = Math.ceil(end / BLOCK_BYTES) * BLOCK_BYTES;
      if (at > this.#sizeBytes) break;
      if (!isZero(this.#read(end, at - end))) faults.push({ kind: "filling", offset: end });
      members.push(member);
    }
    faults.push({ kind: "cut", offset: this.#sizeBytes });
  }

  /** Whether nothing but zeros stands from here to the end: two blocks, or more where another program filled them. */
  #isEnd(at: number): boolean {
    const rest = this.#sizeBytes - at;
    return rest >= 2 * BLOCK_BYTES && rest <= 40 * BLOCK_BYTES && isZero(this.#read(at, rest));
  }

  #read(offset: number, length: number): Buffer {
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, this.#sizeBytes - offset)));
    let read = 0;
    while (read < bytes.length) {
      const count = readSync(this.#fd, bytes, read, bytes.length - read, offset + read);
      if (count === 0) break;
      read += count;
    }
    return bytes.subarray(0, read);
  }
}

/** The member that a header tells of, whose content stands at `offset`; null when it is no header of an export. */
export function parseHeader(block: Buffer, offset: number): TarMember | null {
  const text = (from: number, length: number): string => {
    const field = block.toString("latin1", from, from + length);
    const end = field.indexOf("\0");
    return end < 0 ? field : field.slice(0, end);
  };
  const checksum = text(CHECKSUM_AT, CHECKSUM_BYTES);
  let sum = CHECKSUM_BYTES * SPACE;
  for (let at = 0; at < BLOCK_BYTES; at++) {
    if (at < CHECKSUM_AT || at >= CHECKSUM_AT + CHECKSUM_BYTES) sum += block[at] ?? 0;
  }
  if (!CHECKSUM.test(checksum) || Number.parseInt(checksum, 8) !== sum) return null;
  const name = text(0, 100);
  const size = text(124, 12);
  if (!NAME.test(name) || !OCTAL.test(size) || text(257, 6) !== "ustar" || text(156, 1) !== "0") return null;
  return { name, offset, sizeBytes: Number.parseInt(size, 8) };
}

function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}
