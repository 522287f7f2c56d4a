// The end of a story: another machine, which has nothing but the server's address, a login and the passphrase or the words,
// gets everything back; and gets nothing wrong from a server that lies. Rule: bytes are compared, never counts.

import type { Result } from "../../engine/src/border/results.ts";
import { toHex } from "../scripted-host/border-text.ts";
import type { FileContent } from "../scripted-host/file-content.ts";
import {
  alterBlob,
  alterEnvelope,
  alterReceipt,
  alterRecord,
  dropBlob,
  dropEnvelope,
  dropRecord,
  replayRecord,
  swapBlobs,
  swapRecords,
  truncateBlob,
} from "../scripted-host/hostile-server.ts";
import type { ScriptedHost } from "../scripted-host/scripted-host.ts";
import { SeededRandom } from "../scripted-host/seeded-random.ts";
import { sha256 } from "../scripted-host/server-structures.ts";
import type { TreeNode } from "../scripted-host/tree-node.ts";
import { Broken } from "./broken.ts";
import { pairedDevice } from "./claims.ts";
import { isExcluded } from "./excluded.ts";
import { checkFailure } from "./explained.ts";
import { type FaultCounts, LINK_FAULTS } from "./fault-kinds.ts";
import { presentIn } from "./history.ts";
import { Secrecy } from "./secrecy.ts";
import { LOGIN, ROOT, ROOT_NAME, SERVER, type Stage } from "./stage.ts";
import { Weather } from "./weather.ts";

const TARGET = "/restored";
const WORK = "/work";
const DAY_MS = 86_400_000;

interface Restored {
  readonly outcome: string;
  readonly code: string | null;
  readonly hasDamage: boolean;
}

