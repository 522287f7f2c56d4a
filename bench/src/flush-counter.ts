// How often a program asks its system to put something on stable storage, by strace(1) where it is there. Rule: counted in a
// round of its own, for a traced program is slow.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const CALLS = "fsync,fdatasync,syncfs,sync,sync_file_range";
const POLL_MS = 20;
const MAX_POLLS = 500;

/** A file that strace fills when the program has ended. */
export class FlushCounter {
  readonly #file: string;

  constructor(folder: string, name: string) {
    this.#file = join(folder, `flushes-${name}`);
  }

  /** What stands before the command. The tracer is the program's grandchild, so that signals reach the program. */
  get before(): readonly string[] {
    return ["strace", "-D", "-f", "-qq", "-c", "-o", this.#file, "-e", `trace=${CALLS}`];
  }

  /** The calls, after the program's end. */
  async read(): Promise<number> {
    for (let poll = 0; poll < MAX_POLLS && !existsSync(this.#file); poll += 1) await pass();
    // The table is written at once, a moment after its file is made.
    await pass();
    return existsSync(this.#file) ? countCalls(readFileSync(this.#file, "utf8")) : 0;
  }
}

/** The sum of the calls in a table of `strace -c`. */
export function countCalls(table: string): number {
  let calls = 0;
  for (const line of table.split("\n")) {
    const [, count = "0"] = /^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(?!total)\w+\s*$/.exec(line) ?? [];
    calls += Number(count);
  }
  return calls;
}

function pass(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, POLL_MS));
}
