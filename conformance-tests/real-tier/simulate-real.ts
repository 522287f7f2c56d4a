// Rounds of real processes in bad times: `npm run simulate:real -- [--rounds N] [--seed S] [--first N] [-- COFFRE…]`, where
// COFFRE… is the command line of another host's `coffre`. Rule: closes with `N passed, N failed, N skipped`, and says of a
// round that failed how to run it again.

import { parseArgs } from "node:util";
import { FaultCount } from "./fault-count.ts";
import { Round } from "./round.ts";
import { mayMount } from "./server-place.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
    first: { type: "string", default: "1" },
  },
});

const program = positionals.length > 0 ? positionals : undefined;
const isMountable = mayMount();
if (!isMountable) {
  console.log("NO FILE SYSTEM MAY BE MOUNTED HERE: the server's disk is never full; a quota stands in for it.");
}
const sums = new FaultCount();
const beganMs = performance.now();
let passed = 0;
let failed = 0;
const first = Number(values.first);
for (let number = first; number < first + Number(values.rounds); number += 1) {
  const round = new Round({ seed: values.seed, number, isMountable, program });
  const roundBeganMs = performance.now();
  const fault = await round.run().then(
    () => null,
    (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error)),
  );
  await round.close(fault !== null);
  sums.addAll(round.count);
  const seconds = ((performance.now() - roundBeganMs) / 1000).toFixed(1);
  console.log(
    `round ${number}, seed ${values.seed}: ${fault === null ? "passed" : "failed"} in ${seconds} s: ${round.count.format()}`,
  );
  if (fault === null) {
    passed += 1;
    continue;
  }
  failed += 1;
  console.log(`${fault}\n  kept: ${round.folder}`);
  const other = program === undefined ? "" : ` -- ${program.join(" ")}`;
  console.log(`  again: npm run simulate:real -- --seed ${values.seed} --first ${number} --rounds 1${other}`);
}
const seconds = ((performance.now() - beganMs) / 1000).toFixed(0);
console.log(`\n${passed + failed} rounds in ${seconds} s: ${sums.format()}`);
console.log(`${passed} passed, ${failed} failed, 0 skipped`);
process.exitCode = failed > 0 ? 1 : 0;
