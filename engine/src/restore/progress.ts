// How far a restore is, for a person to watch. Rule: shown at most twice a second of the host's clock; the numbers begin
// with what earlier processes did.

import type { Context } from "../runtime/context.ts";
import { sumWritten } from "./tables/part-rows.ts";
import { sumRestore } from "./tables/restored-files.ts";

const INTERVAL_MS = 500;

export class ProgressMeter {
  readonly #ctx: Context;
  #filesDone = 0;
  #filesTotal = 0;
  #bytesDone = 0;
  #bytesTotal = 0;
  #shownAtMs = 0;

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  /** Reads where the restore stands and shows it. */
  begin(): void {
    const { store } = this.#ctx;
    const total = sumRestore(store);
    this.#filesTotal = total.files;
    this.#bytesTotal = total.bytes;
    this.#filesDone = total.filesDone;
    this.#bytesDone = total.bytesDone + sumWritten(store);
    this.#shownAtMs = 0;
    this.show();
  }

  addBytes(sizeBytes: number): void {
    this.#bytesDone += sizeBytes;
  }

  addFiles(files: number): void {
    this.#filesDone += files;
  }

  /** Shows the numbers, unless it did a moment ago. */
  show(): void {
    const { now } = this.#ctx;
    if (now >= this.#shownAtMs && now < this.#shownAtMs + INTERVAL_MS) return;
    this.#shownAtMs = now;
    this.#ctx.show({
      kind: "progress",
      phase: "restoring",
      filesDone: this.#filesDone,
      filesTotal: this.#filesTotal,
      bytesDone: this.#bytesDone,
      bytesTotal: this.#bytesTotal,
    });
  }
}
