// How far the work is: a bar with rate and time left at a terminal, lines with `--json`, nothing else. Rule: what is shown is
// what the engine said; only the rate is computed here.

import progress from "cli-progress";
import type { View } from "coffre-engine";
import type { Output } from "./output.ts";
import { showBytes, showCount, showDuration } from "./printable.ts";
import { WAITING_WORDS } from "./words.ts";

type ProgressView = Extract<View, { kind: "progress" }>;

const PHASES: Record<ProgressView["phase"], string> = {
  pairing: "Pairing",
  scanning: "Looking",
  hashing: "Reading",
  uploading: "Sending",
  recording: "Recording",
  "reading-index": "Reading the index",
  restoring: "Restoring",
  idle: "Waiting",
};

const LINE_MS = 1_000;
/** The rate is that of the last seconds. */
const WINDOW_MS = 10_000;

/** Shows progress views; call `close` before anything else is printed at the end. */
export class ProgressDisplay {
  readonly #output: Output;
  readonly #bar: progress.SingleBar | null;
  #started = false;
  #printedMs = 0;
  #past: { readonly atMs: number; readonly bytes: number }[] = [];

  constructor(output: Output) {
    this.#output = output;
    this.#bar = output.isLive
      ? new progress.SingleBar(
          {
            stream: output.error as NodeJS.WritableStream,
            // The most important first: a narrow terminal cuts the end.
            format: "{phase} {percentage}% [{bar}] {bytes}{rate}{left}  {files}",
            barsize: 16,
            hideCursor: true,
            clearOnComplete: true,
            stopOnComplete: false,
            gracefulExit: false,
          },
          progress.Presets.legacy,
        )
      : null;
  }

  show(view: ProgressView): void {
    const nowMs = Date.now();
    this.#remember(nowMs, view.bytesDone);
    // The last word before a rest is always said.
    if (this.#output.isJson && (view.phase === "idle" || nowMs - this.#printedMs >= LINE_MS)) {
      this.#printedMs = nowMs;
      const { kind: _kind, ...fields } = view;
      this.#output.item("progress", fields);
    }
    this.#draw(view);
  }

  /** Takes the bar away, so that lines can be printed; it comes back with the next view. */
  close(): void {
    if (this.#started) this.#bar?.stop();
    this.#started = false;
  }

  #draw(view: ProgressView): void {
    if (this.#bar === null) return;
    const rate = this.#rateBytesPerS();
    const left = rate > 0 ? (view.bytesTotal - view.bytesDone) / rate : 0;
    const isKnown = view.bytesTotal > 0;
    const fields = {
      phase: view.waiting === undefined ? PHASES[view.phase] : `Waiting (${WAITING_WORDS[view.waiting]})`,
      files: `${view.filesDone} of ${showCount(view.filesTotal, "file")}`,
      bytes: `${showBytes(view.bytesDone)} of ${showBytes(view.bytesTotal)}`,
      rate: rate > 0 ? `, ${showBytes(rate)}/s` : "",
      left: left > 0 ? `, ${showDuration(left)} left` : "",
    };
    const [done, total] = isKnown ? [view.bytesDone, view.bytesTotal] : [view.filesDone, Math.max(1, view.filesTotal)];
    if (!this.#started) this.#bar.start(total, done, fields);
    this.#started = true;
    this.#bar.setTotal(total);
    this.#bar.update(done, fields);
  }

  #remember(atMs: number, bytes: number): void {
    if (bytes < (this.#past.at(-1)?.bytes ?? 0)) this.#past = [];
    this.#past.push({ atMs, bytes });
    while ((this.#past[0]?.atMs ?? atMs) < atMs - WINDOW_MS && this.#past.length > 2) this.#past.shift();
  }

  #rateBytesPerS(): number {
    const [first, last] = [this.#past[0], this.#past.at(-1)];
    if (first === undefined || last === undefined || last.atMs - first.atMs < 500) return 0;
    return ((last.bytes - first.bytes) / (last.atMs - first.atMs)) * 1000;
  }
}
