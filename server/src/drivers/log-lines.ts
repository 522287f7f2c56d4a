// Log lines on standard output (P-8). Rule: nobody waits for a line; one that cannot be written is lost, and counted.

import { write } from "node:fs";

/** Lines that wait while the output takes none: some minutes of a busy server. */
const MAX_WAITING = 2_000;
const RETRY_MS = 200;
/** How long a stop waits for the last lines. */
const END_MS = 1_000;

export type LogLines = {
  write(line: string): void;
  /** Whether all that waited was written, at the end of a second at the latest. */
  end(): Promise<boolean>;
};

/** Writes lines to the open file `descriptor`, one write at a time, beside the work. */
export function openLogLines(descriptor: number): LogLines {
  let waiting: Buffer[] = [];
  let isWriting = false;
  let lostLines = 0;
  let onIdle: (() => void) | null = null;

  const writeNext = (): void => {
    const [next] = waiting;
    if (next === undefined) {
      isWriting = false;
      onIdle?.();
      return;
    }
    isWriting = true;
    write(descriptor, next, (error, sizeBytes) => {
      if (error === null && sizeBytes < next.length) waiting[0] = next.subarray(sizeBytes);
      else if (error?.code === "EAGAIN") {
        setTimeout(writeNext, RETRY_MS).unref();
        return;
      } else {
        waiting.shift();
        if (error === null) tellLost();
        else lostLines += 1;
      }
      writeNext();
    });
  };
  const tellLost = (): void => {
    if (lostLines === 0) return;
    const line = { level: "warn", time: new Date().toISOString(), lines: lostLines, msg: "lines were lost" };
    lostLines = 0;
    waiting.unshift(Buffer.from(`${JSON.stringify(line)}\n`));
  };
  return {
    write: (line) => {
      if (waiting.length >= MAX_WAITING) {
        waiting = [...waiting.slice(0, 1), ...waiting.slice(MAX_WAITING / 2)];
        lostLines += MAX_WAITING / 2 - 1;
      }
      waiting.push(Buffer.from(line));
      if (!isWriting) writeNext();
    },
    end: () =>
      new Promise<boolean>((resolve) => {
        if (!isWriting) return resolve(true);
        const timer = setTimeout(() => resolve(false), END_MS);
        onIdle = () => {
          clearTimeout(timer);
          resolve(true);
        };
      }),
  };
}
