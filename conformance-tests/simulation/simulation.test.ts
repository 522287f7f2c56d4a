// What every run of the tests plays: a thousand seeds, and some of them in QuickJS. Rule: `npm run simulate` plays any others.

import { expect, test } from "vitest";
import { bundleForSimulation } from "./bundle.ts";
import { playSeed, type SeedReport } from "./campaign.ts";
import { FAULT_KINDS } from "./fault-kinds.ts";
import { playRange } from "./seed-range.ts";

const PATIENCE = { timeout: 900_000 };

async function play(first: number, last: number, inQuickJs: boolean): Promise<readonly SeedReport[]> {
  const reports: SeedReport[] = [];
  const range = { first, last, workers: 2, crypto: null, moves: null, inQuickJs, isOver: () => false };
  await playRange(range, (report) => reports.push(report));
  return reports;
}

test("a thousand stories break no promise, and each kind of fault strikes in them", PATIENCE, async () => {
  const reports = await play(1, 1_000, false);
  expect(reports.flatMap(({ broken }) => (broken === null ? [] : [broken.story]))).toEqual([]);
  expect(reports.length).toBe(1_000);
  const unseen = FAULT_KINDS.filter((kind) => !reports.some(({ counts }) => (counts[kind] ?? 0) > 0));
  expect(unseen).toEqual([]);
});

test("a seed gives the same trace in QuickJS", PATIENCE, async () => {
  const reports = await play(101, 106, true);
  expect(reports.flatMap(({ broken }) => (broken === null ? [] : [broken.story]))).toEqual([]);
});

test("a seed gives the same trace whenever it is played, and another one gives another", async () => {
  const script = await bundleForSimulation();
  const traces = [11, 11, 12].map((seed) => playSeed(seed, script, null).trace);
  expect(traces[0]).toBe(traces[1]);
  expect(traces[0]).not.toBe(traces[2]);
});
