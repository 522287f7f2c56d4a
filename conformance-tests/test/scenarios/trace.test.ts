// One long story in three engines: the sources in Node, the bundle in a context of its own, the bundle in QuickJS. Rule:
// the traces of inputs, effects and Store calls are compared by their digest, so a single character that differs fails.

import { createEngine } from "coffre-engine";
import { beforeAll, describe, expect, test } from "vitest";
import { bundleEngine } from "../../../engine/bundle.ts";
import { type FileContent, writtenContent, zeroContent } from "../../scripted-host/file-content.ts";
import { bundleInContext, bundleInQuickJs, type EngineFactory } from "../../scripted-host/script-engines.ts";
import { backUp, backUpAgain, expectedTree, pairPhone, ROOT, restoreElsewhere } from "./phone.ts";

const LEAST_CALLS = 5_000;
const CHUNK_BYTES = 983_040;

/** A file of twelve chunks that no other round has: zeros, which are made quickly, with a mark in each chunk. */
function makeFilm(round: number): FileContent {
  let film = zeroContent(12 * CHUNK_BYTES);
  for (let chunk = 0; chunk < 12; chunk++) {
    film = writtenContent(film, chunk * CHUNK_BYTES, new TextEncoder().encode(`round ${round}, chunk ${chunk}`));
  }
  return film;
}

/** The story: many backups through a narrow proxy, an epoch rotated on the way, a crash, and a restore. */
function tell(makeEngine: EngineFactory): { digest: string; restoreDigest: string; calls: number } {
  const phone = pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/first`, "first"), {
    makeEngine,
    // One answer a step: as many steps as there are answers.
    batch: () => 1,
  });
  const { host } = phone;
  host.ground.link.proxyLimitBytes = 1_048_576;
  for (let round = 0; host.steps < LEAST_CALLS; round++) {
    host.ground.tree.write(`${ROOT}/film`, makeFilm(round));
    for (let i = 0; i < 4; i++) host.ground.tree.write(`${ROOT}/🎞 ${round}-${i}`, `note ${round} ${i}`);
    phone.world.clock.advance(5_000);
    host.stop();
    host.start();
    if (round === 3) host.ask({ kind: "rotate" });
    if (round === 5) host.crashAt({ kind: "after-commit", step: host.steps + 20 });
    if (backUp(phone) === null) backUpAgain(phone);
  }
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
