// What a command prints. Rule: with `--json`, standard output holds lines of JSON and nothing else, the last one a summary;
// without, it holds what was asked for, and everything about the work goes to standard error.

import { toAsciiJson } from "coffre-engine";
import type { Terminal } from "./terminal.ts";

/** One command's output. */
export class Output {
  readonly terminal: Terminal;
  readonly isJson: boolean;
  /** Only what needs somebody is said: for programs that mail every line. */
  readonly isQuiet: boolean;
  readonly #beganMs = Date.now();
  #isInterrupted = false;

  constructor(
    terminal: Terminal,
    { json = false, quiet = false }: { readonly json?: boolean; readonly quiet?: boolean },
  ) {
    this.terminal = terminal;
    this.isJson = json;
    this.isQuiet = quiet;
  }

  /** Whether a person watches the work at a terminal. */
  get isLive(): boolean {
    return !this.isJson && !this.isQuiet && this.terminal.isWatched;
  }

  /** Whether the person answered a question with Ctrl-C. */
  get isInterrupted(): boolean {
    return this.#isInterrupted;
  }

  interrupt(): void {
    this.#isInterrupted = true;
  }

  /** A line that was asked for; with `--json` there is none. */
  line(text = ""): void {
    if (!this.isJson) this.terminal.print(`${text}\n`);
  }

  /** A line about the work; with `--json` there is none. */
  note(text: string): void {
    if (!this.isJson) this.terminal.note(`${text}\n`);
  }

  /** A line for programs; without `--json` there is none. */
  item(type: string, fields: object): void {
    if (this.isJson) this.terminal.print(`${toAsciiJson({ type, ...fields })}\n`);
  }

  /** The last line for programs. */
  summary(command: string, exitCode: number, fields: object): void {
    this.item("summary", { command, exitCode, ...fields, elapsedMs: Date.now() - this.#beganMs });
  }

  /** Says why the command failed: a sentence for the person; programs find it in the summary. */
  failure(message: string): void {
    if (!this.isJson) this.terminal.note(`coffre: ${message}\n`);
  }
}
