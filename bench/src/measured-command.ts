// A command, run to its end and measured. Rule: processor time is what the kernel adds to this process for children that it
// has waited for, so one command runs at a time.

import { readFileSync } from "node:fs";
import { Child, type Ended } from "../../conformance-tests/end-to-end/child.ts";
import { readProcessUsage } from "./process-usage.ts";
import { lastLine, Sentence } from "./sentence.ts";
import { followUsage } from "./usage-follower.ts";

/** Clock ticks a second as user space sees them on Linux (proc(5)). */
const TICKS_PER_S = 100;
/** The places of cutime and cstime behind the command's name. */
const CHILDREN_UTIME = 13;
const CHILDREN_STIME = 14;

export type Measured = { readonly seconds: number; readonly cpuSeconds: number; readonly peakBytes: number };

/** Processor seconds of this process's children that have ended, and of theirs. */
export function readChildrenCpu(): number {
  const stat = readFileSync("/proc/self/stat", "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[CHILDREN_UTIME]) + Number(fields[CHILDREN_STIME])) / TICKS_PER_S;
}

/** Processor seconds that a server has used so far. */
export function readServerCpu(id: number): number {
  return readProcessUsage(id).cpuSeconds;
}

/** Runs a peer's command line; it must end well. */
export async function runMeasured(
  program: readonly string[],
  environment: Readonly<Record<string, string>>,
  cwd?: string,
): Promise<Measured & { readonly end: Ended }> {
  const cpuBefore = readChildrenCpu();
  const [command = "", ...args] = program;
  const child = new Child({ program: [command], args, environment, ...(cwd === undefined ? {} : { cwd }) });
  const usage = followUsage(child.id);
  const end = await child.ended;
  const { peakBytes } = usage.stop();
  if (end.code !== 0) {
    throw new Sentence(
      `${program.slice(0, 2).join(" ")} ended with ${end.signal ?? end.code}: ${lastLine(end.stderr)}`,
    );
  }
  return { seconds: end.elapsedMs / 1000, cpuSeconds: readChildrenCpu() - cpuBefore, peakBytes, end };
}
