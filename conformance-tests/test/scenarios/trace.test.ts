// One long story in three engines: the sources in Node, the bundle in a context of its own, the bundle in QuickJS. Rule:
// the traces of inputs, effects and Store calls are compared by their digest, so a single character that differs fails.

import { createEngine } from "coffre-engine";
import { beforeAll, describe, expect, test } from "vitest";
import { bundleEngine } from "../../../engine/bundle.ts";
import { bundleInContext, bundleInQuickJs, type EngineFactory } from "../../scripted-host/script-engines.ts";
import { backUp, backUpAgain, expectedTree, type Phone, pairPhone, ROOT, restoreElsewhere } from "./phone.ts";

const LEAST_CALLS = 5_000;
const CHUNK_BYTES = 983_040;
const ROUNDS = 8;

/** A file of twelve chunks that no other round has: zeros, with a mark in each chunk. */
function makeFilm(round: number): Uint8Array {
  const film = Buffer.alloc(12 * CHUNK_BYTES);
  for (let chunk = 0; chunk < 12; chunk++) film.write(`round ${round}, chunk ${chunk}`, chunk * CHUNK_BYTES);
  return film;
}

/** The story: backups through a narrow proxy, an epoch rotated on the way, a crash, a long watch, and a restore. */
function tell(makeEngine: EngineFactory): { digest: string; restoreDigest: string; calls: number } {
  const phone = pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/first`, "first"), {
    makeEngine,
    // One answer a step: as many steps as there are answers.
    batch: () => 1,
  });
  const { host } = phone;
  host.ground.link.proxyLimitBytes = 1_048_576;
  for (let round = 0; round < ROUNDS; round++) {
    host.ground.tree.write(`${ROOT}/film`, makeFilm(round));
    for (let i = 0; i < 4; i++) host.ground.tree.write(`${ROOT}/🎞 ${round}-${i}`, `note ${round} ${i}`);
    phone.world.clock.advance(5_000);
    host.stop();
    host.start();
    if (round === 3) host.ask({ kind: "rotate" });
    if (round === 5) host.crashAt({ kind: "after-commit", step: host.steps + 20 });
    if (backUp(phone) === null) backUpAgain(phone);
  }
  watchLong(phone);
  host.ground.link.proxyLimitBytes = Number.POSITIVE_INFINITY;
  const restored = restoreElsewhere(phone);
  expect(restored.files).toEqual(expectedTree(phone));
  expect(host.store.query("SELECT number FROM epoch").length).toBeGreaterThanOrEqual(3);
  return {
    digest: host.trace.digest(),
    restoreDigest: restored.host.trace.digest(),
    calls: host.steps + restored.host.steps,
  };
}

/** Watches while a folder is touched again and again, and a new file appears now and then. */
function watchLong({ host, world }: Phone): void {
  host.stop();
  host.start();
  host.ask({ kind: "backup", mode: "watch" });
  for (let hint = 0; host.steps < LEAST_CALLS; hint++) {
    if (hint % 200 === 0) host.ground.tree.write(`${ROOT}/seen ${hint}`, `hint ${hint}`);
    host.tell({ kind: "changed", root: ROOT, folders: [""] });
    host.runUntilIdle();
    world.clock.advance(1);
  }
  world.clock.advance(60_000);
  host.drive({ kind: "stop" });
  backUpAgain({ host } as Phone);
}

describe("the engine", () => {
  let bundle = "";
  beforeAll(async () => {
    bundle = await bundleEngine();
  });

  test("does the same in Node, in a bundle, and in QuickJS over 5,000 calls", { timeout: 300_000 }, async () => {
    const inNode = tell(createEngine);
    expect(inNode.calls).toBeGreaterThanOrEqual(LEAST_CALLS);
    expect(tell(bundleInContext(bundle))).toEqual(inNode);
    expect(tell(await bundleInQuickJs(bundle))).toEqual(inNode);
  });
});
