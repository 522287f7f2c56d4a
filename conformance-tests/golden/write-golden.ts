// `npm run golden`: keeps the states of this release, once, before it is published. Rule: a release that has its file keeps it.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createEngine } from "../../engine/src/index.ts";
import { SCHEMA_VERSION } from "../../engine/src/store/schema.ts";
import { exactBytePlane } from "../scripted-host/byte-plane.ts";
import { SERVER_URL, VirtualWorld } from "../scripted-host/virtual-world.ts";
import { SimulatedStore } from "../simulation/simulated-store.ts";
import { change, fill, LOGIN, ROOT, type TreeStage } from "./golden-scenario.ts";
import { fileOf, type GoldenRelease, type GoldenState, pack } from "./golden-states.ts";

const SEED = 31;
const HOUR_MS = 3_600_000;

const { version } = JSON.parse(readFileSync(new URL("../../engine/package.json", import.meta.url), "utf8")) as {
  readonly version: string;
};
const file = fileOf(version);
if (existsSync(file)) {
  console.error(`golden: release ${version} has its states; they are never written again`);
  process.exitCode = 1;
} else {
  const { changedAtMs, states } = keepStates();
  mkdirSync(new URL(".", file), { recursive: true });
  const bytes = pack({ release: version, schemaVersion: SCHEMA_VERSION, seed: SEED, changedAtMs, states });
  writeFileSync(file, bytes);
  console.log(`golden: ${states.length} states of release ${version} in ${bytes.length} bytes`);
}

function keepStates(): Pick<GoldenRelease, "changedAtMs" | "states"> {
  const states: GoldenState[] = [];
  const world = new VirtualWorld(SEED);
  const store = new SimulatedStore(false);
  const host = world.addHost({ makeEngine: createEngine, store, plane: exactBytePlane() });
  const { tree, slots } = host.ground;
  let stage: TreeStage = "filled";
  fill(tree);
  store.onCommit = () => {
    const names = slots.names("device");
    states.push({
      tables: store.snapshot(),
      // Copies: erasing overwrites what is there.
      slots: new Map(names.map((name) => [name, new Uint8Array(slots.readFrom(name, "device") ?? [])])),
      server: world.server.snapshot(),
      nowMs: world.clock.nowMs,
      tree: stage,
    });
  };
  world.clock.advance(HOUR_MS);
  host.start();
  host.drive({ kind: "create", server: { url: SERVER_URL }, login: LOGIN, deviceName: "golden phone" });
  host.drive({ kind: "add-root", name: "photos", locator: ROOT, excludes: [] });
  // Before this the phone has no vault to go on with.
  states.length = 0;
  host.drive({ kind: "backup", mode: "once" });
  stage = "changed";
  const changedAtMs = world.clock.nowMs;
  change(tree);
  world.clock.advance(HOUR_MS);
  host.ask({ kind: "rotate" });
  host.drive({ kind: "backup", mode: "once" });
  return { changedAtMs, states };
}
