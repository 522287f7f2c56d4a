// `npm run mutants [-- --only NAME,NAME --seeds N --ranges N --out FILE]`: asks the simulator for each mutant, in disjoint
// ranges of seeds, and prints the table. Rule: ends with 1 when one is not found, for then a check is missing.

import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { selectMutants } from "./list.ts";
import type { Finding } from "./report.ts";
import { formatTable, isFound } from "./report.ts";
import type { Found } from "./search.ts";
import type { Search } from "./search-worker.ts";

const WORKER = fileURLToPath(new URL("./search-worker.ts", import.meta.url));

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    seeds: { type: "string", default: "10000" },
    ranges: { type: "string", default: "5" },
    workers: { type: "string", default: "2" },
    out: { type: "string" },
  },
});
const mutants = selectMutants(values.only === undefined ? [] : values.only.split(","));
const ranges = Array.from({ length: Number(values.ranges) }, (_, range) => range);
const findings: readonly (Finding & { found: Found[] })[] = mutants.map((mutant) => ({ mutant, found: [] }));
const open = findings.flatMap((finding) => ranges.map((range) => ({ finding, range })));

/** The worker's answer to one search; throws when it ends instead. */
async function ask(worker: ChildProcess, search: Search): Promise<Found> {
  worker.send(search);
  const ended = new AbortController();
  const [first] = await Promise.race([
    once(worker, "message", { signal: ended.signal }),
    once(worker, "exit", { signal: ended.signal }).then(() => [null]),
  ]);
  ended.abort();
  if (first === null) throw new Error(`the search for ${search.name} ended without an answer`);
  return first as Found;
}

async function work(): Promise<void> {
  const worker = fork(WORKER, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  try {
    for (let next = open.shift(); next !== undefined; next = open.shift()) {
      const { finding, range } = next;
      const found = await ask(worker, { name: finding.mutant.name, range, seeds: Number(values.seeds) });
      finding.found.push(found);
      const how = found.invariant === null ? "not found" : `found by ${found.invariant}`;
      const over = found.passedOver > 0 ? `, ${found.passedOver} seeds fail without it too` : "";
      process.stderr.write(`${finding.mutant.name}, range ${range}: ${how} after ${found.seeds} seeds${over}\n`);
    }
  } finally {
    worker.kill();
  }
}

await Promise.all(Array.from({ length: Number(values.workers) }, work));
const table = formatTable(findings);
process.stdout.write(`${table}\n`);
if (values.out !== undefined) await writeFile(values.out, `${table}\n`);
const missed = findings.filter((finding) => !isFound(finding));
process.stdout.write(`${findings.length - missed.length} of ${findings.length} mutants were found\n`);
process.exitCode = missed.length > 0 ? 1 : 0;
