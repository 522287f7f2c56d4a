// What `npm run simulate` is told. Rule: what cannot be meant is refused in a sentence, before any seed is played.

import { parseArgs } from "node:util";
import type { Crypto } from "./bundle.ts";

export const USAGE = `npm run simulate -- [--seeds N | --seeds A..B] [--minutes N] [--crypto fake|real] [--workers N]
                    [--quickjs] [--each] [--moves I,J,... [--trace]]

Plays stories of a phone in trouble, one for each seed, and says which promise one breaks.

  --seeds A..B     the seeds (default 1..1000)
  --minutes N      goes on with further seeds until so much time has passed
  --crypto KIND    fake or real signatures and key encapsulation for all (default: real for one seed in fifty)
  --workers N      threads (default 2)
  --quickjs        plays each seed in QuickJS too, and compares the traces
  --each           a line for each seed, with its mix of faults and the hash of its trace (default below 100 seeds)
  --moves I,J,...  only these moves of one seed, as a failure's last line says
  --trace          every input, Store call and effect of one seed
`;

export interface SimulateOptions {
  readonly first: number;
  readonly last: number;
  readonly minutes: number | null;
  readonly crypto: Crypto | null;
  readonly workers: number;
  readonly tellsEach: boolean;
  readonly moves: readonly number[] | null;
  readonly inQuickJs: boolean;
  readonly isTraced: boolean;
}

/** A sentence about an option that cannot be meant. */
export class OptionError extends Error {
  override readonly name = "OptionError";
}

const FEW_SEEDS = 100;
const MOST_WORKERS = 64;

/** The options of a command line, or null when help was asked for. Throws OptionError. */
export function parseOptions(args: readonly string[]): SimulateOptions | null {
  const values = parseValues(args);
  if (values.help === true) return null;
  const minutes = values.minutes === undefined ? null : parseNumber("--minutes", values.minutes, 1, 100_000);
  const [first, last] = parseSeeds(values.seeds ?? "1..1000");
  const moves =
    values.moves === undefined ? null : values.moves.split(",").map((text) => parseNumber("--moves", text, 0, 1_000));
  if ((moves !== null || values.trace === true) && (first !== last || minutes !== null)) {
    throw new OptionError("--moves and --trace are for one seed: --seeds N");
  }
  const { crypto } = values;
  if (crypto !== undefined && crypto !== "fake" && crypto !== "real") {
    throw new OptionError(`--crypto is fake or real, not ${crypto}`);
  }
  return {
    first,
    last: minutes === null ? last : Number.MAX_SAFE_INTEGER,
    minutes,
    crypto: crypto ?? null,
    workers: parseNumber("--workers", values.workers ?? "2", 1, MOST_WORKERS),
    tellsEach: values.each === true || (minutes === null && last - first < FEW_SEEDS),
    moves,
    inQuickJs: values.quickjs === true,
    isTraced: values.trace === true,
  };
}

function parseValues(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        seeds: { type: "string" },
        minutes: { type: "string" },
        crypto: { type: "string" },
        workers: { type: "string" },
        quickjs: { type: "boolean" },
        each: { type: "boolean" },
        moves: { type: "string" },
        trace: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    throw new OptionError(error instanceof Error ? error.message : "cannot be read");
  }
}

function parseSeeds(text: string): readonly [first: number, last: number] {
  const match = /^(\d{1,12})(?:\.\.(\d{1,12}))?$/.exec(text);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  if (match === null || last < first) throw new OptionError(`--seeds is a number or A..B, not ${text}`);
  return [first, last];
}

function parseNumber(option: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < least || number > most) {
    throw new OptionError(`${option} wants whole numbers from ${least} to ${most}, not ${text}`);
  }
  return number;
}
