// How far the work is: a line with a bar, rate and time left at a terminal, lines with `--json`, nothing else. Rule: what is
// shown is what the engine said; only the rate is computed here.

import type { View } from "coffre-engine";
import { say } from "./language.ts";
import type { Output } from "./output.ts";
import { showBytes, showCount, showDuration, showNumber } from "./printable.ts";
import { waitingWords } from "./words.ts";

type ProgressView = Extract<View, { kind: "progress" }>;

/** Between two lines of JSON, and between two rates. */
const LINE_MS = 1_000;
/** The rate is that of the last seconds. */
const WINDOW_MS = 10_000;
const BAR_CHARS = 16;

/** Shows progress views. Whatever else is printed takes the line away; it comes back with the next view. */
export class ProgressDisplay {
  readonly #output: Output;
  #printedMs = 0;
  #past: { readonly atMs: number; readonly bytes: number }[] = [];

  constructor(output: Output) {
    this.#output = output;
  }

  show(view: ProgressView): void {
    const nowMs = performance.now();
    this.#remember(nowMs, view.bytesDone);
    // The last word before a rest is always said.
    if (this.#output.isJson && (view.phase === "idle" || nowMs - this.#printedMs >= LINE_MS)) {
      this.#printedMs = nowMs;
      const { kind: _kind, ...fields } = view;
      this.#output.item("progress", fields);
    }
    if (!this.#output.isLive) return;
    const { terminal } = this.#output;
    terminal.showProgress(formatProgress(view, this.#rateBytesPerS(), terminal.columns));
  }

  /** Says in the line's place that there is nothing to do. */
  rest(words: string): void {
    this.#past = [];
    if (this.#output.isLive) this.#output.terminal.showProgress(words);
  }

  #remember(atMs: number, bytes: number): void {
    if (bytes < (this.#past.at(-1)?.bytes ?? 0)) this.#past = [];
    this.#past.push({ atMs, bytes });
    while ((this.#past[0]?.atMs ?? atMs) < atMs - WINDOW_MS) this.#past.shift();
  }

  #rateBytesPerS(): number {
    const [first, last] = [this.#past[0], this.#past.at(-1)];
    if (first === undefined || last === undefined || last.atMs - first.atMs < 500) return 0;
    return ((last.bytes - first.bytes) / (last.atMs - first.atMs)) * 1000;
  }
}

/** One line of less than `columns` characters, the most important first: what does not fit whole is left out. */
export function formatProgress(view: ProgressView, rateBytesPerS: number, columns: number): string {
  const { filesDone, filesTotal, bytesDone, bytesTotal } = view;
  const phase =
    view.waiting === undefined
      ? say("phase", view.phase)
      : say("progress", "waiting", { reason: waitingWords(view.waiting) });
  const isMoving = view.waiting === undefined && view.phase !== "idle" && rateBytesPerS >= 1;
  const part = bytesTotal > 0 ? bytesDone / bytesTotal : filesDone / Math.max(1, filesTotal);
  const isKnown = bytesTotal > 0 || filesTotal > 0;
  const filled = Math.round(Math.min(1, part) * BAR_CHARS);
  const left = Math.max(0, bytesTotal - bytesDone) / Math.max(1, rateBytesPerS);
  const pieces = [
    isKnown ? ` ${Math.floor(Math.min(1, part) * 100)}%` : "",
    isKnown ? ` [${"=".repeat(filled)}${"-".repeat(BAR_CHARS - filled)}]` : "",
    bytesTotal > 0 ? ` ${say("progress", "part", { done: showBytes(bytesDone), all: showBytes(bytesTotal) })}` : "",
    isMoving ? `, ${say("size", "per-second", { size: showBytes(rateBytesPerS) })}` : "",
    isMoving && left >= 1 ? `, ${say("progress", "left", { duration: showDuration(left) })}` : "",
    filesTotal > 0
      ? `  ${say("progress", "part", { done: showNumber(filesDone), all: showCount(filesTotal, "file") })}`
      : "",
  ];
  let line = phase.slice(0, columns - 1);
  for (const piece of pieces) {
    if (line.length + piece.length >= columns) break;
    line += piece;
  }
  return line;
}
