// `npm run simulate`: plays seeds, tells of each promise that was broken, and sums up. Rule: closes with
// `N passed, N failed, N skipped`, and ends with 1 when a promise was broken.

import { execFileSync } from "node:child_process";
import { bundleForSimulation } from "./bundle.ts";
import { playSeed, type SeedReport } from "./campaign.ts";
import { FAULT_KINDS, type FaultKind } from "./fault-kinds.ts";
import { playRange } from "./seed-range.ts";
import { OptionError, parseOptions, type SimulateOptions, USAGE } from "./simulate-options.ts";

const PROGRESS_SEEDS = 1_000;
/** After so many broken seeds no further one is begun: the first ones say enough. */
const MOST_BROKEN = 5;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const asked = readOptions();
if (asked?.isTraced === true) await printTrace(asked);
else if (asked !== null) await simulate(asked);

function readOptions(): SimulateOptions | null {
  try {
    const parsed = parseOptions(process.argv.slice(2));
    if (parsed === null) process.stdout.write(USAGE);
    return parsed;
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    process.stderr.write(`simulate: ${error.message}\n\n${USAGE}`);
    process.exitCode = 2;
    return null;
  }
}

async function simulate(options: SimulateOptions): Promise<void> {
  const { minutes, tellsEach } = options;
  const beganMs = performance.now();
  const counts = new Map<FaultKind, number>();
  let [seeds, broken, steps, virtualMs] = [0, 0, 0, 0];
  const isOver = (): boolean =>
    broken >= MOST_BROKEN || (minutes !== null && performance.now() - beganMs > minutes * MINUTE_MS);
  await playRange({ ...options, isOver }, (report) => {
    seeds++;
    steps += report.steps;
    virtualMs += report.virtualMs;
    for (const [kind, count] of Object.entries(report.counts)) {
      counts.set(kind as FaultKind, (counts.get(kind as FaultKind) ?? 0) + count);
    }
    if (tellsEach) console.log(describe(report));
    else if (seeds % PROGRESS_SEEDS === 0) console.log(`${seeds} seeds in ${secondsSince(beganMs)} s`);
    if (report.broken === null) return;
    broken++;
    console.log(`\nBROKEN at commit ${readCommit()}: ${describe(report)}\n${report.broken.story}\n`);
  });
  const injected = FAULT_KINDS.map((kind) => `${kind} ${counts.get(kind) ?? 0}`).join(", ");
  const sum = [...counts.values()].reduce((total, count) => total + count, 0);
  console.log(
    `\n${seeds} seeds in ${secondsSince(beganMs)} s: ${steps} steps of phones, ${days(virtualMs)} virtual days`,
  );
  console.log(`${sum} faults: ${injected}`);
  console.log(`${seeds - broken} passed, ${broken} failed, 0 skipped`);
  process.exitCode = broken > 0 ? 1 : 0;
}

async function printTrace({ first, crypto, moves }: SimulateOptions): Promise<void> {
  const played = playSeed(first, await bundleForSimulation([], crypto ?? "fake"), moves, true);
  for (const line of played.lines) console.log(line);
  console.log(played.kind === "held" ? "held" : `broken: ${played.invariant}: ${played.detail}`);
}

function describe({ seed, crypto, trace, steps, mix }: SeedReport): string {
  const faults = mix.length === 0 ? "no faults" : mix.join(" ");
  return `seed ${seed}: ${steps} steps, trace ${trace.slice(0, 16)}, ${crypto} crypto, ${faults}`;
}

function secondsSince(beganMs: number): string {
  return ((performance.now() - beganMs) / 1_000).toFixed(1);
}

function days(virtualMs: number): string {
  return (virtualMs / DAY_MS).toFixed(0);
}

/** The commit that was checked out; a copy without history has none. */
function readCommit(): string {
  try {
    return execFileSync("git", ["rev-parse", "--short=12", "HEAD"], { encoding: "utf8", stdio: "pipe" }).trim();
  } catch {
    return "unknown";
  }
}