/** A machine that restores everything of the stage's phone. */
export class Reader {
  readonly host: ScriptedHost;
  readonly #stage: Stage;
  /** What strikes this machine's requests; null while nothing does. */
  #weather: Weather | null = null;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.host = stage.world.addHost({ makeEngine: stage.makeEngine, role: "restore" });
    const { tree, link, slots } = this.host.ground;
    for (const folder of [TARGET, WORK]) tree.addFolder(folder);
    const secrecy = new Secrecy(slots);
    link.faultOf = (request) => {
      secrecy.check(request);
      return this.#weather?.faultOf(request) ?? null;
    };
  }

  /** Restores, or tries to, while the network breaks, the server forgets tokens, and the process may end. */
  tryInTrouble(random: SeededRandom): void {
    const { host } = this;
    const { server } = this.#stage.world;
    const happened: FaultCounts = {};
    this.#weather = new Weather(random, server, happened);
    for (const kind of LINK_FAULTS)
      if (random.chance(0.4)) this.#weather.rates.set(kind, random.pick([0.02, 0.1, 0.3]));
    let requestsToLoss = random.below(30);
    this.#weather.onRequest = () => {
      if (requestsToLoss-- === 0) server.forgetTokens();
    };
    if (random.chance(0.5)) host.crashAt({ kind: "after-effect", effect: random.below(150) });
    const restored = this.restore(false);
    if (restored !== null) checkFailure(restored.code, happened);
    this.#weather = null;
    host.crashAt(null);
    host.stop();
  }

  /** Restores by a new process; null when the process went down. */
  restore(byWords: boolean): Restored | null {
    const opened = this.open(byWords);
    if (opened === null) return null;
    if (opened.outcome === "failed") return { outcome: "failed", code: opened.code, hasDamage: true };
    return this.restoreAll();
  }

  /** Opens the vault by a new process; null when it went down. */
  open(byWords: boolean): Result | null {
    const words = byWords ? { words: this.#stage.words } : {};
    this.host.start();
    return this.host.drive({ kind: "open-vault", server: SERVER, login: LOGIN, ...words });
  }

  /** Restores from the vault that is open; null when the process went down. */
  restoreAll(): Restored | null {
    const { host } = this;
    const seen = host.views.length;
    // A phone that was wiped is another device of its vault, with a root of the same name.
    const device = this.#stage.deviceName;
    const ask = { kind: "restore", target: TARGET, work: WORK, device, selections: [], existing: "skip" } as const;
    const result = host.drive(ask, 2 * DAY_MS, 20_000);
    if (result === null) return null;
    const hasDamage = host.views.slice(seen).some(({ kind }) => kind === "damage");
    return { outcome: result.outcome, code: result.code, hasDamage };
  }

  /** Throws Broken unless a restore ended well and everything that the phone's tree holds is there, byte for byte. */
  check(restored: Restored | null): void {
    if (restored?.outcome !== "ok") {
      throw new Broken("restorable", `restoring ended ${restored?.outcome}: ${restored?.code}`);
    }
    const { history, wentBack } = this.#stage;
    const source = this.#stage.host.ground.tree.find(ROOT);
    const root = this.host.ground.tree.find(`${TARGET}/${ROOT_NAME}`);
    if (source.kind === "found") {
      if (root.kind !== "found") throw new Broken("restorable", "a root did not come back");
      compare(this.#stage, "", source.node, root.node);
    }
    for (const [path, node] of history.present) {
      if (isExcluded(path) || (node.kind !== "file" && node.kind !== "folder" && node.kind !== "link")) continue;
      const found = this.host.ground.tree.find(`${TARGET}/${ROOT_NAME}/${path}`);
      if (found.kind !== "found" || found.node.kind !== node.kind) {
        throw new Broken("restorable", `a ${node.kind} did not come back`);
      }
      compare(this.#stage, path, node, found.node);
    }
    if (wentBack) return;
    for (const [path, { kind }] of presentIn(this.host.ground.tree, `${TARGET}/${ROOT_NAME}`)) {
      if (!history.present.has(path) || isExcluded(path))
        throw new Broken("gone", `a ${kind} came back that is not there any more`);
    }
  }
}

/** Another machine gets everything back. */
export function checkRestore(stage: Stage, byWords: boolean): void {
  const reader = new Reader(stage);
  const random = new SeededRandom(stage.world.clock.nowMs, "restore");
  if (random.chance(0.2)) reader.tryInTrouble(random);
  reader.check(reader.restore(byWords));
}

/** A server that lies: what comes back is right, what does not is named, and what no lie touched comes back. */
export function checkHostileRestore(stage: Stage, seed: number): void {
  const random = new SeededRandom(seed, "hostile");
  const touched = lie(stage, random);
  if (touched === null) return;
  stage.inject("hostile-restore");
  const owed = touched === "blobs" ? untouchedPaths(stage) : new Set<string>();
  const reader = new Reader(stage);
  const restored = reader.restore(false);
  if (restored === null) throw new Broken("no-fault", "the restoring engine went down");
  let isComplete = true;
  for (const [path, node] of stage.history.present) {
    if (node.kind !== "file" || isExcluded(path)) continue;
    if (isGivenBack(stage, reader, path, node.content)) continue;
    isComplete = false;
    if (owed.has(path)) throw new Broken("damage", "a file that no lie touched did not come back");
  }
  if (!isComplete && restored.outcome === "ok" && !restored.hasDamage)
    throw new Broken("damage", "a server lied and nobody said so");
}

/** Whether a file came back as it is. Throws Broken when it came back as it never was. */
function isGivenBack({ history, silent }: Stage, { host }: Reader, path: string, content: FileContent): boolean {
  const found = host.ground.tree.find(`${TARGET}/${ROOT_NAME}/${path}`);
  if (found.kind !== "found" || found.node.kind !== "file") return false;
  const name = history.nameOf(found.node.content);
  if (!history.hadContent(path, name)) throw new Broken("damage", "a version came back that never existed");
  return name === history.nameOf(content) || silent.has(`${ROOT}/${path}`);
}

/** The files of which all blobs are as they were sent, also where nothing of the file lies in them. */
function untouchedPaths({ account, host, oracle }: Stage): ReadonlySet<string> {
  const isUntouched = (id: string): boolean => {
    const blob = account.blobs.get(id);
    return blob !== undefined && toHex(sha256(blob.bytes)) === id;
  };
  const untouched = new Set<string>();
  for (const [path, { entry, body }] of oracle.latest(account, pairedDevice(host) ?? "")) {
    if (entry.kind !== "file" || entry.chunks.kind !== "inline") continue;
    const blobs = entry.chunks.refs.map(({ blob }) => body.blobs[blob] ?? "");
    if (blobs.every(isUntouched)) untouched.add(path.slice(path.indexOf("/") + 1));
  }
  return untouched;
}

function compare(stage: Stage, path: string, node: TreeNode, restored: TreeNode): void {
  if (node.kind === "file" && restored.kind === "file") {
    const name = stage.history.nameOf(restored.content);
    const isRight = stage.silent.has(`${ROOT}/${path}`)
      ? stage.history.hadContent(path, name)
      : name === stage.history.nameOf(node.content);
    if (!isRight) throw new Broken("restorable", "a file came back with other bytes");
  }
  const hasMode = node.kind !== "link";
  if ((hasMode && restored.mode !== node.mode) || restored.mtimeUs !== node.mtimeUs) {
    throw new Broken("restorable", `a ${node.kind} came back with other times or permissions`);
  }
  if (node.kind === "link" && restored.kind === "link" && !Buffer.from(node.target).equals(restored.target)) {
    throw new Broken("restorable", "a link came back with another target");
  }
}

/** One lie, about what the newest device wrote: what it is about, or null when there is nothing to lie about. */
function lie({ account }: Stage, random: SeededRandom): "blobs" | "log" | null {
  const blobs = [...account.blobs.keys()].sort();
  const logs = [...account.devices].filter(([, { records }]) => records.length > 0);
  const [device, log] = logs.at(-1) ?? [];
  if (blobs.length === 0 || device === undefined || log === undefined) return null;
  const count = log.records.length;
  const number = 1 + random.below(count);
  const other = 1 + random.below(count);
  const blob = random.pick(blobs);
  const offset = random.below(account.blobs.get(blob)?.bytes.length ?? 1);
  const newest = Math.max(...log.envelopes.keys());
  const aboutBlobs: readonly (() => void)[] = [
    () => alterBlob(account, blob, offset),
    () => swapBlobs(account, blob, random.pick(blobs)),
    () => truncateBlob(account, blob, offset),
    () => dropBlob(account, blob),
  ];
  const aboutTheLog: readonly (() => void)[] = [
    () => alterRecord(account, device, number, -1 - random.below(100)),
    () => alterReceipt(account, device, number),
    () => swapRecords(account, device, number, other),
    () => replayRecord(account, device, number, other),
    // A log without its last record is what it was before, and nobody who is new can tell.
    () => (number < count ? dropRecord(account, device, number) : alterReceipt(account, device, number)),
    () => alterEnvelope(account, device, newest),
    () => dropEnvelope(account, device, newest),
  ];
  const touched = random.chance(0.4) ? "blobs" : "log";
  random.pick(touched === "blobs" ? aboutBlobs : aboutTheLog)();
  return touched;
}
