// From files to the parts that hold their chunks (docs/format.md §7). Rule: every part of a file is a row before its
// first byte is fetched, at the place that its version names.

import type { DamageCode } from "../../border/reasons.ts";
import { invariant } from "../../errors.ts";
import { decodeCbor } from "../../format/cbor.ts";
import { type ChunkRef, readRefs } from "../../format/chunk-refs.ts";
import { listContext } from "../../format/contexts.ts";
import { chunkCount, sealedChunkBytes } from "../../format/entry-faults.ts";
import { SEAL_OVERHEAD_BYTES } from "../../format/ladder.ts";
import { decodeList, LIST_REFS } from "../../format/list.ts";
import type { Context } from "../../runtime/context.ts";
import type { Flow } from "../../runtime/flow.ts";
import type { Store } from "../../store/store.ts";
import type { KeyRing } from "../index/key-ring.ts";
import { orNull } from "../index/record-check.ts";
import { pause } from "../pause.ts";
import type { Session } from "../session.ts";
import { blobOf, blobRows, epochRow, otherPlaces } from "../tables/index-rows.ts";
import {
  addParts,
  failUnderEpoch,
  forgetParts,
  type NewPart,
  wantedElsewhere,
  wantedEpochs,
  wantedUnder,
} from "../tables/part-rows.ts";
import {
  awaitParts,
  fail,
  ownerOf,
  pageRows,
  type RestoredFile,
  readInStates,
  STATE,
} from "../tables/restored-files.ts";
import { KIND, readRefsOf } from "../tables/version-rows.ts";
import { seekElsewhere } from "./other-places.ts";
import { fetchPart } from "./transfers.ts";

/** Files, and chunks, that one step reads. */
const FILES_A_STEP = 200;
const CHUNKS_A_STEP = 3_000;
/** Parts that one step seeks in another place. */
const PARTS_A_STEP = 500;

/** Gives every planned file its parts; a file whose lists cannot be read fails. Errors as `Session.get`. */
export function* placeParts(ctx: Context, session: Session, keys: KeyRing): Flow<void> {
  const most = pageRows(ctx.store, "restore_file", FILES_A_STEP);
  for (;;) {
    const files = readInStates(ctx.store, KIND.file, [STATE.planned], 0, most);
    const [first] = files;
    if (first === undefined) return;
    if (first.hasLists) yield* placeListed(ctx, session, keys, first);
    else placeInline(ctx.store, takeStep(files));
    yield* pause(ctx);
  }
}

/** The files up to the first with lists whose chunks one step may read; at least one. */
function takeStep(files: readonly RestoredFile[]): RestoredFile[] {
  const taken: RestoredFile[] = [];
  let chunks = 0;
  for (const file of files) {
    chunks += chunkCount(file.sizeBytes);
    if (file.hasLists || (taken.length > 0 && chunks > CHUNKS_A_STEP)) break;
    taken.push(file);
  }
  return taken;
}

function placeInline(store: Store, files: readonly RestoredFile[]): void {
  const refs = readRefsOf(
    store,
    files.map(({ version }) => version),
  );
  const parts: NewPart[] = [];
  const counts = files.map(({ id, sizeBytes }) => ({ id, chunks: chunkCount(sizeBytes) }));
  for (const { id, version, sizeBytes } of files) {
    if (chunkCount(sizeBytes) > 0) parts.push(...partsAt(id, 0, readKept(refs, version)));
  }
  addParts(store, parts);
  awaitParts(store, counts);
}

function* placeListed(ctx: Context, session: Session, keys: KeyRing, file: RestoredFile): Flow<void> {
  const { store } = ctx;
  const lists = readKept(readRefsOf(store, [file.version]), file.version);
  for (const [index, ref] of lists.entries()) {
    const refs = yield* findList(store, session, keys, file, ref);
    const damage = typeof refs === "string" ? refs : fits(file, index, refs) ? null : "list-malformed";
    if (damage !== null || typeof refs === "string") {
      fail(store, [{ id: file.id, code: damage }]);
      forgetParts(store, [file]);
      return;
    }
    addParts(store, partsAt(file.id, index * LIST_REFS, refs));
  }
  awaitParts(store, [{ id: file.id, chunks: chunkCount(file.sizeBytes) }]);
}

