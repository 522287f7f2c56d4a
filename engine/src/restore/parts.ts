// From files to the parts that hold their chunks (docs/format.md §7). Rule: every part of a file is a row before its
// first byte is fetched, at the place that its version names.

import type { DamageCode } from "../border/reasons.ts";
import { decodeCbor } from "../format/cbor.ts";
import { type ChunkRef, readRefs } from "../format/chunk-refs.ts";
import { listContext } from "../format/contexts.ts";
import { chunkCount, sealedChunkBytes } from "../format/entry-faults.ts";
import { SEAL_OVERHEAD_BYTES } from "../format/ladder.ts";
import { decodeList, LIST_REFS } from "../format/list.ts";
import type { Context } from "../runtime/context.ts";
import type { Flow } from "../runtime/flow.ts";
import type { Row, Store } from "../store/store.ts";
import { blob, int, str } from "../store/store.ts";
import { blobRows, epochRow, selectIn } from "./fold.ts";
import type { KeyRing } from "./key-ring.ts";
import { otherPlaces, ownerOf, seekElsewhere } from "./other-places.ts";
import { pause } from "./pause.ts";
import { orNull } from "./record-check.ts";
import { KIND, PART, STATE } from "./schema.ts";
import type { Session } from "./session.ts";
import { fetchPart } from "./transfers.ts";

/** Files, and chunks, that one step reads. */
const FILES_A_STEP = 200;
const CHUNKS_A_STEP = 3_000;
/** Parts that one step seeks in another place. */
const PARTS_A_STEP = 500;

const NEXT_FILES = `SELECT f.id, v.size, v.lists, f.version FROM restore_file f JOIN index_version v ON v.id = f.version
  WHERE f.kind = ${KIND.file} AND f.state = ${STATE.planned} ORDER BY f.id LIMIT ${FILES_A_STEP}`;
const INSERT_PART = `INSERT OR REPLACE INTO restore_part (blob, offset, file, idx, chunk, epoch, sealed, state)
  VALUES (?, ?, ?, ?, ?, ?, ?, ${PART.wanted})`;
const SET_CHUNKS = "UPDATE restore_file SET chunks = ?, state = ? WHERE id = ?";

interface PlannedFile {
  readonly id: number;
  readonly version: number;
  readonly sizeBytes: number;
  readonly hasLists: boolean;
}

/** Gives every planned file its parts; a file whose lists cannot be read fails. Errors as `Session.get`. */
export function* placeParts(ctx: Context, session: Session, keys: KeyRing): Flow<void> {
  for (;;) {
    const files = ctx.store.all(NEXT_FILES).map(fileOf);
    const [first] = files;
    if (first === undefined) return;
    if (first.hasLists) yield* placeListed(ctx, session, keys, first);
    else placeInline(ctx.store, takeStep(files));
    yield* pause(ctx);
  }
}

function fileOf(row: Row): PlannedFile {
  return { id: int(row, 0), sizeBytes: int(row, 1), hasLists: int(row, 2) === 1, version: int(row, 3) };
}

/** The files up to the first with lists whose chunks one step may read; at least one. */
function takeStep(files: readonly PlannedFile[]): PlannedFile[] {
  const taken: PlannedFile[] = [];
  let chunks = 0;
  for (const file of files) {
    chunks += chunkCount(file.sizeBytes);
    if (file.hasLists || (taken.length > 0 && chunks > CHUNKS_A_STEP)) break;
    taken.push(file);
  }
  return taken;
}

function placeInline(store: Store, files: readonly PlannedFile[]): void {
  const rows = selectIn(
    store,
    "SELECT id, refs FROM index_version WHERE id IN",
    files.map((file) => file.version),
  );
  const refs = new Map(rows.map((row) => [int(row, 0), row]));
  const parts: Row[] = [];
  const states: Row[] = [];
  for (const file of files) {
    const count = chunkCount(file.sizeBytes);
    states.push([count, count === 0 ? STATE.ready : STATE.fetching, file.id]);
    if (count === 0) continue;
    const kept = readKept(blob(refs.get(file.version) as Row, 1));
    parts.push(...partRows(file.id, 0, kept));
  }
  store.runMany(INSERT_PART, parts);
  store.runMany(SET_CHUNKS, states);
}

