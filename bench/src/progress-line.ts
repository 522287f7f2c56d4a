// One line that says how far a command of `coffre` is. Rule: on a terminal the line is written over; elsewhere only each
// next quarter is said, so that a log stays short.

import type { ClientEvent } from "../../conformance-tests/end-to-end/client-process.ts";
import { formatBytes, formatNumber, readWidth } from "./table.ts";

const QUARTER = 25;
/** The last quarter: nothing is left to say. */
const WHOLE = 4;
const REDRAW_MS = 100;

export class ProgressLine {
  readonly #label: string;
  readonly #out: NodeJS.WriteStream;
  #drawnMs = Number.NEGATIVE_INFINITY;
  #said = 0;
  #last = "";
  #isOpen = false;

  constructor(label: string, out: NodeJS.WriteStream = process.stdout) {
    this.#label = label;
    this.#out = out;
  }

  /** Shows a progress event of `coffre --json`; other events are not for this line. */
  show(event: ClientEvent): void {
    if (event.type !== "progress") return;
    const [bytesDone, bytesTotal] = [readNumber(event["bytesDone"]), readNumber(event["bytesTotal"])];
    const [filesDone, filesTotal] = [readNumber(event["filesDone"]), readNumber(event["filesTotal"])];
    const part = bytesTotal > 0 ? bytesDone / bytesTotal : filesTotal > 0 ? filesDone / filesTotal : 0;
    const percent = Math.min(100, Math.floor(part * 100));
    const line = `${this.#label} ${String(percent).padStart(3)} %  ${formatNumber(filesDone)} of ${formatNumber(filesTotal)} files  ${formatBytes(bytesDone)}`;
    this.#last = line;
    if (this.#out.isTTY) this.#redraw(line);
    else this.#say(line, percent);
  }

  /** Says how far it came, and leaves the line, so that the next text begins on a new one. */
  end(): void {
    if (this.#last === "") return;
    if (this.#out.isTTY) this.#draw(this.#last);
    else if (this.#said < WHOLE) this.#out.write(this.#last);
    if (this.#isOpen || this.#said < WHOLE) this.#out.write("\n");
    this.#isOpen = false;
  }

  #redraw(line: string): void {
    const nowMs = performance.now();
    if (nowMs - this.#drawnMs < REDRAW_MS) return;
    this.#drawnMs = nowMs;
    this.#draw(line);
  }

  #draw(line: string): void {
    this.#isOpen = true;
    this.#out.write(`\r\u001b[K${line.slice(0, readWidth() - 1)}`);
  }

  #say(line: string, percent: number): void {
    const quarter = Math.floor(percent / QUARTER);
    if (quarter <= this.#said) return;
    this.#said = quarter;
    this.#out.write(`${line}\n`);
  }
}

function readNumber(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
