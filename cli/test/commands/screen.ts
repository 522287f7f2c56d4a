// A screen for tests: what stands on it after the texts and the few control sequences that Coffre uses.

const ERASE_LINE = "\u001b[K";

/** A terminal's screen of `columns` columns that never scrolls away. */
export class Screen {
  readonly #columns: number;
  readonly #rows: string[] = [""];
  #column = 0;

  constructor(columns: number) {
    this.#columns = columns;
  }

  get lines(): readonly string[] {
    return this.#rows.map((row) => row.trimEnd());
  }

  /** The text of the row with the cursor, as far as the cursor. */
  get beforeCursor(): string {
    return (this.#rows.at(-1) ?? "").slice(0, this.#column);
  }

  write(text: string): void {
    for (let at = 0; at < text.length; at++) {
      if (text.startsWith(ERASE_LINE, at)) {
        this.#replaceRow((this.#rows.at(-1) ?? "").slice(0, this.#column));
        at += ERASE_LINE.length - 1;
      } else this.#put(text.charAt(at));
    }
  }

  #put(char: string): void {
    if (char === "\n" || this.#column === this.#columns) {
      this.#rows.push("");
      this.#column = 0;
    }
    if (char === "\r") this.#column = 0;
    else if (char === "\b") this.#column = Math.max(0, this.#column - 1);
    else if (char === "\u001b") throw new Error("a control sequence that this screen does not know");
    else if (char !== "\n") {
      const row = (this.#rows.at(-1) ?? "").padEnd(this.#column);
      this.#replaceRow(row.slice(0, this.#column) + char + row.slice(this.#column + 1));
      this.#column++;
    }
  }

  #replaceRow(row: string): void {
    this.#rows[this.#rows.length - 1] = row;
  }
}
