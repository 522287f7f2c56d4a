// A range of seeds over some threads. Rule: each seed is played once, whichever thread takes it; what it gives depends on the
// seed alone.

import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Manner, SeedReport } from "./campaign.ts";
import type { SeedOrder } from "./seed-worker.ts";

const WORKER = new URL("./seed-worker.ts", import.meta.url);
/** Seeds that a thread takes at once: few enough that none waits long for the other at the end. */
const ORDER_SEEDS = 20;

export interface SeedRange extends Manner {
  readonly first: number;
  readonly last: number;
  readonly workers: number;
  /** True when no more seeds are to be begun. */
  readonly isOver: () => boolean;
}

/** Plays a range of seeds; `onReport` hears of each, in no particular order. Rejects when a thread ends by itself. */
export async function playRange(range: SeedRange, onReport: (report: SeedReport) => void): Promise<void> {
  const { last, crypto, moves, inQuickJs } = range;
  let next = range.first;
  const work = async (): Promise<void> => {
    const worker = new Worker(WORKER);
    try {
      while (next <= last && !range.isOver()) {
        const count = Math.min(ORDER_SEEDS, last - next + 1);
        const order: SeedOrder = { first: next, count, crypto, moves, inQuickJs };
        next += order.count;
        worker.postMessage(order);
        const [reports] = (await once(worker, "message")) as [readonly SeedReport[]];
        for (const report of reports) onReport(report);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: range.workers }, work));
}
