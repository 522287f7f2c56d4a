// Every place where a small scenario's process can end, and every choice of what still arrives then. Rule: states that were
// seen already, by the phone's tables, the restored tree and the server, are not played on from again.

import { createHash } from "node:crypto";
import type { CrashPoint } from "../scripted-host/crash-point.ts";
import type { EngineFactory } from "../scripted-host/script-engines.ts";
import type { TreeNode } from "../scripted-host/tree-node.ts";
import type { Stage } from "./stage.ts";
import type { Trial, TrialScenario } from "./trials.ts";

const MOST_UNDER_WAY = 8;
const MOST_ARRIVING = 4;
const MOST_LOST_COMMITS = 4;
/** Longer than any exchange of these scenarios takes. */
const SETTLE_MS = 120_000;

/** A place where a process ends, counted from the scenario's first step and effect. */
type Place = { readonly kind: CrashPoint["kind"]; readonly at: number };

/** How a process ended: where, which requests under way arrived after all, and how many commits the disk did not keep. */
interface End {
  readonly place: Place;
  readonly arriving: ReadonlySet<number>;
  readonly lostCommits: number;
}

const NOTHING: ReadonlySet<number> = new Set();
const ALL: ReadonlySet<number> = new Set(Array.from({ length: MOST_UNDER_WAY }, (_, i) => i));

export interface Explored {
  readonly name: string;
  /** Calls of the engine and effects of an undisturbed run. */
  readonly calls: number;
  readonly plays: number;
  readonly states: number;
}

/** Plays a scenario to its end from each distinct state that a kill can leave behind. Throws what breaks, with its place. */
export function explore(scenario: TrialScenario, engines: EngineFactory): Explored {
  const places = findPlaces(scenario.begin(engines));
  const states = new Set<string>();
  let plays = 0;
  const visit = (end: End): number => {
    plays++;
    const trial = scenario.begin(engines);
    const underWay = runUntil(trial, end);
    if (underWay === null) return 0;
    const state = hashState(trial);
    if (states.has(state)) return underWay;
    states.add(state);
    try {
      trial.finish();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new Error(`${scenario.name}, ${describe(end)}: ${message}`, { cause: error });
    }
    return underWay;
  };
  for (const place of places) {
    const underWay = Math.min(visit({ place, arriving: NOTHING, lostCommits: 0 }), MOST_UNDER_WAY);
    for (let bits = 1; bits < 1 << underWay; bits++) {
      const arriving = new Set(Array.from({ length: underWay }, (_, i) => i).filter((i) => (bits >> i) & 1));
      if (arriving.size <= MOST_ARRIVING) visit({ place, arriving, lostCommits: 0 });
    }
    // Of commits that had not reached the disk a prefix is found again, whatever was under way.
    if (place.kind !== "after-commit") continue;
    for (let lostCommits = 1; lostCommits <= MOST_LOST_COMMITS; lostCommits++) {
      visit({ place, arriving: ALL, lostCommits });
    }
  }
  return { name: scenario.name, calls: countCalls(places), plays, states: states.size };
}

function describe({ place, arriving, lostCommits }: End): string {
  const what = `${place.kind} ${place.at}, ${[...arriving].join(" ") || "nothing"} arrives`;
  return lostCommits === 0 ? what : `${what}, ${lostCommits} commits lost`;
}

function findPlaces(trial: Trial): readonly Place[] {
  const { host } = trial;
  const before = { steps: host.steps, effects: host.effectsDone };
  trial.run();
  const places: Place[] = [];
  for (let at = 0; at < host.steps - before.steps; at++) {
    places.push({ kind: "before-commit", at }, { kind: "after-commit", at });
  }
  for (let at = 0; at < host.effectsDone - before.effects; at++) places.push({ kind: "after-effect", at });
  return places;
}

function countCalls(places: readonly Place[]): number {
  return places.filter(({ kind }) => kind !== "before-commit").length;
}

/** Lets the process end. Returns how many requests were under way, or null where no such end is possible. */
function runUntil(trial: Trial, { place: { kind, at }, arriving, lostCommits }: End): number | null {
  const { host, arrivals } = trial;
  const effect = host.effectsDone + at;
  const step = host.steps + at;
  host.crashAt(kind === "after-effect" ? { kind, effect } : { kind, step });
  trial.run();
  if (host.isUp) throw new Error(`the process came to its end before ${kind} ${at}`);
  arrivals.choose(arriving);
  host.clock.advance(SETTLE_MS);
  if (lostCommits > 0 && !trial.forgetCommits(lostCommits)) return null;
  return arrivals.release();
}

/** Names all that outlives the process, times of the server aside. */
function hashState({ stage, host }: Trial): string {
  const hash = createHash("sha256");
  const tables = host.store.query("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name");
  for (const { name } of tables) {
    for (const row of host.store.query(`SELECT * FROM "${name}"`)) hash.update(`${name} ${JSON.stringify(row)}\n`);
  }
  for (const name of [...host.ground.slots.names("device")].sort()) hash.update(`slot ${name}\n`);
  hashServer(hash, stage);
  hashTree(hash, "", host.ground.tree.at("/"));
  return hash.digest("hex");
}

function hashServer(hash: ReturnType<typeof createHash>, stage: Stage): void {
  for (const id of [...stage.account.blobs.keys()].sort()) hash.update(`blob ${id}\n`);
  for (const [device, { envelopes, records }] of stage.account.devices) {
    hash.update(`device ${device} ${[...envelopes.keys()].join()} ${records.map((record) => record.hash).join()}\n`);
  }
}

function hashTree(hash: ReturnType<typeof createHash>, path: string, node: TreeNode): void {
  if (node.kind === "file") hash.update(`${path} ${node.content.sizeBytes} ${node.mtimeUs}\n`).update(readAll(node));
  if (node.kind === "link") hash.update(`${path} -> ${Buffer.from(node.target).toString("hex")}\n`);
  if (node.kind !== "folder") return;
  hash.update(`${path}/\n`);
  for (const [name, child] of node.children) hashTree(hash, `${path}/${name}`, child);
}

function readAll({ content }: Extract<TreeNode, { kind: "file" }>): Uint8Array {
  return content.read(0, content.sizeBytes);
}
