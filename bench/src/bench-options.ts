// What the command line of `npm run bench` asks for. Rule: what is not understood ends with a sentence and exit code 2.

import { realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { HOW_TO_GET, hasProgram } from "./peers.ts";

const HELP = `npm run bench -- [options]

Measures backups, rescans and restores with real processes on this machine, beside restic and borg where they are there:
interleaved rounds, medians.

  --quick            less of everything, one round: under three minutes
  --dir FOLDER       work there: choose a disk (default: the temporary folder)
  --only NAMES       of photos,small,mixed,large,tiny, with commas between (default: photos,small,mixed,tiny)
  --rounds N         rounds of each contender (default 5)
  --scale X          X times as many photos and small files (default 1: 2 GB of photos, 20,000 small files)
  --large-bytes N    the size of the large file (default 10 GB)
  --tiny COUNTS      how many tiny files, with commas between (default 10000,100000; by hand 1000000 too)
  --peers NAMES      of restic,borg, or none (default: both)
  --restic PROGRAM   where restic is (default: restic)
  --help             print this

${HOW_TO_GET}`;

const INPUTS = ["photos", "small", "mixed", "large", "tiny"] as const;

export type BenchOptions = {
  readonly within: string;
  readonly inputs: readonly string[];
  readonly rounds: number;
  readonly scale: number;
  readonly largeBytes: number;
  readonly tinyFiles: readonly number[];
  readonly peers: readonly string[];
  readonly restic: string;
  readonly areFlushesCounted: boolean;
};

/** The options; null after the command line was answered here. */
export function readBenchOptions(): BenchOptions | null {
  try {
    return read();
  } catch (error) {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 2;
    return null;
  }
}

function read(): BenchOptions | null {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      dir: { type: "string", default: tmpdir() },
      only: { type: "string" },
      rounds: { type: "string" },
      scale: { type: "string" },
      "large-bytes": { type: "string", default: "10000000000" },
      tiny: { type: "string" },
      peers: { type: "string", default: "restic,borg" },
      restic: { type: "string", default: "restic" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return null;
  }
  const { quick } = values;
  const inputs = values.only?.split(",") ?? ["photos", "small", "mixed", "tiny"];
  const strange = inputs.find((each) => !INPUTS.some((known) => known === each));
  if (strange !== undefined) throw new Error(`--only takes some of ${INPUTS.join(",")}`);
  return {
    within: realpathSync(values.dir),
    inputs,
    rounds: count("--rounds", values.rounds ?? (quick ? "1" : "5")),
    scale: positive("--scale", values.scale ?? (quick ? "0.1" : "1")),
    largeBytes: count("--large-bytes", values["large-bytes"]),
    tinyFiles: (values.tiny ?? (quick ? "1000,10000" : "10000,100000")).split(",").map((each) => count("--tiny", each)),
    peers: values.peers === "none" ? [] : values.peers.split(","),
    restic: values.restic,
    areFlushesCounted: hasProgram("strace"),
  };
}

function count(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`${option} takes a whole number above 0`);
  return value;
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 1000)) throw new Error(`${option} takes a number above 0`);
  return value;
}
