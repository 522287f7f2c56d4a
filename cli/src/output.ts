// What a command prints. Rule: with `--json`, standard output holds lines of JSON and nothing else, the last one a summary;
// without, it holds what was asked for, and everything about the work goes to standard error.

import type { Writable } from "node:stream";
import { formatAsciiJson } from "./host/ascii-json.ts";

/** Where a command prints. */
export interface Streams {
  readonly out: Writable;
  readonly error: Writable & { readonly isTTY?: boolean };
}

/** One command's output. */
export class Output {
  readonly #streams: Streams;
  readonly isJson: boolean;
  readonly #beganMs = Date.now();

  constructor(streams: Streams, isJson: boolean) {
    this.#streams = streams;
    this.isJson = isJson;
  }

  /** Whether a person watches the work at a terminal. */
  get isLive(): boolean {
    return !this.isJson && this.#streams.error.isTTY === true;
  }

  get error(): Writable {
    return this.#streams.error;
  }

  /** A line that was asked for; with `--json` there is none. */
  line(text = ""): void {
    if (!this.isJson) this.#streams.out.write(`${text}\n`);
  }

  /** A line about the work; with `--json` there is none. */
  note(text: string): void {
    if (!this.isJson) this.#streams.error.write(`${text}\n`);
  }

  /** A line for programs; without `--json` there is none. */
  item(type: string, fields: object): void {
    if (this.isJson) this.#streams.out.write(`${formatAsciiJson({ type, ...fields })}\n`);
  }

  /** The last line for programs. */
  summary(command: string, exitCode: number, fields: object): void {
    this.item("summary", { command, exitCode, ...fields, elapsedMs: Date.now() - this.#beganMs });
  }

  /** Says why the command failed: a sentence for the person; programs find it in the summary. */
  failure(message: string): void {
    if (!this.isJson) this.#streams.error.write(`coffre: ${message}\n`);
  }
}
