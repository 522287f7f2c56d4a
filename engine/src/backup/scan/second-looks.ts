// Names and folders that were listed and not there a moment later. Rule: once that may be chance, and everything is looked at
// again; twice it is told, for no listing will ever say that such a thing has gone.

/** What vanished since the last sweep began; in memory, since a sweep looks at everything anew. */
export class SecondLooks {
  readonly #names = new Map<number, Set<string>>();
  readonly #again = new Set<number>();
  readonly #folders = new Set<number>();

  /** A sweep begins: everything gets a first look. */
  clear(): void {
    this.#names.clear();
    this.#again.clear();
    this.#folders.clear();
  }

  /** Notes that a name in a folder vanished; true when it had vanished in the look before too. */
  noteName(folder: number, name: string): boolean {
    const names = this.#names.get(folder) ?? new Set();
    this.#names.set(folder, names);
    if (this.#again.has(folder)) return names.has(name);
    names.add(name);
    return false;
  }

  /** Whether a folder whose listing has ended is to be listed once more for what vanished in it. True once. */
  takeAgain(folder: number): boolean {
    if (!this.#names.has(folder) || this.#again.has(folder)) return false;
    this.#again.add(folder);
    return true;
  }

  /** Notes that a folder itself vanished; true when it had before. */
  noteFolder(folder: number): boolean {
    if (this.#folders.has(folder)) return true;
    this.#folders.add(folder);
    return false;
  }
}
