// A thread that plays seeds: is sent a few at a time, and reports each. Rule: it decides nothing.

import { parentPort } from "node:worker_threads";
import { type Manner, reportSeed } from "./campaign.ts";

/** Seeds to play one after the other. */
export interface SeedOrder extends Manner {
  readonly first: number;
  readonly count: number;
}

parentPort?.on("message", async ({ first, count, ...manner }: SeedOrder) => {
  const reports = [];
  for (let seed = first; seed < first + count; seed++) reports.push(await reportSeed(seed, manner));
  parentPort?.postMessage(reports);
});
