// A thief with the home of one device, who writes whatever its seed says. Rule: every state from before the theft comes back
// byte for byte, to the same paths, and the restore ends as `ok`.

import { describe, expect, test } from "vitest";
import type { ChunkRef } from "../../../engine/src/format/chunk-refs.ts";
import type { Entry } from "../../../engine/src/format/entries.ts";
import { SeededRandom } from "../../scripted-host/seeded-random.ts";
import { backUp, expectedTree, LOGIN, type Phone, pairPhone, ROOT, restoreElsewhere, SERVER } from "./phone.ts";
import { Thief } from "./thief.ts";

const CONTENTS = ["what the owner wrote", "another file", "another file, later", "a note"].map((text) =>
  text.repeat(40),
);
/** Roots and paths of both devices, the devices' names, and names that nothing has yet. */
const ROOTS = ["photos", "notes", "phone", "tablet", "Photos", ".coffre-restore", "photos (2)"];
const PATHS = [[], ["a"], ["b"], ["dir"], ["dir", "c"], ["n"], ["photos", "a"]];
const ROUNDS = 8;

/** Two devices of one vault, each with a root; the times at which something was there, and what. */
function makeVault(): {
  phone: Phone;
  tablet: Phone["host"];
  states: readonly { atMs: number; files: Map<string, string> }[];
} {
  const [first, second, third, fourth] = CONTENTS as [string, string, string, string];
  const phone = pairPhone(({ ground: { tree } }) => {
    tree.write(`${ROOT}/a`, first);
    tree.write(`${ROOT}/b`, second);
    tree.write(`${ROOT}/dir/c`, first + second);
  });
  const states: { atMs: number; files: Map<string, string> }[] = [];
  const keep = (more: readonly (readonly [string, string])[]): void => {
    states.push({ atMs: phone.world.clock.nowMs, files: new Map([...expectedTree(phone), ...more]) });
    phone.world.clock.advance(60_000);
  };
  expect(backUp(phone)).toMatchObject({ outcome: "ok" });
  keep([]);
  const tablet = phone.world.addHost({ makeEngine: phone.makeEngine });
  tablet.ground.tree.write("/notes/n", fourth);
  tablet.start();
  tablet.drive({ kind: "join", server: SERVER, login: LOGIN, deviceName: "tablet" });
  tablet.drive({ kind: "add-root", name: "notes", locator: "/notes", excludes: [] });
  phone.world.clock.advance(60_000);
  expect(tablet.drive({ kind: "backup", mode: "once" })).toMatchObject({ outcome: "ok" });
  phone.host.ground.tree.write(`${ROOT}/b`, third);
  expect(backUp(phone)).toMatchObject({ outcome: "ok" });
  keep([
    ["notes", "folder"],
    ["notes/n", fourth],
  ]);
  return { phone, tablet, states };
}

/** One record of the thief's. */
function writeSomething(thief: Thief, random: SeededRandom): void {
  if (random.chance(0.15)) {
    thief.writeBody(new Uint8Array(4_096).map(() => random.below(256)));
    return;
  }
  const evil = "what the thief wrote".repeat(1 + random.below(60));
  const id = thief.idOf(Buffer.from(random.pick(CONTENTS)));
  const [place] = thief.store({ id, bytes: Buffer.from(evil), ...(random.chance(0.3) ? { kind: "list" } : {}) });
  if (place === undefined) throw new Error("expected a place");
  const roots = [...new Set(Array.from({ length: 1 + random.below(3) }, () => random.pick(ROOTS)))];
  thief.write({
    roots: roots,
    entries: (refTo) =>
      Array.from({ length: 1 + random.below(6) }, () => forge(random, roots.length, evil.length, refTo(id, place))),
  });
}

/** An entry of any kind about any path, with a reference that its content does not have. */
function forge(random: SeededRandom, roots: number, sizeBytes: number, ref: ChunkRef): Entry {
  const [root, path] = [random.below(roots), random.pick(PATHS)];
  const times = { mtimeS: random.below(2 ** 31), mtimeUs: 0 };
  const mode = random.below(0o10000);
  switch (random.below(6)) {
    case 0:
      return { kind: "file", root, path, sizeBytes, ...times, mode, chunks: { kind: "inline", refs: [ref] } };
    case 1:
      return { kind: "folder", root, path, ...times, mode };
    case 2:
      return { kind: "link", root, path, ...times, target: random.pick(["/etc/passwd", "..", "a"]) };
    case 3:
      return { kind: "gone", root, path };
    case 4:
      return { kind: "moved", chunk: ref.id, ref };
    default:
      return { kind: "in-progress", root, path, sizeBytes, ...times, firstChunk: 0, refs: [ref] };
  }
}

describe("a thief who writes with the keys", () => {
  test.each([
    ["of the phone", true, 1],
    ["of the tablet", false, 2],
  ])("%s changes no state from before the theft", (_, isPhone, seed) => {
    const { phone, tablet, states } = makeVault();
    const random = new SeededRandom(seed, "thief");
    const thief = new Thief(phone.world.server, isPhone ? phone.host : tablet);
    for (let round = 0; round < ROUNDS; round++) {
      phone.world.clock.advance(60_000);
      writeSomething(thief, random);
      for (const { atMs, files } of states) {
        const { result, files: restored } = restoreElsewhere(phone, { at: atMs });
        expect({ round, files: restored }).toEqual({ round, files });
        expect(result).toMatchObject({ outcome: "ok", code: null, filesFailed: 0 });
      }
    }
  });
});
