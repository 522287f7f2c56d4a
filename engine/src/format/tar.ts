// Members of a tar file (POSIX.1-1988, "ustar"), as an export has them (docs/format.md 12). Rule: a header says nothing but name
// and size; everything else is the same for every member, so that one vault state has one export.

import { asciiBytes } from "../bytes.ts";
import { invariant } from "../errors.ts";

/** A header is one block, content fills whole ones, and two blocks of zeros end the file. */
export const TAR_BLOCK_BYTES = 512;
export const TAR_END_BYTES: number = 2 * TAR_BLOCK_BYTES;
const MAX_NAME_BYTES = 100;
/** Eleven octal digits. */
const MAX_MEMBER_BYTES = 8 ** 11 - 1;
const CHECKSUM_AT = 148;
const CHECKSUM_BYTES = 8;
const SPACE = 0x20;

/** The header of a regular file: 512 bytes. An InvariantError for a name of more than 100 ASCII characters, or a size above 8 GiB. */
export function encodeTarHeader(name: string, sizeBytes: number): Uint8Array {
  invariant(name.length >= 1 && name.length <= MAX_NAME_BYTES, "a name of 1 to 100 characters");
  invariant(sizeBytes >= 0 && sizeBytes <= MAX_MEMBER_BYTES, "a size of eleven octal digits");
  const header = new Uint8Array(TAR_BLOCK_BYTES);
  const put = (at: number, text: string): void => header.set(asciiBytes(text), at);
  put(0, name);
  put(100, "0000644\0");
  put(108, "0000000\0");
  put(116, "0000000\0");
  put(124, `${octal(sizeBytes, 11)}\0`);
  put(136, "00000000000\0");
  header.fill(SPACE, CHECKSUM_AT, CHECKSUM_AT + CHECKSUM_BYTES);
  put(156, "0");
  put(257, "ustar\0");
  put(263, "00");
  put(
    CHECKSUM_AT,
    `${octal(
      header.reduce((sum, byte) => sum + byte, 0),
      6,
    )}\0 `,
  );
  return header;
}

/** How many bytes the content of a member takes, with the zeros that fill its last block. */
export function paddedTarBytes(sizeBytes: number): number {
  return Math.ceil(sizeBytes / TAR_BLOCK_BYTES) * TAR_BLOCK_BYTES;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}
