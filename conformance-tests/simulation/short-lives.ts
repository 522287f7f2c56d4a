// A phone whose processes live for seconds, once or twice a day, while a film goes up: what one process has stored must get into a record before
// the server may remove it (docs/format.md F-70). Rule: nothing else goes wrong meanwhile, so nothing else can be to blame.

import { CHUNK_BYTES } from "../../engine/src/format/ladder.ts";
import { findUnreferenced, forgetUnreferenced } from "../scripted-host/hostile-server.ts";
import { Broken } from "./broken.ts";
import { healEverything } from "./fault-moves.ts";
import { ROOT, type Stage } from "./stage.ts";
import type { Move } from "./story.ts";

type ShortLives = Extract<Move, { kind: "short-lives" }>;

const LIVES = 4;
const BLOBS_A_LIFE = 2;
const HOUR_MS = 3_600_000;
/** One chunk a blob, a tenth of a second each. */
const LINK = { upBytesPerS: 10_000_000, proxyLimitBytes: 1_100_000 };

/** Plays some short lives; the server removes whatever it need not keep between them. */
export function liveShortly(stage: Stage, { chunks, hours }: ShortLives): void {
  const { host, world, tree, history } = stage;
  healEverything(stage);
  stage.kill();
  if (history.rootIsAway) return;
  tree.write(`${ROOT}/film`, makeFilm(stage, chunks));
  Object.assign(host.ground.link, LINK);
  for (let life = 0; life < LIVES; life++) {
    live(stage);
    const needed = neededBlobs(stage);
    world.clock.advance(hours * HOUR_MS);
    const there = new Set(findUnreferenced(stage.account));
    forgetUnreferenced(stage.account, world.server.nowMs);
    const lost = needed.filter((id) => there.has(id) && !stage.account.blobs.has(id));
    if (lost.length > 0)
      throw new Broken("kill-cost", `${lost.length} stored blobs were removed before a record named them`);
  }
}

/** A process that ends soon after some more blobs are stored, or when its backup has ended. */
function live(stage: Stage): void {
  const { blobs } = stage.account;
  const enough = blobs.size + BLOBS_A_LIFE;
  stage.ask("once");
  for (let slice = 0; slice < 60 && stage.asked !== null && blobs.size < enough; slice++) stage.run(100);
  stage.kill();
}

/** Stored blobs that files under way consist of, as the phone's tables name them. */
function neededBlobs({ host }: Stage): string[] {
  const rows = host.store.query(
    `SELECT DISTINCT b.sha AS id FROM blob b JOIN chunk c ON c.blob = b.id JOIN piece p ON p.chunk = c.id
       WHERE b.state = 1 AND p.idx >= 0`,
  );
  return rows.map(({ id }) => String(id));
}

/** A file of `chunks` chunks that differ from each other and from all others. */
function makeFilm(stage: Stage, chunks: number): Uint8Array {
  const bytes = new Uint8Array(chunks * CHUNK_BYTES);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) view.setUint32(at, stage.drawContent());
  return bytes;
}
