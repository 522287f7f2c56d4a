// `hash`: keyed digests of pieces of files (docs/host-api.md H-21). Rule: what is answered was true between two equal stats.

import { type BigIntStats, closeSync, fstatSync } from "node:fs";
import type { Answers, EffectBody, HashedFile } from "coffre-engine";
import { RefusedEffect, type Turn } from "../../../../host-loop/src/index.ts";
import { describeStat } from "../file-stat.ts";
import type { HashedBytes } from "../hashed-bytes.ts";
import { locate } from "../names.ts";
import { openToRead, readFailureOf, readFully } from "../open-file.ts";
import { PlainFolders } from "../plain-folders.ts";
import { beginTurn } from "../runtime.ts";
import { keyedDigest, sha256 } from "../sealing.ts";
import type { Slots } from "../slots.ts";

type HashEffect = EffectBody & { kind: "hash" };

const MOST_CHUNKS = 3_000;
const MOST_CHUNK_BYTES = 8 * 1024 * 1024;

/** Carries out a `hash` effect. */
export async function hashFiles(
  slots: Slots,
  hashed: HashedBytes,
  effect: HashEffect,
  signal: AbortSignal,
): Promise<Answers["hash"]> {
  const key = slots.find(effect.key);
  if (key === null) throw new RefusedEffect("expected a slot that is there");
  const chunks = effect.files.reduce((sum, file) => sum + file.count, 0);
  if (chunks > MOST_CHUNKS) throw new RefusedEffect(`expected at most ${MOST_CHUNKS} chunks, got ${chunks}`);
  if (!(effect.chunkBytes >= 1 && effect.chunkBytes <= MOST_CHUNK_BYTES))
    throw new RefusedEffect("expected chunks of 1 byte to 8 MiB");
  const hasher = new Hasher(hashed, effect.key, key, effect.chunkBytes, beginTurn(signal));
  const files: HashedFile[] = [];
  for (const file of effect.files) files.push(await hasher.hash(file));
  return { kind: "hashed", files };
}

class Hasher {
  readonly #hashed: HashedBytes;
  readonly #slot: string;
  readonly #key: Buffer;
  readonly #chunkBytes: number;
  readonly #turn: Turn;
  readonly #folders = new PlainFolders();
  readonly #oneByte = Buffer.alloc(1);

  constructor(hashed: HashedBytes, slot: string, key: Buffer, chunkBytes: number, turn: Turn) {
    this.#hashed = hashed;
    this.#slot = slot;
    this.#key = key;
    this.#chunkBytes = chunkBytes;
    this.#turn = turn;
  }

  async hash(file: HashEffect["files"][number]): Promise<HashedFile> {
    let fd: number;
    try {
      this.#folders.check(file.root, file.path);
      fd = openToRead(locate(file.root, file.path));
    } catch (error) {
      return describeFailure(error);
    }
    try {
      return await this.#hashOpen(fd, file.first, file.count);
    } catch (error) {
      return describeFailure(error);
    } finally {
      closeSync(fd);
    }
  }

  async #hashOpen(fd: number, first: number, count: number): Promise<HashedFile> {
    const before = fstatSync(fd, { bigint: true });
    if (!before.isFile()) return { kind: "unreadable", reason: "not-a-file" };
    const size = Number(before.size);
    const end = Math.min(size, (first + count) * this.#chunkBytes);
    const digests: string[] = [];
    let isTrue = true;
    for (let from = first * this.#chunkBytes; from < end && isTrue; from += this.#chunkBytes) {
      const digest = this.#hashChunk(fd, from, Math.min(this.#chunkBytes, size - from));
      if (digest === null) isTrue = false;
      else digests.push(digest);
      if (this.#turn.isOver()) await this.#turn.pass();
    }
    // A byte behind the end: some file systems say 0, or what they knew last, of files that have content.
    if (isTrue && end === size) isTrue = readFully(fd, this.#oneByte, size) === 0;
    if (!isSame(before, fstatSync(fd, { bigint: true }))) return { kind: "changed" };
    if (!isTrue) return { kind: "unreadable", reason: "size" };
    if (this.#turn.isOver()) await this.#turn.pass();
    return { kind: "ok", stat: describeStat(before), digests };
  }

  /** The digest of one chunk, whose bytes are kept for its upload; null when the file ended before it. */
  #hashChunk(fd: number, from: number, length: number): string | null {
    const reserved = this.#hashed.reserve(length);
    const chunk = reserved ?? Buffer.allocUnsafeSlow(length);
    if (readFully(fd, chunk, from) < length) return null;
    const sha = sha256(chunk);
    const digest = keyedDigest(this.#key, sha);
    if (reserved !== null) this.#hashed.keep(this.#slot, digest, chunk, sha);
    return digest;
  }
}

function isSame(a: BigIntStats, b: BigIntStats): boolean {
  return a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs && a.ino === b.ino && a.dev === b.dev;
}

/** The answer that an error of the file system stands for; throws what is none. */
function describeFailure(error: unknown): HashedFile {
  const reason = readFailureOf(error);
  return reason === "vanished" ? { kind: "vanished" } : { kind: "unreadable", reason };
}
