// A phone's Store that remembers how it was: real SQLite, with its last commits and some older copies. Rule: what is brought
// back is a state that was committed once, as after a power cut or from a backup of the phone.

import { MemoryStore } from "../scripted-host/memory-store.ts";

const LAST_COMMITS = 6;
const OLDER_COPIES = 4;
const EMPTY = new Uint8Array(0);

export class SimulatedStore extends MemoryStore {
  /** Called after each commit. */
  onCommit: () => void = () => {};
  readonly #keepsCommits: boolean;
  readonly #last: Uint8Array[] = [];
  readonly #older: Uint8Array[] = [];

  /** `keepsCommits`: the story will ask for lost commits, and a copy of each is paid for. */
  constructor(keepsCommits: boolean) {
    super();
    this.#keepsCommits = keepsCommits;
  }

  override commit(): void {
    super.commit();
    if (this.#keepsCommits) {
      this.#last.push(this.snapshot());
      if (this.#last.length > LAST_COMMITS) this.#last.shift();
    }
    this.onCommit();
  }

  /** From here on commits can be lost: what was paired before stays. */
  settle(): void {
    this.#last.length = 0;
  }

  /** Keeps a copy as of now, to be brought back much later. */
  keepCopy(): void {
    this.#older.push(this.snapshot());
    if (this.#older.length > OLDER_COPIES) this.#older.shift();
  }

  /** Goes back by up to `count` commits; false when there are not that many. */
  loseCommits(count: number): boolean {
    const at = this.#last.length - 1 - count;
    if (at < 0) return false;
    this.restore(this.#last[at] as Uint8Array);
    this.#last.length = at + 1;
    return true;
  }

  /** Brings one of the older copies back; false when there is none. */
  bringCopyBack(choice: number): boolean {
    if (this.#older.length === 0) return false;
    this.restore(this.#older[choice % this.#older.length] as Uint8Array);
    return true;
  }

  wipe(): void {
    this.restore(EMPTY);
    this.#last.length = 0;
    this.#older.length = 0;
  }
}
