// The folders that are measured. Rule: content never repeats, so that every byte is read, hashed, sealed and sent; the same
// seed gives the same folder.

import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SeededNumbers, writeSeededFile } from "../../conformance-tests/end-to-end/seeded-content.ts";

export type Input = { readonly folder: string; readonly files: number; readonly bytes: number };

const PHOTOS = 400;
const PHOTO_BYTES = 5_000_000;
/** Photos differ in size by this factor, up and down. */
const PHOTO_SPREAD = 0.6;
const PHOTOS_IN_FOLDER = 50;
const SMALL_FILES = 20_000;
const SMALL_BYTES = 4_000;
const SMALL_SPREAD_BYTES = 200;
const SMALL_IN_FOLDER = 100;
const TINY_BYTES = 8;
const TINY_SPREAD_BYTES = 56;
const TINY_IN_FOLDER = 500;

/** `scale` times 400 files of together 2 GB, like photos of a telephone. */
export function makePhotos(folder: string, scale: number): Input {
  const numbers = new SeededNumbers("photos");
  const pairs = Math.max(1, Math.round((PHOTOS * scale) / 2));
  // In pairs, one as much larger as the other is smaller, so that the sum is exact.
  const sizes = Array.from({ length: pairs }, () => {
    const difference = numbers.below(PHOTO_BYTES * PHOTO_SPREAD);
    return [PHOTO_BYTES + difference, PHOTO_BYTES - difference];
  }).flat();
  return makeFiles(folder, sizes, PHOTOS_IN_FOLDER, (number) => `IMG_${String(number).padStart(5, "0")}.jpg`);
}

/** `scale` times 20,000 files of about 4 kB. */
export function makeSmallFiles(folder: string, scale: number): Input {
  const numbers = new SeededNumbers("small files");
  const sizes = Array.from(
    { length: Math.max(1, Math.round(SMALL_FILES * scale)) },
    () => SMALL_BYTES - SMALL_SPREAD_BYTES + numbers.below(2 * SMALL_SPREAD_BYTES),
  );
  return makeFiles(folder, sizes, SMALL_IN_FOLDER, (number) => `note ${number}.txt`);
}

/** `scale` times 100 photos and 5,000 small files. */
export function makeMixed(folder: string, scale: number): Input {
  const photos = makePhotos(join(folder, "photos"), scale / 4);
  const small = makeSmallFiles(join(folder, "notes"), scale / 4);
  return { folder, files: photos.files + small.files, bytes: photos.bytes + small.bytes };
}

/** Files of 8 to 64 bytes, no two alike: each holds its number. */
export function makeTinyFiles(folder: string, files: number): Input {
  const numbers = new SeededNumbers("tiny files");
  let bytes = 0;
  for (let index = 0; index < files; index += 1) {
    const part = join(folder, `folder ${Math.floor(index / TINY_IN_FOLDER)}`);
    if (index % TINY_IN_FOLDER === 0) mkdirSync(part, { recursive: true });
    const text = String(index).padStart(TINY_BYTES + numbers.below(TINY_SPREAD_BYTES + 1), "0");
    writeFileSync(join(part, `tiny ${index}`), text);
    bytes += text.length;
  }
  execFileSync("sync");
  return { folder, files, bytes };
}

/** One file of `bytes`. */
export function makeLargeFile(folder: string, bytes: number): Input {
  return makeFiles(folder, [bytes], 1, () => "film.mov");
}

function makeFiles(
  folder: string,
  sizes: readonly number[],
  inFolder: number,
  nameOf: (number: number) => string,
): Input {
  let bytes = 0;
  for (const [index, size] of sizes.entries()) {
    const part = join(folder, `folder ${Math.floor(index / inFolder)}`);
    if (index % inFolder === 0) mkdirSync(part, { recursive: true });
    writeSeededFile(join(part, nameOf(index)), `${folder.length} ${nameOf(index)}`, size);
    bytes += size;
  }
  // What is still to be written to the disk would be paid for by the measurement.
  execFileSync("sync");
  return { folder, files: sizes.length, bytes };
}
