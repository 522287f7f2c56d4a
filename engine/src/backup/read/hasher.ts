// Reading new files: which are hashed next and what their digests mean. Rule: a version is what one undisturbed reading
// found; a file that changed while it was read waits and is read again from its beginning.

import type { Answer } from "../../border/answers.ts";
import { asciiJsonLength } from "../../border/ascii-json.ts";
import type { WaitingReason } from "../../border/reasons.ts";
import type { HashedFile, Stat, UnreadableReason } from "../../border/sights.ts";
import { chunkCount, sealedChunkBytes } from "../../format/entry-faults.ts";
import { CHUNK_BYTES, FULL_BLOB_BYTES } from "../../format/ladder.ts";
import { joinPath } from "../../format/path.ts";
import { SLOT } from "../../keys/slots.ts";
import type { Context } from "../../runtime/context.ts";
import { getSetting, putSetting } from "../../store/settings.ts";
import type { Run } from "../run.ts";
import { fitsFormat } from "../scan/scanned-entry.ts";
import { MAX_BLOB_CHUNKS } from "../send/link.ts";
import { awaitReading, readLater, startReading, wakeDue } from "../tables/entry-rows.ts";
import { entriesById } from "../tables/entry-sets.ts";
import { Folders } from "../tables/folder-places.ts";
import { listAgain } from "../tables/folder-rows.ts";
import { forgetPieces } from "../tables/piece-rows.ts";
import {
  type FileInReading,
  hasUnread,
  hasUnreadOf,
  nextReadingAtMs,
  readInReading,
  readUnread,
  type UnreadFile,
} from "../tables/reading-queue.ts";
import { PieceWriter } from "./piece-writer.ts";

const EFFECTS_AT_ONCE = 2;
const FILES_AN_EFFECT = 256;
/** One full blob, so that one is hashed while another is sent. */
const CHUNKS_AN_EFFECT = MAX_BLOB_CHUNKS;
const EFFECT_BYTES = CHUNKS_AN_EFFECT * CHUNK_BYTES;
/** Readings of small files, the newest first, after which a large file that waits gets one of a piece, so that it gets on as well. */
const SMALL_READINGS = 3;
const PATH_CHARS_AN_EFFECT = 100_000;
/** Hashed bytes that wait for a blob at the most: what a host's buffer of just-hashed bytes holds. */
const AHEAD_BYTES = 2 * FULL_BLOB_BYTES;
/** After so many tries a run that must end leaves a file for the next one. */
export const TRIES_A_RUN = 4;
const RETRY_BASE_MS = 500;
const RETRY_CAP_MS = 60_000;
/** A change within this time before the reading began may share its time stamp with one after it. */
const RACY_MS = 20;
const COARSE_TICK_MS = 2_000;
/** A time stamp that is further ahead was made by a clock that was wrong: what is written now gets another one. */
const OTHER_CLOCK_MS = 86_400_000;

interface Asked {
  readonly entry: number;
  readonly root: string;
  readonly path: string;
  readonly first: number;
  readonly count: number;
}

export class Hasher {
  readonly #ctx: Context;
  readonly #run: Run;

  constructor(ctx: Context, run: Run) {
    this.#ctx = ctx;
    this.#run = run;
  }

