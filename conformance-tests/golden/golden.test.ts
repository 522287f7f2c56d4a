// State that earlier releases wrote, at any point where their process could end, is taken up by this one. Rule: the states are
// those that the releases themselves left behind.

import { describe, expect, test } from "vitest";
import { createEngine } from "../../engine/src/index.ts";
import { SCHEMA_VERSION } from "../../engine/src/store/schema.ts";
import { exactBytePlane } from "../scripted-host/byte-plane.ts";
import type { ScriptedHost } from "../scripted-host/scripted-host.ts";
import { Slots } from "../scripted-host/slots.ts";
import { listTree } from "../scripted-host/tree-listing.ts";
import { SERVER_URL, VirtualWorld } from "../scripted-host/virtual-world.ts";
import { checkGuarantees } from "../test/scenarios/guarantees.ts";
import { change, fill, LOGIN, ROOT } from "./golden-scenario.ts";
import { type GoldenRelease, type GoldenState, readReleases } from "./golden-states.ts";

const HOUR_MS = 3_600_000;
/** The process that goes on draws other bytes than the one that ended. */
const LATER_SEED = 32;
const releases = readReleases();

/** Goes on from a state: one backup, and a restore on a machine that was never there. `spoil` changes the state before. */
function goOn(
  { seed, changedAtMs }: GoldenRelease,
  state: GoldenState,
  spoil: (host: ScriptedHost, world: VirtualWorld) => void = () => {},
): void {
  const world = new VirtualWorld(seed);
  const slots = new Slots(state.slots);
  const host = world.addHost({ makeEngine: createEngine, plane: exactBytePlane(), slots, seed: LATER_SEED });
  const { tree } = host.ground;
  fill(tree);
  if (state.tree === "changed") {
    world.clock.advance(changedAtMs - world.clock.nowMs);
    change(tree);
  }
  world.clock.advance(state.nowMs - world.clock.nowMs + HOUR_MS);
  host.store.restore(state.tables);
  world.server.restore(state.server);
  spoil(host, world);
  host.start();
  expect(host.drive({ kind: "backup", mode: "once" })).toMatchObject({ outcome: "ok" });
  checkGuarantees(host);
  const reader = world.addHost({ makeEngine: createEngine, plane: exactBytePlane(), role: "restore" });
  for (const folder of ["/restored", "/work"]) reader.ground.tree.addFolder(folder);
  reader.start();
  reader.drive({ kind: "open-vault", server: { url: SERVER_URL }, login: LOGIN });
  const ask = { kind: "restore", target: "/restored", work: "/work", selections: [], existing: "skip" } as const;
  expect(reader.drive(ask)).toMatchObject({ outcome: "ok", filesFailed: 0 });
  expect(listTree(reader.ground.tree, "/restored/photos")).toEqual(listTree(tree, ROOT));
}

describe.each(releases)("the states of release $release", (release) => {
  test("are one for each commit of two backups", () => {
    expect(release.states.length).toBeGreaterThan(50);
  });

  test("are all taken up, and lead to a backup that comes back", { timeout: 300_000 }, () => {
    for (const state of release.states) goOn(release, state);
  });
});

test("places of chunks that version 0.1 took on the word of an adopted record are forgotten, and their files sent anew", () => {
  const [release] = releases.filter(({ release: name }) => name === "0.1.0");
  const state = release?.states.at(-1);
  if (release === undefined || state === undefined) throw new Error("expected the states of 0.1.0");
  goOn(release, state, ({ store }, { server }) => {
    store.begin();
    store.port.run('{"sql":"UPDATE chunk SET source = 0","params":[]}');
    store.commit();
    // What lies there was written by somebody else.
    for (const { blobs } of server.state.accounts.values()) {
      for (const [id, blob] of blobs) blobs.set(id, { ...blob, bytes: new Uint8Array(blob.bytes.length) });
    }
  });
});

test("no release has newer tables than this one", () => {
  expect(Math.max(...releases.map(({ schemaVersion }) => schemaVersion))).toBeLessThanOrEqual(SCHEMA_VERSION);
});
