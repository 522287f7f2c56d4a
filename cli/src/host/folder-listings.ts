// Listings of large folders, kept between the scans that continue them (docs/host-api.md H-20). Rule: a listing is used
// again only to go on exactly where the last answer ended; whoever begins a folder gets a new one.

import type { ScanFailure } from "coffre-engine";
import { keyOfText } from "./names.ts";

/** Names kept in all, about 40 bytes each. Those of a folder with more are listed again for as many. */
const MOST_NAMES = 300_000;
const FRESH_MS = 300_000;

/** Lists a folder: the keys of its names in order, or why not; null for a folder that is Coffre's own. */
export type ListFolder = (root: string, path: string) => string[] | ScanFailure | null;

/** Names of a folder, and how far they were answered; of a very large folder only the next ones. */
export class Listing {
  readonly #keys: readonly string[];
  /** More names follow the last one, which another listing gives. */
  readonly #isCut: boolean;
  readonly madeMs = performance.now();
  #next = 0;
  #last: string | null;

  /** Begins behind the name with the key `after`, or at the first name, with `most` names. */
  constructor(keys: readonly string[], after: string | null, most: number) {
    const first = after === null ? 0 : placeBehind(keys, after);
    this.#isCut = keys.length - first > most;
    this.#keys = keys.slice(first, first + most);
    this.#last = after;
  }

  get size(): number {
    return this.#keys.length;
  }

  /** Whether every name was answered. */
  get isEnd(): boolean {
    return this.#next === this.#keys.length && !this.#isCut;
  }

  /** Whether the last name that was answered has this key, and there is one behind it. */
  goesOn(after: string): boolean {
    return this.#last === after && this.#next < this.#keys.length;
  }

  /** The keys from here on, as far as the loop goes; `advance` marks each that was answered. */
  *rest(): Generator<string> {
    for (let at = this.#next; at < this.#keys.length; at++) yield this.#keys[at] as string;
  }

  advance(): void {
    this.#last = this.#keys[this.#next] as string;
    this.#next++;
  }
}

/** The listings that scans may go on with. */
export class FolderListings {
  readonly #kept = new Map<string, Listing>();
  readonly #mostNames: number;

  constructor(mostNames: number = MOST_NAMES) {
    this.#mostNames = mostNames;
  }

  /** The listing of a folder behind `after`, kept or new; null for a folder that is Coffre's own. */
  list(root: string, path: string, after: string | null, listFolder: ListFolder): Listing | ScanFailure | null {
    const id = `${root}\0${path}`;
    const kept = this.#kept.get(id);
    const key = after === null ? null : keyOfText(after);
    if (kept !== undefined && key !== null && kept.goesOn(key) && performance.now() - kept.madeMs < FRESH_MS)
      return kept;
    const keys = listFolder(root, path);
    this.#kept.delete(id);
    if (keys === null || typeof keys === "string") return keys;
    const listing = new Listing(keys, key, this.#mostNames);
    this.#makeRoom(listing.size);
    this.#kept.set(id, listing);
    return listing;
  }

  /** Forgets a listing that was answered to its end. */
  drop(root: string, path: string): void {
    this.#kept.delete(`${root}\0${path}`);
  }

  #makeRoom(names: number): void {
    let sum = names;
    for (const listing of this.#kept.values()) sum += listing.size;
    for (const [id, listing] of this.#kept) {
      if (sum <= this.#mostNames) return;
      this.#kept.delete(id);
      sum -= listing.size;
    }
  }
}

/** The index of the first key above `key`. */
function placeBehind(keys: readonly string[], key: string): number {
  let from = 0;
  let to = keys.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((keys[middle] as string) <= key) from = middle + 1;
    else to = middle;
  }
  return from;
}
