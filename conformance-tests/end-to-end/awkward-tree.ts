// A folder with everything in it that a backup can get wrong: names, sizes, times, modes, links, empty folders.
// Rule: the same seed gives the same tree to the byte and the microsecond.

import {
  chmodSync,
  closeSync,
  ftruncateSync,
  lutimesSync,
  mkdirSync,
  openSync,
  symlinkSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { AWKWARD_NAMES } from "./awkward-names.ts";
import { SeededNumbers, writeSeededFile } from "./seeded-content.ts";

export type TreeScale = {
  readonly seed: string;
  /** How many regular files there are; at least `LEAST_FILES`. */
  readonly files: number;
  /** The size of the largest of them. */
  readonly largestBytes: number;
};

const KIB = 1024;
const CHUNK_BYTES = 960 * KIB;
/** Sizes at which off-by-one faults live: nothing, one byte, a page, a chunk, a blob. */
const EDGE_BYTES = [0, 1, 2, 4095, 4096, 4097, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES];
const DEEP_FOLDERS = 40;
const SPARSE_BYTES = 6 * KIB * KIB;
const MODES = [0o644, 0o600, 0o755, 0o400, 0o664, 0o777];
/** Seconds since 1970, with fractions that a microsecond holds. */
const TIMES_S = {
  before1970: -158_000_000.25,
  first: 0,
  old: 86_400.5,
  y2k: 946_684_799.999_999,
  future: 4_102_444_800.125,
};

/** The fewest files that hold every kind. */
export const LEAST_FILES: number = AWKWARD_NAMES.length + EDGE_BYTES.length + 8;

/** Makes the tree at `root`, which must not exist. */
export function makeAwkwardTree(root: string, scale: TreeScale): void {
  mkdirSync(root);
  const maker = new TreeMaker(Buffer.from(root), scale.seed);
  maker.folder("names");
  for (const { name } of AWKWARD_NAMES) maker.file("names", name, 200 + (name.length % 50));
  maker.folder("sizes");
  for (const size of EDGE_BYTES) maker.file("sizes", `${size} bytes`, Math.min(size, scale.largestBytes));
  maker.file("sizes", "the largest.mov", scale.largestBytes);
  maker.sparse("sizes", "sparse.img", Math.min(SPARSE_BYTES, scale.largestBytes));
  makeFolders(maker);
  makeTimes(maker);
  makeLinks(maker);
  maker.folder("photos");
  for (let number = 1; maker.files < scale.files; number += 1) {
    maker.file("photos", `IMG_${String(number).padStart(5, "0")}.jpg`, maker.photoBytes(scale.largestBytes));
  }
  maker.setFolderTimes();
}

function makeFolders(maker: TreeMaker): void {
  maker.folder("empty folder");
  maker.folder("folders/empty inside/and inside");
  maker.folder("folders/🗂 photos \n and more");
  const deep = Array.from({ length: DEEP_FOLDERS }, (_, depth) => `level ${depth + 1}`).join("/");
  maker.folder(deep);
  maker.file(deep, "at the bottom.txt", 1234);
}

function makeTimes(maker: TreeMaker): void {
  maker.folder("times");
  for (const [name, seconds] of Object.entries(TIMES_S)) maker.file("times", name, 100, { mtimeS: seconds });
  maker.file("times", "run.sh", 50, { mode: 0o755 });
}

function makeLinks(maker: TreeMaker): void {
  maker.folder("links/inside");
  maker.link("links", "to a file", "../sizes/1 bytes");
  maker.link("links", "to nothing", "no such file");
  maker.link("links", "to itself", "to itself");
  maker.link("links", "there", "back");
  maker.link("links", "back", "there");
  maker.link("links/inside", "to the folder above", "../..");
  maker.link("links", "out of the tree", "../../../../../../../../etc/hostname");
  maker.link("links", "absolute", "/etc/hostname");
  maker.link("links", "emoji 🔗", "../names/🌊");
  maker.link("links", "not UTF-8", Buffer.from("caf\xe9", "latin1"));
}

/** Makes files and folders one after the other, and sets each folder's time when all is made. */
class TreeMaker {
  files = 0;
  readonly #root: Buffer;
  readonly #seed: string;
  readonly #numbers: SeededNumbers;
  readonly #folders = new Set<string>();
  #made = 0;

  constructor(root: Buffer, seed: string) {
    this.#root = root;
    this.#seed = seed;
    this.#numbers = new SeededNumbers(seed);
  }

  folder(path: string): void {
    mkdirSync(this.#path(path), { recursive: true });
    const parts = path.split("/");
    for (let depth = 1; depth <= parts.length; depth += 1) this.#folders.add(parts.slice(0, depth).join("/"));
  }

  file(folder: string, name: string | Buffer, sizeBytes: number, given: { mode?: number; mtimeS?: number } = {}): void {
    const path = this.#path(folder, name);
    writeSeededFile(path, `${this.#seed} ${this.files}`, sizeBytes);
    this.#finish(path, given);
  }

  sparse(folder: string, name: string, sizeBytes: number): void {
    const path = this.#path(folder, name);
    const file = openSync(path, "w");
    ftruncateSync(file, sizeBytes);
    if (sizeBytes > 0) writeSync(file, Buffer.from("in the middle of nothing"), 0, 1, Math.floor(sizeBytes / 2));
    closeSync(file);
    this.#finish(path, {});
  }

  link(folder: string, name: string, target: string | Buffer): void {
    const path = this.#path(folder, name);
    symlinkSync(target, path);
    const timeS = this.#nextTimeS();
    lutimesSync(path, timeS, timeS);
  }

  /** The deepest first, because a folder's time changes when something is made in it. */
  setFolderTimes(): void {
    for (const path of [...this.#folders].sort((left, right) => right.length - left.length)) {
      const timeS = this.#nextTimeS();
      utimesSync(this.#path(path), timeS, timeS);
    }
    chmodSync(this.#path("empty folder"), 0o700);
  }

  /** Mostly small, a few large, as folders of photos are. */
  photoBytes(largestBytes: number): number {
    const kind = this.#numbers.below(100);
    const upTo = kind < 60 ? 60_000 : kind < 95 ? 600_000 : 6_000_000;
    return Math.min(this.#numbers.below(upTo), largestBytes);
  }

  #finish(path: Buffer, given: { mode?: number; mtimeS?: number }): void {
    const timeS = given.mtimeS ?? this.#nextTimeS();
    chmodSync(path, given.mode ?? MODES[this.files % MODES.length] ?? 0o644);
    // A number below zero would mean now (node:fs); a Date means what it says, to the millisecond.
    const time = timeS < 0 ? new Date(timeS * 1000) : timeS;
    utimesSync(path, time, time);
    this.files += 1;
  }

  /** Minutes apart, with microseconds that an inexact restore would lose. */
  #nextTimeS(): number {
    this.#made += 1;
    return 1_500_000_000 + this.#made * 61 + ((this.#made * 7919) % 1_000_000) / 1e6;
  }

  #path(folder: string, name: string | Buffer = ""): Buffer {
    const parts = [this.#root, Buffer.from(`/${folder}/`), Buffer.from(name)];
    return Buffer.concat(parts);
  }
}
