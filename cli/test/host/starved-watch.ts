// A process that watches a folder when it may open nothing more: from the start, or from the first change on, after which a
// folder with another one in it comes. Rule: it says a line for each change, and ends when its input does. Its clock stands
// still: a line "later" on its input is when the next try is due, and "free" gives back what was opened.
//
//   node starved-watch.ts "at once" | "later" ROOT ARRIVING-FOLDER

import { closeSync, openSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Watch } from "../../src/host/effects/watch.ts";

const [when, root = "", arriving = ""] = process.argv.slice(2);
const opened: number[] = [];
let retry: (() => void) | null = null;

/** Opens files until the system gives no more. */
function starve(): void {
  try {
    for (;;) opened.push(openSync("/dev/null", "r"));
  } catch {
    return;
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

createInterface({ input: process.stdin })
  .on("line", (line) => {
    if (line === "free") for (const fd of opened.splice(0)) closeSync(fd);
    else retry?.();
  })
  .on("close", () => process.exit(0));
const clock = {
  nowMs: () => 0,
  monotonicMs: () => 0,
  callAt: (atMs: number, call: () => void) => {
    retry = call;
    say(`again after ${atMs}`);
    return () => {};
  },
};
const listener = {
  onChanged: (_root: string, folders: readonly string[] | null) => {
    for (const folder of folders ?? [null]) say(JSON.stringify(folder));
    if (opened.length > 0 || when === "at once") return;
    starve();
    renameSync(arriving, join(root, "arrived"));
  },
  onUnwatched: (_root: string, unwatched: boolean) => say(unwatched ? "starved" : "whole"),
};
say("begun");
const watch = new Watch(listener, clock);
if (when === "at once") starve();
watch.set([root]);
if (when === "later") writeFileSync(join(root, "first change"), "");
