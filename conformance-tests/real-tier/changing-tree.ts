// A folder that its owner works in: files come, change, move and go. Rule: every state that a file ever had is written down,
// so that whatever a restore brings can be judged.

import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { SeededNumbers, seededBytes, writeSeededFile } from "../end-to-end/seeded-content.ts";
import { type Pictured, pictureTree, type TreePicture } from "../end-to-end/tree-picture.ts";

const FIRST_FILES = 24;
const FOLDERS = ["", "a", "b", "a/deep/er", "été 🌊"];
/** Around a chunk, and a few of a blob and more. */
const EDGES = [0, 1, 983_039, 983_040, 983_041];
const LARGE_BYTES = 3_000_000;

export class ChangingTree {
  readonly root: string;
  readonly #beside: string;
  readonly #numbers: SeededNumbers;
  readonly #seed: string;
  /** All that a path ever was, as text. */
  readonly #states = new Map<string, Set<string>>();
  #made = 0;

  /** Makes the folder `root`, and uses the folder `beside`, on the same file system, for what is not yet there. */
  constructor(root: string, beside: string, seed: string) {
    this.root = root;
    this.#beside = beside;
    this.#seed = seed;
    this.#numbers = new SeededNumbers(`tree ${seed}`);
    mkdirSync(beside, { recursive: true });
    for (const folder of FOLDERS) mkdirSync(join(root, folder), { recursive: true });
    for (let count = 0; count < FIRST_FILES; count += 1) this.#replace(this.#newPath());
    this.#writeDown();
  }

  /** Changes something; `during` leaves out what a program that reads at the same time might see half done. */
  change(during: boolean): void {
    const files = this.#files();
    const path = files[this.#numbers.below(Math.max(1, files.length))];
    const kind = this.#numbers.below(during ? 6 : 9);
    if (path === undefined || kind === 0) this.#replace(this.#newPath());
    else if (kind === 1) this.#replace(path);
    else if (kind === 2) this.#move(path, this.#newPath());
    else if (kind === 3) rmSync(join(this.root, path));
    else if (kind === 4) appendFileSync(join(this.root, path), seededBytes(`${this.#seed} more ${this.#made}`, 100));
    else if (kind === 5) this.#move(path, `${dirname(path)}/swapped ${this.#made}`);
    else if (kind === 6) truncateSync(join(this.root, path), statSync(join(this.root, path)).size >> 1);
    else if (kind === 7) this.#rewrite(path);
    else this.#moveFolder();
    this.#made += 1;
    this.#writeDown();
  }

  /** What `restored` holds that never was, one line each. */
  findInvented(restored: TreePicture): readonly string[] {
    return [...restored]
      .filter(([path, entry]) => entry.kind === "file" && this.#states.get(path)?.has(stateOf(entry)) !== true)
      .map(([path]) => `${path}: its bytes, size, mode and time never were so together`);
  }

  picture(): TreePicture {
    return pictureTree(this.root);
  }

  /** Writes a new file beside the tree and renames it into place, so that nobody ever sees a half of it. */
  #replace(path: string): void {
    const draft = join(this.#beside, "draft");
    writeSeededFile(draft, `${this.#seed} ${this.#made}`, this.#drawSize());
    const timeS = 1_500_000_000 + this.#numbers.below(100_000_000) + this.#numbers.below(1_000_000) / 1e6;
    utimesSync(draft, timeS, timeS);
    this.#move(draft, path);
    this.#made += 1;
  }

  /** Other bytes of the same length under the same time: only the change time tells. */
  #rewrite(path: string): void {
    const { size, mtimeMs } = statSync(join(this.root, path));
    const draft = join(this.#beside, "draft");
    writeSeededFile(draft, `${this.#seed} again ${this.#made}`, size);
    utimesSync(draft, mtimeMs / 1000, mtimeMs / 1000);
    this.#move(draft, path);
  }

  #move(from: string, to: string): void {
    const target = join(this.root, to);
    mkdirSync(dirname(target), { recursive: true });
    renameSync(from.startsWith("/") ? from : join(this.root, from), target);
  }

  #moveFolder(): void {
    const folders = readdirSync(this.root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const folder = folders[this.#numbers.below(Math.max(1, folders.length))];
    if (folder !== undefined) renameSync(join(this.root, folder.name), join(this.root, `folder ${this.#made}`));
  }

  #newPath(): string {
    return join(FOLDERS[this.#numbers.below(FOLDERS.length)] ?? "", `file ${this.#made} \n.bin`);
  }

  #drawSize(): number {
    const kind = this.#numbers.below(20);
    if (kind === 0) return this.#numbers.below(LARGE_BYTES);
    if (kind < 3) return EDGES[this.#numbers.below(EDGES.length)] ?? 0;
    return this.#numbers.below(kind < 12 ? 20_000 : 200_000);
  }

  #files(): string[] {
    return readdirSync(this.root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(this.root.length + 1))
      .sort();
  }

  #writeDown(): void {
    for (const [path, entry] of this.picture()) {
      if (entry.kind !== "file") continue;
      const states = this.#states.get(path) ?? new Set();
      this.#states.set(path, states.add(stateOf(entry)));
    }
  }
}

function stateOf(entry: Pictured): string {
  return entry.kind === "file" ? [entry.sizeBytes, entry.sha256, entry.mode, entry.mtimeUs].join(" ") : entry.kind;
}
