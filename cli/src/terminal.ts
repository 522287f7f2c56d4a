// The terminal, or what stands in its place. Rule: it has one owner. Whatever a command shows or asks goes through here, so
// that lines, questions and the line of progress never stand in each other.

import type { Readable, Writable } from "node:stream";
import { errnoOf } from "./host/system-error.ts";
import type { Prompt } from "./host/typed-line.ts";

/** A stream that may lead to a terminal. */
export type Screen = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** What a process reads and prints. */
export interface Streams {
  readonly input: Readable & { readonly isTTY?: boolean; setRawMode?(on: boolean): unknown };
  readonly out: Screen;
  readonly error: Screen;
}

/**
 * What became of standard output: all of it was taken; its reader has gone, as `head` does; or it could not be written, as on a
 * full disk.
 */
export type Delivery = "taken" | "reader-gone" | "failed";

const PLAIN_COLUMNS = 80;
const ERASE_LINE = "\r\u001b[K";

/** One process's terminal. */
export class Terminal {
  readonly #streams: Streams;
  #delivery: Delivery = "taken";
  #onReaderGone: () => void = () => {};
  /** Whether the cursor stands behind the line of progress. */
  #hasProgress = false;
  /** Whether the cursor stands behind a question. */
  #isAsking = false;

  constructor(streams: Streams) {
    this.#streams = streams;
    streams.out.on("error", (error) => this.#lose(error));
    // Nobody is left to be told; the exit code still says how it ended.
    streams.error.on("error", () => {});
  }

  /** Whether a person watches the work. */
  get isWatched(): boolean {
    return this.#streams.error.isTTY === true;
  }

  /** Whether a person can be asked. */
  get canAsk(): boolean {
    return this.#streams.input.isTTY === true;
  }

  /** The columns of the screen that shows the work; 80 where there is none. */
  get columns(): number {
    return this.#streams.error.columns ?? PLAIN_COLUMNS;
  }

  /** The columns of the screen that shows what was asked for; 80 where there is none. */
  get pageColumns(): number {
    return this.#streams.out.columns ?? PLAIN_COLUMNS;
  }

  get delivery(): Delivery {
    return this.#delivery;
  }

  /** Prints what was asked for. */
  print(text: string): void {
    this.clearProgress();
    if (this.#delivery === "taken") this.#streams.out.write(text);
  }

  /** Prints what was asked for, and says afterwards whether it was taken. */
  async printSurely(text: string): Promise<boolean> {
    this.print(text);
    await this.settle();
    return this.#delivery === "taken";
  }

  /** Waits until what was printed is known to be taken or lost. */
  async settle(): Promise<void> {
    if (this.#delivery !== "taken") return;
    await new Promise<void>((resolve) => {
      this.#streams.out.write("", (error) => {
        if (error) this.#lose(error);
        resolve();
      });
    });
  }

  /** Prints something about the work. */
  note(text: string): void {
    this.clearProgress();
    this.#streams.error.write(text);
  }

  /** Shows how far the work is, in one line that the next one replaces; nothing while a question waits. */
  showProgress(line: string): void {
    if (!this.isWatched || this.#isAsking) return;
    this.#streams.error.write(ERASE_LINE + line);
    this.#hasProgress = true;
  }

  clearProgress(): void {
    if (this.#hasProgress) this.#streams.error.write(ERASE_LINE);
    this.#hasProgress = false;
  }

  /** Where questions are asked, and answers typed. */
  get prompt(): Prompt {
    const show = (text: string): void => {
      this.note(text);
      this.#isAsking = !text.endsWith("\n");
    };
    return { input: this.#streams.input, show };
  }

  /** Calls `call` when nobody reads standard output any more, for commands that do nothing else than print. */
  onReaderGone(call: () => void): void {
    this.#onReaderGone = call;
  }

  #lose(error: Error): void {
    const isFirst = this.#delivery === "taken";
    const isGone = errnoOf(error) === "EPIPE" || errnoOf(error) === "ERR_STREAM_DESTROYED";
    if (isFirst) this.#delivery = isGone ? "reader-gone" : "failed";
    if (isFirst && isGone) this.#onReaderGone();
  }
}
