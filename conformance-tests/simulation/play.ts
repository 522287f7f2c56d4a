// Plays a story: its moves, then everything heals, then everything must be synced and come back. Rule: a story that breaks a
// promise ends at once, and says which.

import type { Result } from "../../engine/src/border/results.ts";
import type { EngineFactory } from "../scripted-host/script-engines.ts";
import { Broken, type Invariant } from "./broken.ts";
import {
  checkAllDone,
  checkCounts,
  checkGone,
  checkNamed,
  checkRestingStatus,
  checkSynced,
  pairedDevice,
  type StatusView,
} from "./claims.ts";
import type { FaultCounts } from "./fault-kinds.ts";
import { calm, doFault, healEverything } from "./fault-moves.ts";
import { doFile, doFolder } from "./file-moves.ts";
import { EVERYTHING } from "./phone-conditions.ts";
import { checkHostileRestore, checkRestore } from "./restoring.ts";
import { liveShortly } from "./short-lives.ts";
import { LOGIN, Stage, type StageChoice } from "./stage.ts";
import type { Move, Story } from "./story.ts";

export type Played = {
  /** SHA-256 over all inputs, effects and Store calls of the phone. */
  readonly trace: string;
  /** Its lines, when they were asked for. */
  readonly lines: readonly string[];
  readonly counts: FaultCounts;
  readonly steps: number;
  readonly requests: number;
  /** What the server's log says last of each path, but for gone ones; a line each. */
  readonly newest: readonly string[];
  readonly virtualMs: number;
} & ({ readonly kind: "held" } | { readonly kind: "broken"; readonly invariant: Invariant; readonly detail: string });

const MOST_RUNS = 6;
const HOUR_MS = 3_600_000;
/** Time for what was begun in the midst of trouble to end, and then for some sweeps and the longest pause between two tries. */
const GETTING_WELL_MS = [600_000, 3_000_000];
const BLOBS_IN_FLIGHT = 4;
/** Names of failures that only a device can have whose past was tampered with. */
const TAMPERED: ReadonlySet<string | null> = new Set(["peer-cloned", "peer-forked", "peer-device-revoked"]);

/** Plays a story on engines of one bundle. */
export function playStory(story: Story, engines: EngineFactory, choice: StageChoice = {}): Played {
  const stage = new Stage(story.seed, story.mix, engines, choice);
  const startMs = stage.world.clock.nowMs;
  let newest: readonly string[] = [];
  const report = () => ({
    trace: stage.host.trace.digest(),
    lines: stage.host.trace.lines,
    counts: stage.counts,
    steps: stage.host.steps,
    requests: stage.weather.requests,
    newest,
    virtualMs: stage.world.clock.nowMs - startMs,
  });
  try {
    stage.begin();
    for (const move of story.moves) {
      doMove(stage, move);
      stage.look();
    }
    healEverything(stage);
    if (story.seed % 2 === 0) getWell(stage);
    converge(stage);
    checkRestore(stage, story.seed % 2 === 0);
    newest = describeNewest(stage);
    if (story.mix.includes("hostile-restore")) checkHostileRestore(stage, story.seed);
    return { kind: "held", ...report() };
  } catch (error) {
    if (error instanceof Broken) {
      return { kind: "broken", invariant: error.invariant, detail: error.message, ...report() };
    }
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    // The host gives up when a step follows the other without end.
    const invariant = message.includes("still busy after") ? "hot-loop" : "no-fault";
    return { kind: "broken", invariant, detail: message, ...report() };
  }
}

function describeNewest({ host, oracle, world }: Stage): string[] {
  const account = world.server.accountOf(LOGIN);
  const device = pairedDevice(host);
  if (account === null || device === null) return [];
  const lines: string[] = [];
  for (const [path, { entry }] of oracle.latest(account, device)) {
    if (entry.kind === "gone") continue;
    const version = entry.kind === "file" ? ` ${entry.sizeBytes} ${entry.mtimeS} ${entry.mtimeUs}` : "";
    lines.push(`${entry.kind} ${path}${version}`);
  }
  return lines.sort();
}

function doMove(stage: Stage, move: Move): void {
  switch (move.kind) {
    case "run":
      stage.run(move.ms);
      return;
    case "backup":
      stage.store.keepCopy();
      if (stage.claimsHold) stage.serverCopies.push(stage.world.server.snapshot());
      if (stage.serverCopies.length > 3) stage.serverCopies.shift();
      stage.ask("once");
      return;
    case "watch":
      stage.ask("watch");
      return;
    case "status":
      showStatus(stage);
      return;
    case "rotate":
      if (stage.host.isUp) stage.host.ask({ kind: "rotate" });
      return;
    case "file":
      doFile(stage, move);
      return;
    case "folder":
      doFolder(stage, move);
      return;
    case "fault":
      doFault(stage, move);
      return;
    case "link-fault":
      stage.weather.rates.set(move.fault, move.rate);
      return;
    case "calm":
      calm(stage);
      return;
    case "short-lives":
      liveShortly(stage, move);
      return;
  }
}

