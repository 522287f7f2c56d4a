// The `write` items of `finish-file` (docs/host-api.md H-38). Rule: a file is on stable storage as a whole before the answer, with
// whatever a download wrote into it.

import type { FinishedItem, FinishItem } from "coffre-engine";
import { locate } from "../names.ts";
import { notFinishedOf } from "../restore-target.ts";
import { flushFiles } from "../stable-storage.ts";
import { WorkFiles, type WriteFailure } from "../work-files.ts";

type WriteItem = FinishItem & { kind: "write" };

const OK: FinishedItem = { kind: "ok" };

/** Bytes that one effect writes into files of its work folder. */
export class WorkWrites {
  readonly #work: string;
  readonly #files: WorkFiles;
  readonly #written: { readonly index: number; readonly to: string }[] = [];

  constructor(work: string) {
    this.#work = work;
    this.#files = new WorkFiles([work]);
  }

  /** Writes what item `index` says. */
  write(index: number, { to, offset, bytes, ends }: WriteItem): FinishedItem {
    const content = Buffer.from(bytes, "base64");
    const failure = this.#files.write(0, to, offset, content);
    const ended = failure !== null || !ends ? failure : this.#files.end(0, to, offset + content.length);
    if (ended === null) this.#written.push({ index, to });
    return finishedOf(ended);
  }

  /** Flushes what was written; the items that do not last, and why. */
  async flush(): Promise<ReadonlyMap<number, FinishedItem>> {
    this.#files.close();
    const lost = new Map<number, FinishedItem>();
    for (const to of new Set(this.#written.map((each) => each.to))) {
      const end = finishedOf(this.#files.failureOf(0, to));
      const flushed = end.kind === "ok" ? await this.#flushFile(to) : end;
      if (flushed.kind === "ok") continue;
      for (const each of this.#written) if (each.to === to) lost.set(each.index, flushed);
    }
    return lost;
  }

  /** Closes what is open. */
  close(): void {
    this.#files.close();
  }

  async #flushFile(to: string): Promise<FinishedItem> {
    try {
      await flushFiles(locate(this.#work, ""), [locate(this.#work, to)]);
      return OK;
    } catch (error) {
      return notFinishedOf(error);
    }
  }
}

function finishedOf(failure: WriteFailure | null): FinishedItem {
  if (failure === null) return OK;
  return failure === "no-space" ? { kind: "no-space" } : { kind: "refused", reason: failure };
}
