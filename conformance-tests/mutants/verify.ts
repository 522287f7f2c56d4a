// `npm run mutants:verify [-- NAME...]`: whether each mutant counts, that is, compiles and passes every test outside of the
// simulation. Rule: the first suite that fails ends a mutant, and what was found out is kept with the patch's hash.
//
// Dear suites run with several mutants in place at once: what passes with all of them passes with each. Where a group fails it is
// halved, down to the mutant that fails alone.

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { selectMutants } from "./list.ts";
import type { Mutant } from "./mutant.ts";
import { applyPatch, hashPatch, readOriginal } from "./mutant.ts";
import { ScratchCopy } from "./scratch-copy.ts";

/** What was found out about a patch: the suites that pass with it, and the one that does not, if any. */
interface Verdict {
  readonly patch: string;
  readonly passed: readonly string[];
  readonly caughtBy: string | null;
}

const TABLE = fileURLToPath(new URL("./verified.json", import.meta.url));
const WORKERS = 2;
const MOST_AT_ONCE = 9;
const CONFORMANCE = ["run", "--bail", "1", "--maxWorkers", "1", "--reporter", "dot", "--project", "conformance-tests"];
const VITEST = CONFORMANCE.slice(0, -1);

/**
 * Everything that runs the engine, cheap ones first. The suites of the server, the scripts and the house rules do not, which
 * the import table holds; nor does the portability suite, where a queue stands in the engine's place.
 */
const SUITES: readonly (readonly [name: string, program: string, args: readonly string[]])[] = [
  ["types", "tsc", ["-p", "engine"]],
  [
    "found",
    "vitest",
    [
      ...CONFORMANCE,
      ...["back-in-time", "coming-back", "envelopes", "in-between", "progress"].map((name) => `scenarios/${name}`),
    ],
  ],
  ["trouble", "vitest", [...CONFORMANCE, "scenarios/trouble", "scenarios/files", "scenarios/backup"]],
  ["engine", "vitest", [...VITEST, "engine"]],
  ["crashes", "vitest", [...CONFORMANCE, "scenarios/crashes", "scenarios/large-files"]],
  ["restore", "vitest", [...CONFORMANCE, "test/restore"]],
  ["bench", "vitest", [...VITEST, "bench"]],
  ["cli", "vitest", [...VITEST, "cli"]],
  // By their folders: projects of their own ignore what is to be left out of all.
  ["others", "vitest", [...CONFORMANCE, "fuzzing/", "vectors/", "test/scripted-host/", "test/engine/"]],
  ["clock", "vitest", [...CONFORMANCE, ...["clock", "paging", "same-process"].map((name) => `scenarios/${name}`)]],
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

/** Runs one suite with the patches of a group in the copy, and halves a group that fails. */
async function tryOut(copy: ScratchCopy, group: readonly Mutant[], suite: (typeof SUITES)[number]): Promise<void> {
  const [name, program, args] = suite;
  const open = group.filter((mutant) => {
    const { caughtBy, passed } = readVerdict(mutant);
    return caughtBy === null && !passed.includes(name);
  });
  if (open.length === 0) return;
  const { exitCode, output } = await copy.patched(open, () => copy.run(program, args));
  if (exitCode === 0) {
    for (const mutant of open) {
      const before = readVerdict(mutant);
      writeVerdict(mutant, { ...before, passed: [...before.passed, name] });
    }
    return;
  }
  const [alone] = open;
  if (open.length === 1 && alone !== undefined) {
    writeVerdict(alone, { ...readVerdict(alone), caughtBy: name });
    process.stdout.write(`${alone.name}: caught by ${name}\n${output.slice(-1_500)}\n`);
    return;
  }
  const half = Math.ceil(open.length / 2);
  await tryOut(copy, open.slice(0, half), suite);
  await tryOut(copy, open.slice(half), suite);
}

/** Mutants that may be in place together. */
function makeGroups(mutants: readonly Mutant[]): Mutant[][] {
  const groups: Mutant[][] = [];
  for (const mutant of mutants) {
    const group = groups.find((group) => group.length < MOST_AT_ONCE && fitTogether([...group, mutant]));
    if (group === undefined) groups.push([mutant]);
    else group.push(mutant);
  }
  return groups;
}

/** Whether each patch finds its text where the others are in place: those of one spot do not. */
function fitTogether(group: readonly Mutant[]): boolean {
  const texts = new Map<string, string>();
  try {
    for (const mutant of group) {
      const text = texts.get(mutant.file) ?? originals.get(mutant.file) ?? "";
      texts.set(mutant.file, applyPatch(mutant, text));
    }
    return true;
  } catch {
    return false;
  }
}

const mutants = selectMutants(process.argv.slice(2));
const originals = new Map<string, string>();
for (const mutant of mutants) originals.set(mutant.file, await readOriginal(mutant));
const copies = await Promise.all(Array.from({ length: WORKERS }, () => ScratchCopy.make()));
try {
  // All mutants pass a cheap suite before any goes into a dear one, so that those that fall cost little.
  for (const suite of SUITES) {
    const standing = mutants.filter((mutant) => readVerdict(mutant).caughtBy === null);
    const groups = makeGroups(standing);
    const work = async (copy: ScratchCopy): Promise<void> => {
      for (let group = groups.shift(); group !== undefined; group = groups.shift()) await tryOut(copy, group, suite);
    };
    await Promise.all(copies.map(work));
  }
} finally {
  await copies[0]?.run("biome", ["format", "--write", TABLE]);
  await Promise.all(copies.map((copy) => copy.remove()));
}
const caught = mutants.filter((mutant) => readVerdict(mutant).caughtBy !== null);
process.stdout.write(`${mutants.length - caught.length} count, ${caught.length} are caught by other tests\n`);
process.exitCode = caught.length > 0 ? 1 : 0;
