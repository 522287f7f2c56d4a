// A drill: some files are fetched as a restore fetches them, opened, and compared with what is on this machine (docs/format.md F-124).
// Rule: nothing is written anywhere; a file that has changed here since is fetched all the same, and not compared.

import type { Ask } from "../border/asks.ts";
import type { Result } from "../border/results.ts";
import type { DamagedFile } from "../border/views.ts";
import { decodeCbor } from "../format/cbor.ts";
import { type ChunkRef, readRefs } from "../format/chunk-refs.ts";
import { chunkContext } from "../format/contexts.ts";
import { CHUNK_BYTES } from "../format/ladder.ts";
import type { BlobId, DeviceId } from "../ids.ts";
import { SLOT } from "../keys/slots.ts";
import type { Context } from "../runtime/context.ts";
import { type Flow, perform } from "../runtime/flow.ts";
import { tryPart } from "./fetch/transfers.ts";
import type { KeyRing } from "./index/key-ring.ts";
import type { Session } from "./session.ts";
import { blobOf, otherPlaces, rowOf } from "./tables/index-rows.ts";
import { countCurrent, type DrilledVersion, readCurrent, readRefsOf } from "./tables/version-rows.ts";

type DrillAsk = Ask & { readonly kind: "drill" };
type DrillResult = Result & { readonly ask: "drill" };

/** Files and bytes of one drill. */
const MOST_FILES = 50;
const MOST_BYTES = 200_000_000;

/** What a drill works with. */
export interface DrillGround {
  readonly ctx: Context;
  readonly session: Session;
  readonly keys: KeyRing;
}

/** Fetches a sample of a device's current files. Errors as `Session.get`. */
export function* drill(ground: DrillGround, ask: DrillAsk): Flow<DrillResult> {
  const { ctx } = ground;
  const device = rowOf(ctx.store, ask.device as DeviceId);
  const of = device === null ? 0 : countCurrent(ctx.store, device);
  const files: DamagedFile[] = [];
  const blobs = new Set<BlobId>();
  let checked = 0;
  let differing = 0;
  let leftBytes = MOST_BYTES;
  for (const version of device === null ? [] : draw(ctx, device, of)) {
    leftBytes -= version.sizeBytes;
    if (checked > 0 && leftBytes < 0) break;
    checked += 1;
    const refs = refsOf(ctx, version);
    const bad = yield* fetchAll(ground, device ?? 0, refs);
    for (const blob of bad) blobs.add(blob);
    if (bad.length > 0) files.push({ root: version.root, path: version.path });
    else if (!(yield* isEqual(ask, version, refs))) differing += 1;
  }
  const bad = files.length;
  const outcome = bad > 0 ? "waiting" : "ok";
  const code = bad > 0 ? "peer-damaged" : null;
  return { kind: "result", ask: "drill", outcome, code, checked, of, bad, differing, files, blobs: [...blobs] };
}

/** Some current versions, each file as likely as any other. */
function draw(ctx: Context, device: number, of: number): DrilledVersion[] {
  const places = new Set<number>();
  const wanted = Math.min(MOST_FILES, of);
  while (places.size < wanted) places.add(of <= MOST_FILES ? places.size : ctx.entropy.below(of));
  return [...places].flatMap((place) => readCurrent(ctx.store, device, place) ?? []);
}

function refsOf(ctx: Context, { id }: DrilledVersion): readonly ChunkRef[] {
  const kept = readRefsOf(ctx.store, [id]).get(id);
  return kept === undefined ? [] : readRefs(decodeCbor(kept), 1, Number.MAX_SAFE_INTEGER);
}

/** The blobs out of which a chunk could not be had, from whatever place. */
function* fetchAll({ ctx, session, keys }: DrillGround, device: number, refs: readonly ChunkRef[]): Flow<BlobId[]> {
  const bad: BlobId[] = [];
  for (const ref of refs) {
    const others = otherPlaces(ctx.store, ref.id, device).map(({ epoch, blob, offset }) => {
      return { ...ref, source: epoch, blob, offsetBytes: offset };
    });
    let isThere = false;
    for (const place of [ref, ...others]) {
      const epoch = yield* keys.unlock(place.source);
      if (epoch.kind === "closed") continue;
      const seal = { slot: epoch.chunk, context: chunkContext(ref.id) };
      isThere = (yield* tryPart(session, blobOf(ctx.store, place.blob), place, seal)) === null;
      if (isThere) break;
    }
    if (!isThere) bad.push(blobOf(ctx.store, ref.blob));
  }
  return bad;
}

/** Whether this machine's file is what the version says. */
function* isEqual({ roots }: DrillAsk, { root, path }: DrilledVersion, refs: readonly ChunkRef[]): Flow<boolean> {
  const locator = roots.find(({ name }) => name === root)?.locator;
  if (locator === undefined || refs.length > 3_000) return false;
  const files = [{ root: locator, path, first: 0, count: Math.max(1, refs.length) }];
  const answer = yield* perform({ kind: "hash", key: SLOT.dedup, chunkBytes: CHUNK_BYTES, files });
  const [file] = answer.files;
  if (file?.kind !== "ok" || file.digests.length !== refs.length) return false;
  return refs.every(({ id }, index) => file.digests[index] === id);
}
