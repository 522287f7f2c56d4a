// How far a restore is, for a person to watch. Rule: shown at most twice a second of the host's clock; the numbers begin
// with what earlier processes did.

import { SEAL_OVERHEAD_BYTES } from "../format/ladder.ts";
import type { Context } from "../runtime/context.ts";
import type { Row } from "../store/store.ts";
import { int } from "../store/store.ts";
import { KIND, PART, STATE } from "./schema.ts";

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
    const total = store.first(
      `SELECT count(*), coalesce(sum(v.size), 0), coalesce(sum(f.state = ${STATE.done}), 0),
         coalesce(sum(CASE WHEN f.state = ${STATE.done} THEN v.size ELSE 0 END), 0)
        FROM restore_file f JOIN index_version v ON v.id = f.version WHERE f.kind = ${KIND.file}`,
    ) as Row;
    const written = store.first(
      `SELECT coalesce(sum(p.sealed - ${SEAL_OVERHEAD_BYTES}), 0) FROM restore_part p JOIN restore_file f ON f.id = p.file
        WHERE p.state = ${PART.written} AND f.state != ${STATE.done}`,
    ) as Row;
    this.#filesTotal = int(total, 0);
    this.#bytesTotal = int(total, 1);
    this.#filesDone = int(total, 2);
    this.#bytesDone = int(total, 3) + int(written, 0);
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
