// The memory of a host that handles a large file. Rule: the figure is the kernel's own, of the process that the adapter names.

import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { UploadPart } from "coffre-engine";
import { type CheckGroup, expectEqual, expectKind, expectThat, Unavailable } from "../check.ts";
import { CHUNK_BYTES, keyedDigest, SEAL_BYTES, sha256 } from "../expected-bytes.ts";
import { serve } from "../servers.ts";
import type { FilledSlot, Stage } from "../stage.ts";

const MIB = 1_048_576;
/** Five times what a slow disk and two busy cores take. */
const MS_PER_MIB = 100;
const TIMEOUT_MS = 120_000;
/** What a file of this size needs is a host's usual memory: all its buffers have been used once. */
const WARM_BYTES = 48 * MIB;
/** What fits a body of 8 MiB. */
const BODY_CHUNKS = 8;
const HASH_CHUNKS = 1_000;
const CONTEXT = "coffre/1/chunk/{digest}";

/** The most memory that a process has had so far, in bytes. */
function readPeakBytes(pid: number): number {
  let status: string;
  try {
    status = readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    throw new Unavailable("this system does not tell how much memory a process had (/proc)");
  }
  const [, peakKiB] = /^VmHWM:\s*(\d+) kB$/m.exec(status) ?? [];
  if (peakKiB === undefined) throw new Unavailable("this system does not tell the peak of a process (VmHWM)");
  return Number(peakKiB) * 1024;
}

/** The bytes of chunk `index`: its number, and then a hole. No two chunks are the same, and the disk holds a page of each. */
function chunkOf(index: number, length: number): Buffer {
  const chunk = Buffer.alloc(length);
  chunk.write(`chunk ${index}\n`);
  return chunk;
}

function makeLargeFile(file: string, sizeBytes: number): void {
  const fd = openSync(file, "w");
  ftruncateSync(fd, sizeBytes);
  for (let at = 0; at * CHUNK_BYTES < sizeBytes; at++) writeSync(fd, `chunk ${at}\n`, at * CHUNK_BYTES);
  closeSync(fd);
}

function lengthOf(index: number, sizeBytes: number): number {
  return Math.min(CHUNK_BYTES, sizeBytes - index * CHUNK_BYTES);
}

/** Hashes a file of `sizeBytes`, sends it in bodies of 8 chunks, and reads each body back into a file. */
async function handleFile(stage: Stage, sizeBytes: number, dedup: FilledSlot, root: FilledSlot): Promise<void> {
  const { adapter } = stage;
  const [source, target] = [stage.folder(), stage.folder()];
  const roots = [source, target];
  makeLargeFile(join(source, "large"), sizeBytes);
  const count = Math.ceil(sizeBytes / CHUNK_BYTES);
  const digests: string[] = [];
  for (let first = 0; first < count; first += HASH_CHUNKS) {
    const files = [{ root: source, path: "large", first, count: HASH_CHUNKS }];
    const answer = await adapter.ask({ kind: "hash", key: dedup.slot, chunkBytes: CHUNK_BYTES, files });
    const [file] = expectKind(answer, "hashed").files;
    if (file?.kind !== "ok") throw new Error(`expected a file that was hashed, got ${JSON.stringify(file)}`);
    digests.push(...file.digests);
  }
  expectEqual("the number of chunks", digests.length, count);
  let body: Buffer = Buffer.alloc(0);
  const { url } = await serve(
    stage,
    (response, seen) => {
      if (seen.method === "PUT") body = seen.body;
      response.end(seen.method === "PUT" ? "" : body);
    },
    { remembers: false },
  );
  const to = { server: { url }, timeoutMs: TIMEOUT_MS };
  for (let first = 0; first < count; first += BODY_CHUNKS) {
    const indexes = Array.from({ length: Math.min(BODY_CHUNKS, count - first) }, (_, at) => first + at);
    const parts: UploadPart[] = indexes.map((index) => ({
      root: 0,
      path: "large",
      offset: index * CHUNK_BYTES,
      length: lengthOf(index, sizeBytes),
      digest: digests[index] ?? "",
      seal: 0,
    }));
    const seals = [{ slot: root.slot, context: CONTEXT }];
    const upload = {
      kind: "upload",
      ...to,
      method: "PUT",
      path: "/{sha256}",
      roots,
      seals,
      key: dedup.slot,
      parts,
    } as const;
    const { sha256: id } = expectKind(await adapter.ask(upload), "response");
    expectEqual("the body's SHA-256", id, sha256(body).toString("hex"));
    await readBack(stage, { digests, indexes, sizeBytes, roots, root, dedup, to, id, maxBytes: body.length });
  }
  for (const index of new Set([0, Math.floor(count / 2), count - 1])) {
    const expected = keyedDigest(dedup.key, chunkOf(index, lengthOf(index, sizeBytes)));
    expectEqual(`the digest of chunk ${index}`, digests[index], expected);
  }
  expectEqual("the number of different digests", new Set(digests).size, count);
}