/** The references in a list, from its version's place or else from another one; or what is wrong with the former. */
function* findList(
  store: Store,
  session: Session,
  keys: KeyRing,
  file: RestoredFile,
  ref: ChunkRef,
): Flow<readonly ChunkRef[] | DamageCode> {
  const own = yield* fetchList(store, session, keys, ref);
  if (typeof own !== "string" || own === "list-malformed") return own;
  for (const { epoch, blob, offset } of otherPlaces(store, ref.id, ownerOf(store, file.id))) {
    const refs = yield* fetchList(store, session, keys, { ...ref, source: epoch, blob, offsetBytes: offset });
    if (typeof refs !== "string") return refs;
  }
  return own;
}

/** The longest sealed list: an effect opens at most this many bytes into its answer (docs/host-api.md H-24). */
const MAX_SEALED_LIST_BYTES = 262_144 + SEAL_OVERHEAD_BYTES;

/** The references in a list, renumbered to rows of epochs and blobs; or what is wrong. */
function* fetchList(
  store: Store,
  session: Session,
  keys: KeyRing,
  ref: ChunkRef,
): Flow<readonly ChunkRef[] | DamageCode> {
  // No list is as long; asking for it all the same would end the whole restore.
  if (ref.sealedBytes > MAX_SEALED_LIST_BYTES) return "list-malformed";
  const epoch = yield* keys.unlock(ref.source);
  if (epoch.kind === "closed") return epoch.code;
  const sha = blobOf(store, ref.blob);
  const bytes = yield* fetchPart(session, sha, ref, { slot: epoch.chunk, context: listContext(ref.id) });
  if (typeof bytes === "string") return bytes;
  const list = orNull(() => decodeList(bytes));
  if (list === null) return "list-malformed";
  const epochs = list.sources.map((source) => epochRow(store, source.device, source.epoch));
  const blobs = blobRows(store, list.blobs);
  const rows = list.blobs.map((id) => blobs.get(id) as number);
  return list.refs.map((r) => ({ ...r, source: epochs[r.source] as number, blob: rows[r.blob] as number }));
}

/** Whether list `index` of a file holds as many references, of such lengths, as the file's size asks for (F-66). */
function fits({ sizeBytes }: RestoredFile, index: number, refs: readonly ChunkRef[]): boolean {
  const first = index * LIST_REFS;
  if (refs.length !== Math.min(LIST_REFS, chunkCount(sizeBytes) - first)) return false;
  return refs.every((ref, i) => ref.sealedBytes === sealedChunkBytes(sizeBytes, first + i));
}

function readKept(refs: ReadonlyMap<number, Uint8Array>, version: number): ChunkRef[] {
  const bytes = refs.get(version);
  invariant(bytes !== undefined, "a version of a file without references");
  return readRefs(decodeCbor(bytes), 1, Number.MAX_SAFE_INTEGER);
}

function partsAt(file: number, first: number, refs: readonly ChunkRef[]): NewPart[] {
  return refs.map(({ blob, offsetBytes, id, source, sealedBytes }, i) => {
    return { blob, offset: offsetBytes, file, idx: first + i, chunk: id, epoch: source, sealedBytes };
  });
}

/**
 * Opens the epochs of all parts that are still wanted, and of their other places. What lies under an epoch that stays
 * closed is sought elsewhere, and files of which a part has no other place fail.
 */
export function* unlockEpochs(ctx: Context, keys: KeyRing): Flow<void> {
  const { store } = ctx;
  for (const epoch of wantedElsewhere(store)) yield* keys.unlock(epoch);
  const isOpen = (epoch: number): boolean => keys.find(epoch)?.kind === "open";
  for (const epoch of wantedEpochs(store)) {
    const unlocked = yield* keys.unlock(epoch);
    if (unlocked.kind === "open") continue;
    const { code } = unlocked;
    failUnderEpoch(store, epoch, code);
    for (;;) {
      const parts = wantedUnder(store, epoch, PARTS_A_STEP);
      if (parts.length === 0) break;
      seekElsewhere(
        store,
        isOpen,
        parts.map((part) => ({ ...part, code })),
      );
      yield* pause(ctx);
    }
  }
}
