// What goes wrong, and how it ends. Rule: each fault is one deed here, is counted when it
// really strikes, and ends by `healEverything` at the latest.

import { damageBlob, findUnreferenced, forgetUnreferenced } from "../scripted-host/hostile-server.ts";
import { SeededRandom } from "../scripted-host/seeded-random.ts";
import { changeKeepingTimes, changeSilently, changeWhileRead, failSomething, moveRoot } from "./file-faults.ts";
import { makeContent, pickFile, renameMany, writeManyFiles, writeOddNames } from "./file-moves.ts";
import type { PhoneConditions } from "./phone-conditions.ts";
import { failStore, kill, runClone, wipe } from "./phone-faults.ts";
import { ROOT, type Stage } from "./stage.ts";
import type { Move } from "./story.ts";

type FaultMove = Extract<Move, { kind: "fault" }>;

const LIMITS = [1_500_000, 3_000_000, 500_000, 7_000_000];
const DAY_MS = 86_400_000;

export function doFault(stage: Stage, move: FaultMove): void {
  if (strike(stage, move)) stage.inject(move.fault);
}

/** True when there was something to strike. */
function strike(stage: Stage, { fault, at, amount }: FaultMove): boolean {
  const { tree, host, world, store } = stage;
  const file = pickFile(stage, at);
  switch (fault) {
    case "io-error":
      return failSomething(stage, at, amount, "io");
    case "permission":
      return failSomething(stage, at, amount, "permission");
    case "vanishing":
      return failSomething(stage, at, amount, "vanished");
    case "short-read":
      if (file !== null) tree.faults.shorten(file);
      return file !== null;
    case "change-while-read":
      return changeWhileRead(stage, file, amount);
    case "silent-change":
      return changeSilently(stage, file);
    case "kept-times":
      return changeKeepingTimes(stage, file);
    case "stale-size":
      if (file !== null) tree.faults.listStale(file, amount);
      return file !== null;
    case "time-backwards":
      // Now and then to a time before 1970, as cameras without a clock write it.
      if (file !== null) {
        const back = at % 5 === 0 ? world.clock.nowMs + DAY_MS / 8 : 0;
        tree.touch(file, (world.clock.nowMs - back - DAY_MS * (1 + (amount % 900))) * 1_000);
      }
      return file !== null;
    case "unobserved":
      tree.faults.isUnobserved = true;
      return true;
    case "rename-storm":
      renameMany(stage, at);
      return true;
    case "odd-name":
      writeOddNames(stage, at);
      return true;
    case "large-folder":
      writeManyFiles(stage, at);
      return true;
    case "root-away":
    case "root-empty":
      return moveRoot(stage, fault === "root-empty");
    case "store-error":
    case "store-full":
      return failStore(stage, amount, fault === "store-error" ? "io" : "full");
    case "lost-commits":
      stage.kill();
      stage.phoneWentBack();
      return store.loseCommits(1 + (amount % 4));
    case "older-copy":
      stage.kill();
      stage.phoneWentBack();
      return store.bringCopyBack(at);
    case "wiped":
      wipe(stage);
      return true;
    case "clone":
      return runClone(stage);
    case "kill":
      return kill(stage, at, amount);
    case "freeze":
      world.clock.advance((1 + (amount % 40)) * 1_800_000);
      stage.cutOffs += 4;
      return true;
    case "step-fault":
      stage.stepsToLimit = amount % 12;
      return true;
    case "body-limit":
      host.ground.link.proxyLimitBytes = LIMITS[at % LIMITS.length] as number;
      return true;
    case "metered":
      return forbid(stage, "unmeteredOnly", { network: amount % 2 === 0 ? "metered" : "unmetered" });
    case "unplugged":
      return forbid(stage, "chargingOnly", { charging: amount % 2 !== 0 });
    case "offline":
      host.ground.link.up = amount % 2 === 0;
      stage.cutOffs += 4;
      if (amount % 3 === 0)
        stage.conditions.change({ network: stage.conditions.network === "none" ? "unmetered" : "none" });
      return true;
    case "slow-link":
      host.ground.link.upBytesPerS = [2_000, 25_000, 200_000][at % 3] as number;
      host.ground.link.latencyMs = amount;
      stage.cutOffs += 4;
      return true;
    case "clock-jump":
      host.skewMs += Math.floor((at % 2 === 0 ? 1 : -1) * 10 ** (amount / 110));
      return true;
    case "server-restart":
      world.server.restart();
      return true;
    case "tokens-forgotten":
      world.server.forgetTokens();
      return true;
    case "server-full":
      world.server.full = amount % 3 !== 0;
      return true;
    case "quota":
      world.server.quotaBytes = amount % 3 === 0 ? Number.POSITIVE_INFINITY : 16_384 * (1 + (at % 40));
      return true;
    case "server-busy":
      return makeBusy(stage, at, amount);
    case "rolled-back":
      return rollBack(stage, at);
    case "forgotten-blobs":
      return forgetBlobs(stage, amount);
    case "damaged-blob":
      return damage(stage, at);
    case "hostile-restore":
      return true;
  }
}