/** Downloads one body into a file that holds no more than one body, and looks at the first bytes of each chunk. */
async function readBack(
  { adapter }: Stage,
  given: {
    readonly digests: readonly string[];
    readonly indexes: readonly number[];
    readonly sizeBytes: number;
    readonly roots: readonly string[];
    readonly root: FilledSlot;
    readonly dedup: FilledSlot;
    readonly to: { readonly server: { readonly url: string }; readonly timeoutMs: number };
    readonly id: string;
    readonly maxBytes: number;
  },
): Promise<void> {
  const { digests, indexes, sizeBytes, roots, root, dedup, to, id, maxBytes } = given;
  const seals = indexes.map((index) => ({
    slot: root.slot,
    context: CONTEXT.replace("{digest}", digests[index] ?? ""),
  }));
  const parts = indexes.map((index, at) => ({
    offset: at * (CHUNK_BYTES + SEAL_BYTES),
    length: lengthOf(index, sizeBytes) + SEAL_BYTES,
    seal: at,
    to: [{ root: 1, path: "back", offset: at * CHUNK_BYTES }],
  }));
  const answer = await adapter.ask({
    kind: "download",
    ...to,
    path: `/${id}`,
    sha256: id,
    maxBytes,
    key: dedup.slot,
    seals,
    roots,
    parts,
  });
  const response = expectKind(answer, "response");
  expectEqual(
    "the parts",
    response.parts,
    indexes.map(() => ({ kind: "ok" })),
  );
  const back = readFileSync(join(roots[1] ?? "", "back"));
  for (const [at, index] of indexes.entries()) {
    const begins = back.toString("latin1", at * CHUNK_BYTES, at * CHUNK_BYTES + `chunk ${index}\n`.length);
    expectEqual(`how chunk ${index} begins`, begins, `chunk ${index}\n`);
  }
}

export const MEMORY_CHECKS: CheckGroup = {
  title: "Memory",
  checks: [
    {
      says: "needs no more memory for a large file that never repeats than for a small one",
      proves: ["H-21", "H-22", "H-23"],
      extraMs: ({ largeBytes }) => (largeBytes / MIB) * MS_PER_MIB,
      run: async (stage) => {
        const { largeBytes, growthBytes } = stage.setup;
        const { pid } = stage.adapter.ready;
        const [dedup, root] = [await stage.fillSlot(), await stage.fillSlot()];
        await handleFile(stage, WARM_BYTES, dedup, root);
        const beforeBytes = readPeakBytes(pid);
        await handleFile(stage, largeBytes, dedup, root);
        const afterBytes = readPeakBytes(pid);
        const figures = [beforeBytes, afterBytes].map((bytes) => `${Math.round(bytes / MIB)} MiB`);
        stage.note(`peak ${figures.join(", then ")}`);
        expectThat("its memory grew with the file", afterBytes - beforeBytes <= growthBytes, figures);
      },
    },
  ],
};
