// Comparing files with what they should hold, by keyed digests (docs/host-api.md H-21). Rule: a file is what a row says
// when its size and every digest fit, and nothing less.

import type { HashedFile } from "../../border/sights.ts";
import { CHUNK_BYTES } from "../../format/ladder.ts";
import { SLOT } from "../../keys/slots.ts";
import type { Context } from "../../runtime/context.ts";
import { type Flow, perform } from "../../runtime/flow.ts";
import type { Store } from "../../store/store.ts";
import { markFound, partsOf } from "../tables/part-rows.ts";
import { workName } from "./loads.ts";

/** Chunks and files of one effect. */
const MAX_CHUNKS = 3_000;
const MAX_FILES = 200;
/** Characters of paths in one effect; one path may have 131,000 bytes. */
const MAX_CHARS = 100_000;

/** A file as it should be; `path` is where it is looked for. */
export interface ExpectedFile {
  readonly id: number;
  readonly path: string;
  readonly chunks: number;
  readonly sizeBytes: number;
}

export type Comparison = "equal" | "different" | "absent";

/** As many of the files, from the first on, as one effect may ask for; a file of more chunks stands alone. */
export function takeBatch<T extends ExpectedFile>(files: readonly T[]): T[] {
  const batch: T[] = [];
  let chunks = 0;
  let chars = 0;
  for (const file of files) {
    chunks += Math.max(1, file.chunks);
    chars += file.path.length * 6;
    const isFull = batch.length >= MAX_FILES || chunks > MAX_CHUNKS || chars > MAX_CHARS;
    if (batch.length > 0 && isFull) break;
    batch.push(file);
  }
  return batch;
}

/** Compares a batch of `takeBatch` with files below `root`. */
export function* compareFiles(
  ctx: Context,
  root: string,
  batch: readonly ExpectedFile[],
): Flow<Map<number, Comparison>> {
  const results = new Map<number, Comparison>();
  const [first] = batch;
  if (first !== undefined && first.chunks > MAX_CHUNKS) {
    results.set(first.id, yield* compareLarge(ctx, root, first));
    return results;
  }
  const hashed = yield* hashFiles(
    root,
    batch.map(({ path, chunks }) => ({ path, first: 0, count: chunks })),
  );
  for (const [index, file] of batch.entries()) results.set(file.id, judge(ctx.store, file, 0, hashed[index]));
  return results;
}

function* compareLarge(ctx: Context, root: string, file: ExpectedFile): Flow<Comparison> {
  for (let first = 0; first < file.chunks; first += MAX_CHUNKS) {
    const [hashed] = yield* hashFiles(root, [{ path: file.path, first, count: countFrom(file, first) }]);
    const comparison = judge(ctx.store, file, first, hashed);
    if (comparison !== "equal") return comparison;
  }
  return "equal";
}

function judge(store: Store, file: ExpectedFile, first: number, hashed: HashedFile | undefined): Comparison {
  if (hashed === undefined || hashed.kind === "vanished") return "absent";
  if (hashed.kind !== "ok" || hashed.stat.sizeBytes !== file.sizeBytes) return "different";
  const wanted = partsOf(store, file.id, first, MAX_CHUNKS).map(({ chunk }) => chunk);
  const isEqual = wanted.length === hashed.digests.length && wanted.every((chunk, i) => chunk === hashed.digests[i]);
  return isEqual ? "equal" : "different";
}

/**
 * Looks at files under way in the work folder and sets each part's state by what is there. Gives how many parts each
 * file has, by its id. A last part whose file is still too long or too short is not there.
 */
export function* verifyWork(ctx: Context, work: string, batch: readonly ExpectedFile[]): Flow<Map<number, number>> {
  const counts = new Map<number, number>();
  // Only a file that stands alone has more chunks than one effect may ask for.
  const chunks = Math.max(1, ...batch.map((file) => file.chunks));
  for (let first = 0; first < chunks; first += MAX_CHUNKS) {
    const pieces = batch.map((file) => ({ path: workName(file.id), first, count: countFrom(file, first) }));
    const hashed = yield* hashFiles(work, pieces);
    for (const [index, file] of batch.entries()) {
      const piece = hashed[index];
      const found = setParts(ctx.store, file, first, piece?.kind === "ok" ? piece.digests : []);
      counts.set(file.id, (counts.get(file.id) ?? 0) + found);
    }
  }
  return counts;
}

function setParts(store: Store, file: ExpectedFile, first: number, digests: readonly string[]): number {
  const parts = partsOf(store, file.id, first, MAX_CHUNKS);
  const found = parts.map(({ idx, chunk }, i) => ({ idx, isThere: chunk === digests[i] }));
  markFound(store, file.id, found);
  return found.filter(({ isThere }) => isThere).length;
}

function countFrom(file: ExpectedFile, first: number): number {
  return Math.min(MAX_CHUNKS, file.chunks - first);
}

function* hashFiles(
  root: string,
  pieces: readonly { readonly path: string; readonly first: number; readonly count: number }[],
): Flow<readonly HashedFile[]> {
  const files = pieces.map(({ path, first, count }) => ({ root, path, first, count: Math.max(1, count) }));
  const answer = yield* perform({ kind: "hash", key: SLOT.dedup, chunkBytes: CHUNK_BYTES, files });
  return answer.files;
}
