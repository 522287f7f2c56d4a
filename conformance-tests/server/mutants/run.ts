// `npm run server-mutants [-- NAME …]`: every mutant against the whole suite, one for each core at a time. Rule: the last line is
// the sum, as other suites have it.

import { availableParallelism } from "node:os";
import { MUTANTS } from "./all.ts";
import type { ServerMutant } from "./mutant.ts";
import { expectedOf, tryMutant } from "./try-mutant.ts";

const names = process.argv.slice(2);
const chosen = MUTANTS.filter(({ name }) => names.length === 0 || names.includes(name));
const waiting = [...chosen];
let failed = 0;

async function tryWaiting(): Promise<void> {
  for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) await tryOne(mutant);
}

async function tryOne(mutant: ServerMutant): Promise<void> {
  const came = await tryMutant(mutant, true);
  const expected = expectedOf(mutant, true);
  const isRight = came.join() === expected.join();
  if (!isRight) failed += 1;
  process.stdout.write(`${isRight ? "caught" : "failed:"} ${mutant.name}: ${came.join(", ") || "nothing"}\n`);
  if (!isRight) process.stdout.write(`        expected: ${expected.join(", ")}\n`);
}

await Promise.all(Array.from({ length: availableParallelism() }, tryWaiting));
process.stdout.write(`\n${chosen.length - failed} passed, ${failed} failed, 0 skipped\n`);
process.exitCode = failed > 0 ? 1 : 0;
