// `npm run bench`: how fast and how large, beside other programs, with real processes on a real disk. Rule: it measures and prints;
// whether a figure is good enough is for its reader, never for an assertion.

import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { removeScratchFolder } from "../../conformance-tests/end-to-end/scratch-folder.ts";
import { type BenchOptions, readBenchOptions } from "./bench-options.ts";
import { formatResults } from "./bench-table.ts";
import { CoffreContender } from "./coffre-contender.ts";
import { COURSES, type Contender, type Course, type Flushes } from "./contender.ts";
import { type Input, makeLargeFile, makeMixed, makePhotos, makeSmallFiles, makeTinyFiles } from "./inputs.ts";
import { findPeers, HOW_TO_GET, hasProgram } from "./peers.ts";
import { readFileSystem } from "./process-usage.ts";
import { type CourseResult, countFlushes, exponentOf, runRounds } from "./rounds.ts";
import { measureStrawMan } from "./straw-man.ts";
import { formatBytes, formatNumber } from "./table.ts";
import { withWorkplace } from "./workplace.ts";

const RESULTS = fileURLToPath(new URL("../results", import.meta.url));

/** What is measured of one kind of files. */
type Task = { readonly name: string; readonly courses: readonly Course[]; readonly make: (folder: string) => Input };

type Report = {
  results: CourseResult[];
  flushes: Record<string, Record<string, Flushes>>;
  exponents: Record<string, number>;
};

function tasksOf({ inputs, scale, largeBytes, tinyFiles }: BenchOptions): readonly Task[] {
  const all: readonly (Task & { readonly kind: string })[] = [
    { kind: "photos", name: "photos", courses: COURSES, make: (folder) => makePhotos(folder, scale) },
    { kind: "small", name: "small files", courses: COURSES, make: (folder) => makeSmallFiles(folder, scale) },
    { kind: "mixed", name: "mixed", courses: COURSES, make: (folder) => makeMixed(folder, scale) },
    { kind: "large", name: "one large file", courses: COURSES, make: (folder) => makeLargeFile(folder, largeBytes) },
    ...tinyFiles.map((files) => ({
      kind: "tiny",
      name: `${formatNumber(files)} tiny files`,
      courses: COURSES,
      make: (folder: string) => makeTinyFiles(folder, files),
    })),
  ];
  return all.filter(({ kind }) => inputs.includes(kind));
}

async function measureTask(
  folder: string,
  task: Task,
  contenders: readonly Contender[],
  options: BenchOptions,
  report: Report,
) {
  const tell = (line: string): void => void process.stdout.write(`${line}\n`);
  const input = task.make(join(folder, "input"));
  const straw = measureStrawMan(join(folder, "straw"), input);
  tell(
    `${task.name}: ${formatNumber(input.files)} files, ${formatBytes(input.bytes)}; read, written and fsynced alone: ${straw.seconds.toFixed(2)} s`,
  );
  const { rounds } = options;
  const { name, courses } = task;
  report.results.push(...(await runRounds({ folder, name, input, contenders, rounds, courses, tell })));
  if (options.areFlushesCounted) report.flushes[name] = await countFlushes(join(folder, "traced"), input, courses);
  removeScratchFolder(input.folder);
}

/** How the time of ours grows with the number of tiny files, by course. */
function fitTiny(results: readonly CourseResult[]): Record<string, number> {
  const tiny = results.filter(({ input, contender }) => input.endsWith("tiny files") && contender === "coffre");
  const exponents: Record<string, number> = {};
  for (const course of COURSES) {
    const points = tiny
      .filter((each) => each.course === course)
      .map(({ files, median }) => [files, median.seconds] as const);
    if (points.length > 1) exponents[course] = exponentOf(points);
  }
  return exponents;
}

async function runBench(folder: string, options: BenchOptions): Promise<number> {
  const { contenders: peers, versions } = findPeers(options.restic);
  const chosen = peers.filter(({ name }) => options.peers.includes(name));
  const ours: Contender[] = [new CoffreContender()];
  if (hasProgram("eatmydata")) ours.push(new CoffreContender("coffre, no fsync", eatMyData()));
  const contenders = [...ours, ...chosen];
  const [loadBefore = 0] = loadavg();
  const machine = {
    processors: cpus().length,
    model: cpus()[0]?.model ?? "unknown",
    memoryBytes: totalmem(),
    fileSystem: readFileSystem(realpathSync(folder)),
    node: process.versions.node,
    versions,
    loadBefore,
  };
  process.stdout.write(
    `${machine.processors} × ${machine.model}, ${formatBytes(machine.memoryBytes)} of memory, ${machine.fileSystem}, Node ${machine.node}\n` +
      `load before: ${loadBefore.toFixed(2)}${loadBefore > 0.5 ? "; the machine is busy, and wall times mean little" : ""}\n` +
      contenders.map(({ name, promise }) => `${name} (${versions[name] ?? "this source"}): ${promise}\n`).join(""),
  );
  if (chosen.length < options.peers.length) process.stdout.write(`not all peers are there. ${HOW_TO_GET}`);
  process.stdout.write("What is read was just written, and is in memory.\n\n");
  const report: Report = { results: [], flushes: {}, exponents: {} };
  for (const task of tasksOf(options)) await measureTask(folder, task, contenders, options, report);
  report.exponents = fitTiny(report.results);
  const [loadAfter = 0] = loadavg();
  process.stdout.write(`\n${formatResults(report.results, report.flushes, report.exponents)}\n`);
  mkdirSync(RESULTS, { recursive: true });
  const atMs = Date.now();
  const file = join(RESULTS, `${new Date(atMs).toISOString().replaceAll(/[:.]/g, "-")}.json`);
  writeFileSync(file, `${JSON.stringify({ atMs, machine: { ...machine, loadAfter }, options, ...report }, null, 2)}\n`);
  process.stdout.write(`\nload after: ${loadAfter.toFixed(2)}; written to ${relative(process.cwd(), file)}\n`);
  return 0;
}

function eatMyData() {
  return { beforeServer: ["eatmydata"], beforeClient: () => ["eatmydata"] };
}

const options = readBenchOptions();
if (options !== null) {
  await withWorkplace({ name: "bench", within: options.within, isKept: false }, (folder) => runBench(folder, options));
}