  /** What a process that ended was reading is read on. */
  started(): void {
    readLater(this.#ctx.store, null);
  }

  /** True when no file can be hashed now: none is in flight, and none is waiting to be. */
  isDone(): boolean {
    return this.#run.hashesInFlight === 0 && !hasUnread(this.#ctx.store);
  }

  /** When the next file that waits may be read again; null when none is to be retried in this run. */
  nextRetryAtMs(): number | null {
    return nextReadingAtMs(this.#ctx.store, this.#mostTries);
  }

  /** A run that must end leaves a file after some tries; any other goes on. */
  get #mostTries(): number {
    return this.#run.mode === "watch" ? 1_000_000 : TRIES_A_RUN;
  }

  pump(): void {
    this.#wakeWaiting();
    while (this.#run.hashesInFlight < EFFECTS_AT_ONCE && this.#ctx.hasRoom()) {
      if (this.#run.hashingBytes + this.#run.unplanned.bytes + EFFECT_BYTES > AHEAD_BYTES) return;
      const asked = this.#select();
      if (asked.length === 0) return;
      this.#issue(asked);
    }
  }

  #wakeWaiting(): void {
    const retryAt = this.nextRetryAtMs();
    const { now } = this.#ctx;
    // What is to be read later than any file waits comes from a clock that was set back since.
    const latest = now + RETRY_CAP_MS;
    if (retryAt === null || (retryAt > now && retryAt <= latest)) return;
    wakeDue(this.#ctx.store, now, latest, this.#mostTries);
  }

  #select(): Asked[] {
    const { store } = this.#ctx;
    const folders = new Folders(store);
    const asked: Asked[] = [];
    let chunks = 0;
    let pathChars = 0;
    for (const file of this.#next()) {
      const folder = folders.get(file.folder);
      const path = joinPath(folder.path, file.name);
      const chars = asciiJsonLength(path);
      if (asked.length > 0 && (chunks >= CHUNKS_AN_EFFECT || pathChars + chars > PATH_CHARS_AN_EFFECT)) break;
      const first = file.hashed;
      // A file that the listing saw empty is read as if it had a chunk: it may have grown since.
      const left = Math.max(chunkCount(file.sizeBytes) - first, 1);
      const count = Math.min(left, Math.max(CHUNKS_AN_EFFECT - Math.floor(chunks), 1));
      asked.push({ entry: file.id, root: folder.locator, path, first, count });
      // Small files count by their bytes, so that many of them go into one effect.
      chunks += Math.min(count, file.sizeBytes / CHUNK_BYTES);
      pathChars += chars;
    }
    return asked;
  }

  /** Small files before large ones, but for each fourth reading; counted over processes, since each may end before its fourth. */
  #next(): UnreadFile[] {
    const { store } = this.#ctx;
    const readings = getSetting(store, "smallReadings");
    if (!hasUnreadOf(store, "large")) return readUnread(store, "small", FILES_AN_EFFECT);
    const small = (readings ?? 0) < SMALL_READINGS ? readUnread(store, "small", FILES_AN_EFFECT) : [];
    if (small.length > 0) {
      putSetting(store, "smallReadings", (readings ?? 0) + 1);
      return small;
    }
    if (readings !== null) putSetting(store, "smallReadings", null);
    return readUnread(store, "large", CHUNKS_AN_EFFECT);
  }

