// What goes wrong with files: failures by path, and changes that happen while a file is read. Rule: a fault is named by
// the locator it strikes, and lasts until it is healed or used up.

import type { TreeFailure } from "./tree-node.ts";

interface Failing {
  readonly failure: TreeFailure;
  /** How many more operations fail; Infinity until healed. */
  times: number;
  readonly strikesListings: boolean;
}

interface Change {
  readonly run: () => void;
  /** How many reads pass before it happens. */
  reads: number;
}

export class TreeFaults {
  /** A host may list less at once than it was asked for (H-20). */
  entriesAtOnce: number = Number.POSITIVE_INFINITY;
  /** Observers hear of nothing, as where a platform loses notices or has none. */
  isUnobserved = false;
  readonly #failing = new Map<string, Failing>();
  readonly #changes = new Map<string, Change[]>();
  readonly #shortReads = new Set<string>();
  readonly #staleSizes = new Map<string, number>();
  readonly #told = new Map<string, object>();
  readonly #partial = new Set<string>();

  /**
   * From now on, looking at or into `locator` fails: `times` times, or until `heal`. Without `strikesListings` a listing of the
   * folder above still gives it as it is, as for a file that may be seen and not be opened.
   */
  fail(locator: string, failure: TreeFailure, times: number = Number.POSITIVE_INFINITY, strikesListings = true): void {
    this.#failing.set(locator, { failure, times, strikesListings });
  }

  heal(locator: string): void {
    this.#failing.delete(locator);
    this.#shortReads.delete(locator);
  }

  /** Every fault ends. */
  healAll(): void {
    this.#failing.clear();
    this.#changes.clear();
    this.#shortReads.clear();
    this.#staleSizes.clear();
    this.#told.clear();
    this.#partial.clear();
    this.isUnobserved = false;
  }

  /** Listings give another size than the file has, as a provider does that has not looked for a while. */
  listStale(locator: string, sizeBytes: number): void {
    this.#staleSizes.set(locator, sizeBytes);
  }

  /** The size that a listing gives instead, or null. */
  staleSizeOf(locator: string): number | null {
    return this.#staleSizes.get(locator) ?? null;
  }

  /** Listings tell these fields of a name, whatever it is; with `failed` among them nothing but that. */
  tellAs(locator: string, fields: object): void {
    this.#told.set(locator, fields);
  }

  /** What a listing tells of a name instead, or null. */
  toldOf(locator: string): object | null {
    return this.#told.get(locator) ?? null;
  }

  /** Listings of this folder may lack names from now on, and say so. */
  listPartially(locator: string): void {
    this.#partial.add(locator);
  }

  isPartial(locator: string): boolean {
    return this.#partial.has(locator);
  }

  /** Reads of `locator` give one byte less than asked for, while its size stays, until `heal`. */
  shorten(locator: string): void {
    this.#shortReads.add(locator);
  }

  /** Runs `change` once, when `locator` has been read `reads` times more: between two reads, or behind the last. */
  whileRead(locator: string, change: () => void, reads = 1): void {
    const changes = this.#changes.get(locator) ?? [];
    changes.push({ run: change, reads });
    this.#changes.set(locator, changes);
  }

  /** The failure that strikes `locator` now, or null. */
  take(locator: string): TreeFailure | null {
    if (this.#failing.size === 0) return null;
    const failing = this.#failing.get(locator);
    if (failing === undefined) return null;
    failing.times--;
    if (failing.times <= 0) this.#failing.delete(locator);
    return failing.failure;
  }

  /** As `take`, for an entry of a listing. */
  takeListed(locator: string): TreeFailure | null {
    return this.#failing.get(locator)?.strikesListings === false ? null : this.take(locator);
  }

  /** Whether a read of `locator` comes short. */
  isShort(locator: string): boolean {
    return this.#shortReads.has(locator);
  }

  /** To be called behind each read: runs the changes that are due. */
  afterRead(locator: string): void {
    const changes = this.#changes.get(locator);
    if (changes === undefined) return;
    for (const change of changes) change.reads--;
    const due = changes.filter(({ reads }) => reads <= 0);
    const left = changes.filter(({ reads }) => reads > 0);
    if (left.length === 0) this.#changes.delete(locator);
    else this.#changes.set(locator, left);
    for (const change of due) change.run();
  }
}
