// The rounds that are too long for `npm test`: files of 5 GiB, up and back. Rule: closes with `N passed, N failed, N skipped`,
// like every suite, and says what it measured.
//
//   node conformance-tests/end-to-end/large-files.ts [--dir FOLDER] [--bytes N]

import { closeSync, ftruncateSync, mkdirSync, openSync, statfsSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { stopChildren } from "./child.ts";
import { type ClientEnd, readCount } from "./client-process.ts";
import { type Account, expectDone, Scene } from "./scene.ts";
import { writeSeededFile } from "./seeded-content.ts";
import { type ServerProcess, startServer } from "./server-process.ts";
import { compareTrees, pictureTree } from "./tree-picture.ts";

/** One file, and what must be true once it came back. */
type Round = {
  readonly sentence: string;
  /** How many bytes of disk it takes, for each byte of the file. */
  readonly copies: number;
  readonly make: (path: string, bytes: number) => void;
  readonly check: (ends: { readonly backup: ClientEnd; readonly restore: ClientEnd }, bytes: number) => string | null;
};

type Outcome = "passed" | "failed" | "skipped";

const BYTES = 5 * 2 ** 30;
const CHUNK_BYTES = 960 * 1024;
/** Peak memory of the client, whatever the file's size (issue "The main job", Numbers). */
const MEMORY_BYTES = 200_000_000;
/** The one chunk that is not zeros, the last one that is shorter, records, and padding. */
const SPARSE_STORED_BYTES = 16 * CHUNK_BYTES;

const ROUNDS: readonly Round[] = [
  {
    sentence: "a file whose content never repeats goes up and comes back byte for byte, in constant memory",
    copies: 3,
    make: (path, bytes) => writeSeededFile(path, "never repeats", bytes),
    check: ({ backup, restore }, bytes) =>
      readCount(backup, "bytesSent") < bytes ? "less was sent than the file holds" : checkMemory(backup, restore),
  },
  {
    sentence: "a sparse file is stored once, and comes back byte for byte",
    copies: 2,
    make: makeSparse,
    check: ({ backup, restore }) => {
      const sent = readCount(backup, "bytesSent");
      return sent > SPARSE_STORED_BYTES ? `${sent} bytes were sent` : checkMemory(backup, restore);
    },
  },
];

async function runRound(round: Round, within: string, bytes: number): Promise<Outcome> {
  const { bavail, bsize } = statfsSync(within);
  if (bavail * bsize < round.copies * bytes * 1.1) {
    console.log(`skipped: ${round.sentence}: ${within} has room for ${bavail * bsize} bytes only`);
    return "skipped";
  }
  const scene = new Scene("large-files", within);
  try {
    const fault = await backUpAndRestore(scene, round, bytes);
    console.log(fault === null ? `passed: ${round.sentence}` : `failed: ${round.sentence}: ${fault}`);
    return fault === null ? "passed" : "failed";
  } catch (error) {
    console.log(`failed: ${round.sentence}: ${error instanceof Error ? error.message : error}`);
    return "failed";
  } finally {
    await stopChildren();
    scene.remove();
  }
}

/** What went wrong, or null. */
async function backUpAndRestore(scene: Scene, round: Round, bytes: number): Promise<string | null> {
  const source = scene.path("source");
  mkdirSync(source);
  round.make(join(source, "large.img"), bytes);
  const server: ServerProcess = await startServer({ data: scene.path("data") });
  const account: Account = { url: server.url, login: "ada" };
  const machine = await scene.pairedMachine(account, source);
  const usageFile = scene.path("usage");
  const backup = await machine.run(["backup"], { usageFile });
  expectDone("backup", backup);
  const restore = await scene.restore(account, scene.path("back"), [], { usageFile });
  expectDone("restore", restore);
  console.log(`  backup ${formatEnd(backup, bytes)}; restore ${formatEnd(restore, bytes)}`);
  const differences = compareTrees(pictureTree(source), pictureTree(scene.path("back", "root")));
  return differences[0] ?? round.check({ backup, restore }, bytes);
}

function checkMemory(...ends: readonly ClientEnd[]): string | null {
  const peak = Math.max(...ends.map(({ usage }) => usage?.peakBytes ?? Number.POSITIVE_INFINITY));
  return peak > MEMORY_BYTES ? `the client took ${Math.round(peak / 1e6)} MB of memory` : null;
}

function formatEnd({ elapsedMs, usage }: ClientEnd, bytes: number): string {
  const rate = (bytes / 1000 / elapsedMs).toFixed(1);
  return `${(elapsedMs / 1000).toFixed(1)} s (${rate} MB/s), peak ${Math.round((usage?.peakBytes ?? 0) / 1e6)} MB`;
}

/** Zeros, with one byte in the middle that is none. */
function makeSparse(path: string, bytes: number): void {
  const file = openSync(path, "w");
  ftruncateSync(file, bytes);
  writeSync(file, "x", Math.floor(bytes / 2));
  closeSync(file);
}

const { values } = parseArgs({
  options: { dir: { type: "string", default: tmpdir() }, bytes: { type: "string", default: String(BYTES) } },
});
const outcomes: Outcome[] = [];
for (const round of ROUNDS) outcomes.push(await runRound(round, values.dir, Number(values.bytes)));
const count = (wanted: Outcome): number => outcomes.filter((outcome) => outcome === wanted).length;
console.log(`${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`);
process.exitCode = count("failed") > 0 ? 1 : 0;
