// Loaded into a process before its program: says at its end what it used. Rule: the figures are the kernel's own, taken by
// the process itself. The peak is VmHWM, because the peak of getrusage(2) also counts the parent's memory at the fork.

import { readFileSync, writeFileSync } from "node:fs";

const file = process.env.USAGE_REPORT;

process.on("exit", () => {
  if (file === undefined) return;
  const [, peakKiB] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const peakBytes = (peakKiB === undefined ? maxRSS : Number(peakKiB)) * 1024;
  writeFileSync(file, JSON.stringify({ peakBytes, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 }));
});
