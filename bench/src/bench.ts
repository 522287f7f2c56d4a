// `npm run bench`: how fast and how large, with real processes on a real disk. Rule: it measures and prints; whether a figure
// is good enough is for its reader, never for an assertion.

import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { removeScratchFolder } from "../../conformance-tests/end-to-end/scratch-folder.ts";
import { makeLargeFile, makePhotos, makeSmallFiles } from "./inputs.ts";
import { measureCourse, measureStrawMan, type Row } from "./measurements.ts";
import { readFileSystem } from "./process-usage.ts";
import { formatBytes, formatNumber, formatTable } from "./table.ts";
import { withWorkplace } from "./workplace.ts";

const HELP = `npm run bench -- [options]

Measures backups and restores with real processes on this machine.

  --dir FOLDER        work there: choose a disk (default: the temporary folder)
  --only NAMES        of photos,small,large, with commas between
  --large             also one file of 10 GB
  --large-bytes N     the size of that file, in bytes
  --scale X           X times as many photos and small files (default 1)
  --help              print this
`;

const RESULTS = fileURLToPath(new URL("../results", import.meta.url));
const LARGE_BYTES = 10_000_000_000;
const COURSES = ["photos", "small", "large"] as const;

type Options = {
  readonly within: string;
  readonly scale: number;
  readonly largeBytes: number;
  readonly courses: readonly string[];
};

/** What the command line asks for; null after it was answered here. */
function readOptions(): Options | null {
  try {
    const { values } = parseArgs({
      options: {
        dir: { type: "string", default: tmpdir() },
        only: { type: "string" },
        large: { type: "boolean", default: false },
        "large-bytes": { type: "string", default: String(LARGE_BYTES) },
        scale: { type: "string", default: "1" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      process.stdout.write(HELP);
      return null;
    }
    const courses = values.only?.split(",") ?? COURSES.filter((course) => course !== "large" || values.large);
    const [scale, largeBytes] = [Number(values.scale), Number(values["large-bytes"])];
    if (!(scale > 0 && scale <= 1000)) throw new Error("--scale takes a number above 0");
    if (!Number.isSafeInteger(largeBytes) || largeBytes < 1) throw new Error("--large-bytes takes a number of bytes");
    return { within: realpathSync(values.dir), scale, largeBytes, courses };
  } catch (error) {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 2;
    return null;
  }
}

async function measureAll(folder: string, { scale, largeBytes, courses }: Options): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const input = join(folder, "input");
  const place = join(folder, "course");
  if (courses.includes("photos")) {
    const photos = makePhotos(input, scale);
    rows.push(say(measureStrawMan(place, photos)));
    const course = { name: "photos", isRescanned: false, isRestored: true };
    rows.push(...(await measureCourse(place, photos, course)).map(say));
    removeScratchFolder(input);
  }
  if (courses.includes("small")) {
    const course = { name: "small files", isRescanned: true, isRestored: true };
    rows.push(...(await measureCourse(place, makeSmallFiles(input, scale), course)).map(say));
    removeScratchFolder(input);
  }
  if (courses.includes("large")) {
    const course = { name: "large file", isRescanned: false, isRestored: true };
    rows.push(...(await measureCourse(place, makeLargeFile(input, largeBytes), course)).map(say));
    removeScratchFolder(input);
  }
  return rows;
}

/** Says each row when it is there: a long round should not be silent. */
function say(row: Row): Row {
  process.stdout.write(`  ${row.what}: ${formatNumber(row.seconds, 2)} s\n`);
  return row;
}

function formatRows(rows: readonly Row[]): string {
  const head = [
    "",
    "seconds",
    "MB/s",
    "files/s",
    "requests",
    "per 1000",
    "client MB",
    "CPU s",
    "CPU s/GB",
    "server MB",
    "CPU s",
    "stored",
    "differ",
  ];
  const megabytes = (bytes: number | undefined): string => formatNumber(bytes === undefined ? null : bytes / 1e6);
  return formatTable([
    head,
    ...rows.map(({ what, files, bytes, seconds, requests, client, server, storedBytes, differences }) => [
      what,
      formatNumber(seconds, 2),
      formatNumber(bytes / 1e6 / seconds, 1),
      formatNumber(files / seconds),
      formatNumber(requests),
      formatNumber(requests === null ? null : (requests / files) * 1000, 1),
      megabytes(client?.peakBytes),
      formatNumber(client?.cpuSeconds ?? null, 1),
      formatNumber(client === null ? null : (client.cpuSeconds / bytes) * 1e9, 1),
      megabytes(server?.peakBytes),
      formatNumber(server?.cpuSeconds ?? null, 1),
      storedBytes === null ? "-" : formatBytes(storedBytes),
      formatNumber(differences),
    ]),
  ]);
}

async function runBench(folder: string, options: Options): Promise<number> {
  const [processor] = cpus();
  const machine = {
    processors: cpus().length,
    model: processor?.model ?? "unknown",
    memoryBytes: totalmem(),
    fileSystem: readFileSystem(realpathSync(folder)),
    node: process.versions.node,
  };
  process.stdout.write(
    `${machine.processors} × ${machine.model}, ${formatBytes(machine.memoryBytes)} of memory, Node ${machine.node}\n` +
      `${machine.fileSystem}; the server fsyncs every blob and record; what is read was just written, and is in memory\n\n`,
  );
  const rows = await measureAll(folder, options);
  process.stdout.write(`\n${formatRows(rows)}\n`);
  mkdirSync(RESULTS, { recursive: true });
  const atMs = Date.now();
  const file = join(RESULTS, `${new Date(atMs).toISOString().replaceAll(/[:.]/g, "-")}.json`);
  writeFileSync(file, `${JSON.stringify({ atMs, machine, options: { scale: options.scale }, rows }, null, 2)}\n`);
  process.stdout.write(`\nwritten to ${relative(process.cwd(), file)}\n`);
  return 0;
}

const options = readOptions();
if (options !== null) {
  await withWorkplace({ name: "bench", within: options.within, isKept: false }, (folder) => runBench(folder, options));
}