function* placeListed(ctx: Context, session: Session, keys: KeyRing, file: PlannedFile): Flow<void> {
  const { store } = ctx;
  const row = store.first("SELECT refs FROM index_version WHERE id = ?", [file.version]) as Row;
  for (const [index, ref] of readKept(blob(row, 0)).entries()) {
    const refs = yield* findList(store, session, keys, file, ref);
    const damage = typeof refs === "string" ? refs : fits(file, index, refs) ? null : "list-malformed";
    if (damage !== null || typeof refs === "string") {
      store.run("UPDATE restore_file SET state = ?, code = ? WHERE id = ?", [STATE.failed, damage, file.id]);
      store.run("DELETE FROM restore_part WHERE file = ?", [file.id]);
      return;
    }
    store.runMany(INSERT_PART, partRows(file.id, index * LIST_REFS, refs));
  }
  store.run(SET_CHUNKS, [chunkCount(file.sizeBytes), STATE.fetching, file.id]);
}

/** The references in a list, from its version's place or else from another one; or what is wrong with the former. */
function* findList(
  store: Store,
  session: Session,
  keys: KeyRing,
  file: PlannedFile,
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
  const sha = str(store.first("SELECT sha FROM index_blob WHERE id = ?", [ref.blob]) as Row, 0);
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
function fits({ sizeBytes }: PlannedFile, index: number, refs: readonly ChunkRef[]): boolean {
  const first = index * LIST_REFS;
  if (refs.length !== Math.min(LIST_REFS, chunkCount(sizeBytes) - first)) return false;
  return refs.every((ref, i) => ref.sealedBytes === sealedChunkBytes(sizeBytes, first + i));
}

function readKept(bytes: Uint8Array): ChunkRef[] {
  return readRefs(decodeCbor(bytes), 1, Number.MAX_SAFE_INTEGER);
}

function partRows(file: number, first: number, refs: readonly ChunkRef[]): Row[] {
  return refs.map((ref, i) => [ref.blob, ref.offsetBytes, file, first + i, ref.id, ref.source, ref.sealedBytes]);
}

/**
 * Opens the epochs of all parts that are still wanted, and of their other places. What lies under an epoch that stays
 * closed is sought elsewhere, and files of which a part has no other place fail.
 */
export function* unlockEpochs(ctx: Context, keys: KeyRing): Flow<void> {
  const { store } = ctx;
  const wanted = `restore_part WHERE state = ${PART.wanted}`;
  const others = store.all(`SELECT DISTINCT epoch FROM index_place WHERE chunk IN (SELECT chunk FROM ${wanted})`);
  for (const row of others) yield* keys.unlock(int(row, 0));
  const isOpen = (epoch: number): boolean => keys.find(epoch)?.kind === "open";
  for (const row of store.all(`SELECT DISTINCT epoch FROM ${wanted}`)) {
    const epoch = yield* keys.unlock(int(row, 0));
    if (epoch.kind === "open") continue;
    const { code } = epoch;
    store.run(
      `UPDATE restore_file SET state = ?, code = ? WHERE state = ${STATE.fetching} AND id IN
        (SELECT file FROM ${wanted} AND epoch = ? AND chunk NOT IN (SELECT chunk FROM index_place))`,
      [STATE.failed, code, int(row, 0)],
    );
    dropParts(store);
    for (;;) {
      const sql = `SELECT blob, offset, file, idx, chunk FROM ${wanted} AND epoch = ? LIMIT ${PARTS_A_STEP}`;
      const parts = store.all(sql, [int(row, 0)]);
      if (parts.length === 0) break;
      seekElsewhere(
        store,
        isOpen,
        parts.map((part) => ({
          blob: int(part, 0),
          offset: int(part, 1),
          file: int(part, 2),
          idx: int(part, 3),
          chunk: str(part, 4),
          code,
        })),
      );
      yield* pause(ctx);
    }
  }
}

/** Parts of files that failed or were skipped are not wanted any more. */
export function dropParts(store: Store): void {
  store.run(
    `UPDATE restore_part SET state = ${PART.dropped} WHERE state = ${PART.wanted} AND file IN
      (SELECT id FROM restore_file WHERE kind = ${KIND.file} AND state IN (${STATE.failed}, ${STATE.skipped}))`,
  );
}
