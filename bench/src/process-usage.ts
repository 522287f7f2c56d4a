// What a process that still runs has used, from the kernel. Rule: peak memory is VmHWM of /proc/<id>/status, processor time
// is utime + stime of /proc/<id>/stat (proc(5)).

import { readFileSync } from "node:fs";
import type { Usage } from "../../conformance-tests/end-to-end/child.ts";

/** Clock ticks a second as user space sees them on Linux (sysconf(3), USER_HZ). */
const TICKS_PER_S = 100;
/** The places of utime and stime behind the command's name. */
const UTIME = 11;
const STIME = 12;

export function readProcessUsage(id: number): Usage {
  const [, peakKiB = "0"] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${id}/status`, "utf8")) ?? [];
  const stat = readFileSync(`/proc/${id}/stat`, "utf8");
  // The name may hold blanks and brackets; what follows its last bracket does not.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[UTIME]) + Number(fields[STIME]);
  return { peakBytes: Number(peakKiB) * 1024, cpuSeconds: ticks / TICKS_PER_S };
}

/** The file system that holds `path`, as type and device; from the mounts that the kernel lists. */
export function readFileSystem(path: string): string {
  let found = { point: "", text: "unknown" };
  for (const line of readFileSync("/proc/self/mounts", "utf8").trimEnd().split("\n")) {
    const [device = "", point = "", type = ""] = line.split(" ").map(decodeMount);
    const holds = path === point || path.startsWith(point.endsWith("/") ? point : `${point}/`);
    if (holds && point.length >= found.point.length) found = { point, text: `${type} on ${device}` };
  }
  return found.text;
}

/** Blanks and the like stand as octal numbers in the list of mounts. */
function decodeMount(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