/** Asks for the status where a process runs, and compares it with the tables. */
function showStatus({ host }: Stage): StatusView | null {
  if (!host.isUp) return null;
  const seen = host.views.length;
  host.ask({ kind: "status" });
  if (host.step() !== "stepped") return null;
  const view = host.views.slice(seen).find(({ kind }) => kind === "status");
  if (view?.kind !== "status" || !host.isUp) return null;
  checkCounts(host, view.counts);
  return view;
}

/** Everything works again: the process that was there, or a new one where none was, gets everything synced by itself. */
function getWell(stage: Stage): void {
  const { host, history } = stage;
  if (!host.isUp) stage.ask("watch");
  host.ask({ kind: "set", policy: EVERYTHING });
  stage.conditions.allowEverything();
  for (const ms of GETTING_WELL_MS) {
    stage.ask("watch");
    stage.run(ms);
  }
  if (believeGone(stage)) {
    stage.ask("watch");
    stage.run(GETTING_WELL_MS[0] ?? 0);
  }
  // A watch reads files again now and then whose times tell nothing; it may be in the middle of that.
  for (let moment = 0; moment < 100 && host.isUp && !host.isIdle; moment++) stage.run(100);
  const code = stage.asked === null ? (host.resultOf("backup")?.code ?? null) : null;
  if (TAMPERED.has(code) && stage.wentBack) return;
  if (stage.asked === null) throw new Broken("named", `a backup ended with nothing in its way: ${code}`);
  if (stage.asked === "once") throw new Broken("named", "a backup never ended");
  checkNamed(host, history, stage.hidden, true);
  const shown = host.views.findLast(({ kind }) => kind === "progress");
  if (shown?.kind === "progress") checkAllDone(shown, history);
}

/** The owner says that what is missing all at once was deleted; true when something was. */
function believeGone({ host }: Stage): boolean {
  if (!host.isUp || host.store.query("SELECT 1 FROM folder WHERE held = 'many-missing' LIMIT 1").length === 0)
    return false;
  for (const { name } of host.store.query("SELECT name FROM root"))
    host.drive({ kind: "believe-gone", name: String(name) });
  return true;
}

/** Everything works again: within a few runs everything is synced. */
export function converge(stage: Stage): void {
  const { host, world, history } = stage;
  // Old enough that no time stamp is close to the reading; what was sent late has arrived.
  world.clock.advance(3 * 24 * HOUR_MS);
  stage.look();
  for (let run = 1; ; run++) {
    const result = runOnce(stage);
    if (result.outcome === "ok") break;
    believeGone(stage);
    if (run >= MOST_RUNS)
      throw new Broken("named", `no end after ${run} runs: ${result.code} ${JSON.stringify(result)}`);
    if (TAMPERED.has(result.code)) {
      if (!stage.wentBack) throw new Broken("named", `${result.code} without anything that went back in time`);
      // A device that may not write any more is given up, and its phone joins as another.
      stage.kill();
      stage.joinAnew();
    } else if (
      result.outcome === "failed" &&
      !["peer-unreachable", "peer-busy", "peer-error"].includes(result.code ?? "")
    ) {
      throw new Broken("named", `a backup failed with nothing in its way: ${result.code}`);
    }
    world.clock.advance(HOUR_MS);
  }
  stage.claimsHold = true;
  checkSynced(host, stage.account, stage.oracle);
  checkNamed(host, history, stage.hidden, true);
  // What went away while an older copy of the tables was in place is not known to have been there (docs/reliability.md).
  if (!stage.wentBack) checkGone(host, stage.account, stage.oracle, history);
  const status = showStatus(stage);
  const log = stage.account.devices.get(pairedDevice(host) ?? "");
  if (status !== null && log !== undefined) checkRestingStatus(status, log);
  const cutOffs = stage.kills + stage.cutOffs + stage.conditions.changes;
  const allowed = BLOBS_IN_FLIGHT * cutOffs + stage.weather.troubles;
  if (!stage.wentBack && stage.weather.repeatedBlobs > allowed) {
    throw new Broken("kill-cost", `${stage.weather.repeatedBlobs} blobs came again, at most ${allowed} may`);
  }
}

function runOnce(stage: Stage): Result & { readonly ask: "backup" } {
  const { host } = stage;
  if (host.isUp) stage.kill();
  host.start();
  stage.demand(host.drive({ kind: "set", policy: EVERYTHING }));
  stage.conditions.allowEverything();
  const before = { steps: host.steps, requests: stage.weather.requests };
  const result = host.drive({ kind: "backup", mode: "once" }, 24 * HOUR_MS, 20_000);
  stage.look();
  if (result === null || result.kind !== "result" || result.ask !== "backup") throw new Broken("no-fault", "no result");
  const requests = stage.weather.requests - before.requests;
  if (host.steps - before.steps > 3_000 || requests > 600) {
    throw new Broken("hot-loop", `${host.steps - before.steps} calls and ${requests} requests in a quiet run`);
  }
  // An upload counts although its file has changed and nothing is sent.
  if (result.requests < requests) {
    throw new Broken("honest-counts", `${result.requests} requests are named, ${requests} were made`);
  }
  return result;
}