  #issue(asked: readonly Asked[]): void {
    startReading(
      this.#ctx.store,
      asked.map(({ entry }) => entry),
    );
    const bytes = asked.reduce((sum, one) => sum + one.count * CHUNK_BYTES, 0);
    const guess = Math.min(bytes, EFFECT_BYTES);
    const issuedAt = this.#ctx.now;
    this.#run.hashesInFlight += 1;
    this.#run.hashingBytes += guess;
    const files = asked.map(({ root, path, first, count }) => ({ root, path, first, count }));
    this.#ctx.issue({ kind: "hash", key: SLOT.dedup, chunkBytes: CHUNK_BYTES, files }, (answer) => {
      this.#run.hashesInFlight -= 1;
      this.#run.hashingBytes -= guess;
      this.#take(asked, answer, issuedAt);
    });
  }

  #take(asked: readonly Asked[], answer: Answer<"hash">, issuedAt: number): void {
    const { store } = this.#ctx;
    const ids = asked.map(({ entry }) => entry);
    if (answer.kind !== "hashed") {
      readLater(store, ids);
      if (answer.kind === "failed") this.#run.fail("host-error");
      return;
    }
    const current = new Map(readInReading(store, ids).map((row) => [row.id, row]));
    const writer = new PieceWriter(this.#ctx, this.#run);
    asked.forEach((one, index) => {
      const row = current.get(one.entry);
      const file = answer.files[index];
      // The row went, or a scan found the file changed, while the host was reading; its next reading may be under way already.
      if (row === undefined || file === undefined || row.hashed !== one.first) return;
      this.#takeFile(one, row, file, issuedAt, writer);
    });
    writer.write();
  }

  #takeFile(one: Asked, row: FileInReading, file: HashedFile, issuedAt: number, writer: PieceWriter): void {
    switch (file.kind) {
      case "changed":
        this.#wait(row, "still-changing");
        return;
      case "vanished":
        this.#waitForListing(row);
        return;
      case "unreadable":
        this.#takeUnreadable(row, file.reason);
        return;
      case "ok":
        break;
    }
    const { stat, digests } = file;
    if (!fitsFormat(stat)) {
      this.#wait(row, "out-of-range");
      return;
    }
    this.#run.counters.bytesRead += readBytes(one, stat, digests.length);
    if (one.first > 0 && !isSameStat(row, stat)) {
      this.#wait(row, "still-changing");
      return;
    }
    const total = chunkCount(stat.sizeBytes);
    if (one.first + digests.length > total || (digests.length < one.count && one.first + digests.length < total)) {
      this.#run.fail("host-error");
      return;
    }
    // A file that changed between its listing and its reading counts with the size that was read.
    if (one.first === 0) this.#run.counters.bytesTotal += stat.sizeBytes - row.sizeBytes;
    writer.add({
      entry: one.entry,
      stat,
      first: one.first,
      digests,
      sealedBytes: digests.map((_, i) => sealedChunkBytes(stat.sizeBytes, one.first + i)),
      isComplete: one.first + digests.length === total,
      isRacy: isRacy(stat, issuedAt) || (one.first > 0 && row.isRacy),
      pendingBefore: one.first === 0 ? 0 : row.pending,
      version: row.version,
    });
  }

  #takeUnreadable(row: FileInReading, reason: UnreadableReason): void {
    switch (reason) {
      case "permission":
        this.#wait(row, "unreadable");
        return;
      case "size":
        this.#wait(row, "size-untrue");
        return;
      case "not-a-file":
        this.#waitForListing(row);
        return;
      case "io":
        this.#wait(row, "io-error");
    }
  }

  /** It is not there, or no file any more: the next listing of its folder decides what became of it. */
  #waitForListing(row: FileInReading): void {
    listAgain(this.#ctx.store, row.folder);
    // What it waited for before is still the best word for it, where its root or its folder is away.
    this.#wait(row, row.reason ?? "still-changing");
  }

  /** The file waits with its reason and is read again from the beginning. */
  #wait(row: FileInReading, reason: WaitingReason): void {
    const { store, now } = this.#ctx;
    forgetPieces(store, entriesById([row.id]));
    // A refused permission does not mend itself within seconds: the next sweep tries again.
    const isForSweep = reason === "unreadable" || reason === "out-of-range";
    const retryAtMs = isForSweep ? null : now + Math.min(RETRY_BASE_MS * 2 ** row.tries, RETRY_CAP_MS);
    awaitReading(store, row.id, { reason, retryAtMs });
  }
}

function isSameStat(row: FileInReading, stat: Stat): boolean {
  return (
    row.sizeBytes === stat.sizeBytes &&
    row.mtimeS === stat.mtimeS &&
    row.mtimeUs === stat.mtimeUs &&
    row.ctimeS === (stat.ctimeS ?? null) &&
    row.ctimeUs === (stat.ctimeUs ?? null) &&
    row.identity === stat.identity
  );
}

function isRacy(stat: Stat, issuedAt: number): boolean {
  // Without a ctime the coarsest file systems count in two seconds.
  const { mtimeS, ctimeS, ctimeUs } = stat;
  const changedMs = ctimeS === undefined ? mtimeS * 1_000 : ctimeS * 1_000 + (ctimeUs ?? 0) / 1_000;
  const tickMs = ctimeS === undefined ? COARSE_TICK_MS : RACY_MS;
  return changedMs + tickMs >= issuedAt && changedMs - issuedAt < OTHER_CLOCK_MS;
}

function readBytes(one: Asked, stat: Stat, chunks: number): number {
  return Math.max(0, Math.min(stat.sizeBytes, (one.first + chunks) * CHUNK_BYTES) - one.first * CHUNK_BYTES);
}
