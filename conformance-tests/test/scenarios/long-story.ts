// One long story, told with whichever engine: backups through a narrow proxy, an epoch rotated on the way, a crash, a long
// watch, and a restore. Rule: the story is the same to the byte each time, so that traces of engines can be compared.

import { isDeepStrictEqual } from "node:util";
import type { EngineFactory } from "../../scripted-host/script-engines.ts";
import { backUp, backUpAgain, expectedTree, type Phone, pairPhone, ROOT, restoreElsewhere } from "./phone.ts";

/** The fewest steps that the story has. */
export const LEAST_CALLS = 5_000;
const CHUNK_BYTES = 983_040;
const ROUNDS = 8;
const LEAST_EPOCHS = 3;

/** What a story came to. */
export interface Told {
  /** Of the phone's trace. */
  readonly digest: string;
  /** Of the trace of the machine that restored. */
  readonly restoreDigest: string;
  readonly calls: number;
}

/** A file of twelve chunks that no other round has: zeros, with a mark in each chunk. */
function makeFilm(round: number): Uint8Array {
  const film = Buffer.alloc(12 * CHUNK_BYTES);
  for (let chunk = 0; chunk < 12; chunk++) film.write(`round ${round}, chunk ${chunk}`, chunk * CHUNK_BYTES);
  return film;
}

/** Tells the story; an Error when what is restored is not what was there. */
export function tellLongStory(makeEngine: EngineFactory): Told {
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
  if (!isDeepStrictEqual(restored.files, expectedTree(phone)))
    throw new Error("what was restored is not what was there");
  if (host.store.query("SELECT number FROM epoch").length < LEAST_EPOCHS) throw new Error("no epoch was rotated");
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