/** Everything that went wrong ends; what was lost stays lost. */
export function healEverything(stage: Stage): void {
  const { host, tree, world, weather, store } = stage;
  calm(stage);
  tree.faults.healAll();
  stage.hidden.clear();
  // What could not be seen until now is a change, and a backup that is under way may have passed it by.
  stage.history.look();
  if (stage.history.rootIsAway) moveRoot(stage, false);
  Object.assign(world.server, { full: false, quotaBytes: Number.POSITIVE_INFINITY, refuse: () => null });
  Object.assign(host.ground.link, {
    up: true,
    proxyLimitBytes: Number.POSITIVE_INFINITY,
    upBytesPerS: 50_000_000,
    latencyMs: 1,
  });
  store.faultOf = () => null;
  stage.stepsToLimit = null;
  host.crashAt(null);
  const { network, charging } = stage.conditions;
  if (network !== "unmetered" || !charging) stage.conditions.change({ network: "unmetered", charging: true });
  weather.rates.clear();
}

export function calm({ weather, world }: Stage): void {
  weather.rates.clear();
  world.server.refuse = () => null;
}

/** The owner allows less, once there is a process that can be told, and conditions become what they may be. */
function forbid(
  stage: Stage,
  rule: "unmeteredOnly" | "chargingOnly",
  now: Parameters<PhoneConditions["change"]>[0],
): boolean {
  const { host, conditions } = stage;
  if (!conditions.policy[rule]) {
    if (!host.isUp) return false;
    host.ask({ kind: "set", policy: { [rule]: true } });
    stage.run(10);
    conditions.policy[rule] = host.resultOf("set") !== null && host.isUp;
  }
  stage.conditions.change(now);
  return true;
}

function makeBusy(stage: Stage, at: number, amount: number): boolean {
  const random = new SeededRandom(at * 1_000 + amount, "busy");
  const code = random.pick(["too-many-requests", "busy", "internal"] as const);
  stage.world.server.refuse = () => (random.chance(0.5) ? { code, retryAfterS: random.below(100) } : null);
  return true;
}

function rollBack(stage: Stage, at: number): boolean {
  const copy = stage.serverCopies[at % Math.max(1, stage.serverCopies.length)];
  if (copy === undefined) return false;
  stage.world.server.restore(copy);
  stage.serverLost();
  return true;
}

/** The phone goes off between a blob and its record, for a day: after that the server need not keep the blob (P-43). */
function forgetBlobs(stage: Stage, amount: number): boolean {
  const { account } = stage;
  if (stage.history.rootIsAway) return false;
  stage.tree.write(`${ROOT}/unrecorded-${amount % 3}`, makeContent(200 + amount, stage.drawContent()));
  stage.ask("once");
  for (let ms = 1; ms < 60 && stage.host.isUp && findUnreferenced(account).length === 0; ms++) stage.run(ms);
  stage.kill();
  stage.world.clock.advance(DAY_MS + 1);
  return forgetUnreferenced(account, stage.world.server.nowMs) > 0;
}

function damage(stage: Stage, at: number): boolean {
  const ids = [...stage.account.blobs.keys()].sort();
  const id = ids[at % Math.max(1, ids.length)];
  if (id === undefined) return false;
  damageBlob(stage.account, id);
  stage.serverLost();
  return true;
}
