// `npm run mutants:verify [-- NAME...]`: whether each mutant counts, that is, compiles and passes every test outside of the
// simulation. Rule: the first suite that fails ends a mutant, and what was found out is kept with the patch's hash.

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { selectMutants } from "./list.ts";
import type { Mutant } from "./mutant.ts";
import { hashPatch } from "./mutant.ts";
import { ScratchCopy } from "./scratch-copy.ts";

/** What was found out about a patch: the suites that pass with it, and the one that does not, if any. */
interface Verdict {
  readonly patch: string;
  readonly passed: readonly string[];
  readonly caughtBy: string | null;
}

const TABLE = fileURLToPath(new URL("./verified.json", import.meta.url));
const WORKERS = 2;
const CONFORMANCE = ["run", "--bail", "1", "--maxWorkers", "1", "--reporter", "dot", "--project", "conformance-tests"];
const VITEST = CONFORMANCE.slice(0, -1);

/**
 * Everything that runs the engine, cheap ones first. The suites of the server, the scripts and the house rules do not, which
 * the import table holds.
 */
const SUITES: readonly (readonly [name: string, program: string, args: readonly string[]])[] = [
  ["types", "tsc", ["-p", "engine"]],
  ["trouble", "vitest", [...CONFORMANCE, "scenarios/trouble", "scenarios/files", "scenarios/backup"]],
  ["engine", "vitest", [...VITEST, "engine"]],
  ["crashes", "vitest", [...CONFORMANCE, "scenarios/crashes", "scenarios/large-files"]],
  ["restore", "vitest", [...CONFORMANCE, "test/restore"]],
  ["bench", "vitest", [...VITEST, "bench"]],
  ["cli", "vitest", [...VITEST, "cli"]],
  ["others", "vitest", [...CONFORMANCE, "--exclude", "**/{end-to-end,restore-*,scenarios}{/**,}"]],
  ["trace", "vitest", [...CONFORMANCE, "scenarios/trace"]],
  ["end-to-end", "vitest", [...CONFORMANCE, "test/end-to-end"]],
];

function readTable(): Record<string, Verdict> {
  return JSON.parse(readFileSync(TABLE, "utf8")) as Record<string, Verdict>;
}

function writeVerdict(mutant: Mutant, verdict: Verdict): void {
  const table = { ...readTable(), [mutant.name]: verdict };
  const sorted = Object.fromEntries(Object.entries(table).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(TABLE, `${JSON.stringify(sorted, null, 2)}\n`);
}

function readVerdict(mutant: Mutant): Verdict {
  const known = readTable()[mutant.name];
  const patch = hashPatch(mutant);
  return known?.patch === patch ? known : { patch, passed: [], caughtBy: null };
}

/** Runs one suite with the patch in the copy, unless the mutant is decided or has passed it already. */
async function tryOut(
  copy: ScratchCopy,
  mutant: Mutant,
  [name, program, args]: (typeof SUITES)[number],
): Promise<void> {
  const before = readVerdict(mutant);
  if (before.caughtBy !== null || before.passed.includes(name)) return;
  const { exitCode, output } = await copy.patched(mutant, () => copy.run(program, args));
  if (exitCode === 0) {
    writeVerdict(mutant, { ...before, passed: [...before.passed, name] });
    return;
  }
  writeVerdict(mutant, { ...before, caughtBy: name });
  process.stdout.write(`${mutant.name}: caught by ${name}\n${output.slice(-1_500)}\n`);
}

const mutants = selectMutants(process.argv.slice(2));
// All mutants pass a cheap suite before any goes into a dear one, so that those that fall cost little.
const tasks = SUITES.flatMap((suite) => mutants.map((mutant) => ({ suite, mutant })));
const copies = await Promise.all(Array.from({ length: WORKERS }, () => ScratchCopy.make()));
try {
  await Promise.all(
    copies.map(async (copy) => {
      for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) {
        await tryOut(copy, task.mutant, task.suite);
      }
    }),
  );
} finally {
  await Promise.all(copies.map((copy) => copy.remove()));
}
const caught = mutants.filter((mutant) => readVerdict(mutant).caughtBy !== null);
process.stdout.write(`${mutants.length - caught.length} count, ${caught.length} are caught by other tests\n`);
process.exitCode = caught.length > 0 ? 1 : 0;
