// What a running backup knows besides its rows: conditions, token, counters. Rule: nothing here must survive a restart;
// the database is the truth, and `resetForStart` builds this from it. What is changed here and must survive is set by a
// method that writes it in the same step: ready entries, the wish to rotate, what the link has shown.

import type { BackupMode } from "../border/asks.ts";
import type { Conditions, Policy } from "../border/inputs.ts";
import type { FailureCode, WaitingReason } from "../border/reasons.ts";
import { CHUNK_BYTES, SEAL_OVERHEAD_BYTES } from "../format/ladder.ts";
import type { DeviceHead } from "../peer/answers.ts";
import { trouble } from "../peer/exchange.ts";
import { RetryPolicy, RUN } from "../peer/retry.ts";
import type { Context } from "../runtime/context.ts";
import type { Pairing } from "../store/settings.ts";
import { DEFAULT_POLICY, getSetting, putSetting } from "../store/settings.ts";
import { Link } from "./send/link.ts";
import { Setbacks } from "./setbacks.ts";
import { largestInVain, newestBlob } from "./tables/blob-rows.ts";
import { nextChunkId, sumChunks } from "./tables/chunk-rows.ts";
import { type EntrySet, everything, inFlight } from "./tables/entry-sets.ts";
import { countReady, sumStored, type Total, totalInFlight, totalSynced, totalWanted } from "./tables/totals.ts";

export interface Counters {
  filesTotal: number;
  filesDone: number;
  bytesTotal: number;
  bytesDone: number;
  bytesRead: number;
  /** Content that lies in stored blobs and in no receipt yet. */
  bytesStored: number;
  bytesSent: number;
  blobsSent: number;
  requests: number;
}

/** What a link showed longer ago than this says nothing of the one that is there now. */
const LINK_MS = 86_400_000;
/** Times that one plan is sent in vain, by processes that end meanwhile, before the next blobs are smaller. */
const VAIN_TRIES = 2;

/** `closed`: the head was not compared yet. `open`: records may be written. */
export type LogState = "closed" | "checking" | "open";

export class Run {
  readonly backoff: RetryPolicy = new RetryPolicy(RUN);
  readonly link: Link = new Link();
  readonly setbacks: Setbacks = new Setbacks();
  mode: BackupMode | null = null;
  /** Why nothing more can be done in this run; set once a run. */
  failure: FailureCode | null = null;
  conditions: Conditions | null = null;
  /** What the owner allows, as of this step. */
  policy: Policy = DEFAULT_POLICY;
  token: string | null = null;
  /** Receipts that did not hold since the last one that did. */
  refusedReceipts = 0;
  /** Tokens that were refused to uploads since the last one that brought the backup on. */
  refusedTokens = 0;
  pairing: Pairing | null = null;
  log: LogState = "closed";
  head: DeviceHead | null = null;
  startId = "";
  #rotateWanted = false;
  #unplanned = { chunks: 0, bytes: 0 };
  hashingBytes = 0;
  hashesInFlight = 0;
  scanInFlight = false;
  /** Blobs on their way: blob row id → effect id. */
  readonly uploads: Map<number, number> = new Map();
  /** The next blob would cost more than the month may, over the network that is there. */
  isOverBudget = false;
  recordInFlight = false;
  epochInFlight = false;
  listingInFlight = false;
  auditInFlight = false;
  /** When the oldest entry became ready, null when none is. */
  #readySinceMs: number | null = null;
  readyEntries = 0;
  #nextChunkId = 1;
  nextSweepAtMs: number | null = null;
  ownFolders: readonly string[] = [];
  /** What this run's owner was told already. */
  readonly #told: Set<string> = new Set();
  readonly counters: Counters = {
    filesTotal: 0,
    filesDone: 0,
    bytesTotal: 0,
    bytesDone: 0,
    bytesRead: 0,
    bytesStored: 0,
    bytesSent: 0,
    blobsSent: 0,
    requests: 0,
  };

  /** Reads what the rows say at the start of a process. */
  resetForStart(ctx: Context): void {
    const { store } = ctx;
    this.pairing = getSetting(store, "pairing");
    this.#unplanned = { ...sumChunks(store, 0) };
    this.#nextChunkId = nextChunkId(store);
    this.#rotateWanted = getSetting(store, "rotateWanted") === true;
    this.#readySinceMs = getSetting(store, "readySinceMs");
    this.counters.bytesStored = sumStored(store);
    Object.assign(this.counters, { filesTotal: 0, bytesTotal: 0, filesDone: 0, bytesDone: 0 });
    this.#count(ctx, 1, everything());
    this.countReady(ctx);
  }

  /** Chunks that are hashed and lie in no plan yet, and their sealed bytes. */
  get unplanned(): { readonly chunks: number; readonly bytes: number } {
    return this.#unplanned;
  }

  /** There are more of them, or (below 0) fewer. */
  addUnplanned(chunks: number, bytes: number): void {
    this.#unplanned.chunks += chunks;
    this.#unplanned.bytes += bytes;
  }

  /** A row id that no chunk has. */
  takeChunkId(): number {
    this.#nextChunkId += 1;
    return this.#nextChunkId - 1;
  }

  /** A process began: it goes on with the link as the one before had found it. */
  resumeLink(ctx: Context): void {
    const known = getSetting(ctx.store, "link");
    if (known !== null && Math.abs(ctx.now - known.atMs) < LINK_MS) this.link.resume(known);
    // What no process lived to see arrive is too large for it.
    const sizeBytes = largestInVain(ctx.store, VAIN_TRIES);
    if (sizeBytes !== null) this.link.wasTooSlow(Math.ceil(sizeBytes / (CHUNK_BYTES + SEAL_OVERHEAD_BYTES)));
    this.rememberLink(ctx);
  }

  /** Keeps what the link has shown, when that changed. */
  rememberLink(ctx: Context): void {
    const { chunks, cap, width } = this.link.state;
    const known = getSetting(ctx.store, "link");
    if (known !== null && known.chunks === chunks && known.cap === cap && known.width === width) return;
    putSetting(ctx.store, "link", { chunks, cap, width, atMs: ctx.now });
  }

  /** True while the end of the epoch is asked for. */
  get rotateWanted(): boolean {
    return this.#rotateWanted;
  }

  wantRotation(ctx: Context, isWanted: boolean): void {
    if (this.#rotateWanted !== isWanted) putSetting(ctx.store, "rotateWanted", isWanted ? true : null);
    this.#rotateWanted = isWanted;
  }

  /** A backup was asked for: its figures and its end are its own, not those of an earlier one of this process. */
  begin(ctx: Context, mode: BackupMode): void {
    this.mode = mode;
    this.failure = null;
    this.refusedReceipts = 0;
    this.backoff.begin(ctx.now);
    this.setbacks.begin(newestBlob(ctx.store));
    this.#told.clear();
  }

  /** Tells the owner something of a place, once a run. */
  tell(
    ctx: Context,
    code: string,
    root: { readonly name: string },
    path: string,
    count?: number,
    reason?: string,
  ): void {
    const key = JSON.stringify([code, root.name, path, reason]);
    if (this.#told.has(key)) return;
    this.#told.add(key);
    ctx.show({
      kind: "notice",
      code,
      root: root.name,
      ...(path === "" ? {} : { path }),
      ...(count === undefined ? {} : { count }),
      ...(reason === undefined ? {} : { reason }),
    });
  }

  /** Takes back what entries count for in the progress: they are about to be forgotten, or gone. */
  uncount(ctx: Context, set: EntrySet): void {
    this.#count(ctx, -1, set);
  }

  /** Takes back that entries count as done: they are about to be recorded anew. */
  uncountSynced({ store }: Context, set: EntrySet): void {
    this.#countDone(-1, totalSynced(store, set));
  }

  /** What a record names is about to be synced. */
  countReceipted({ store }: Context, number: number): void {
    const done = totalInFlight(store, inFlight(number));
    this.#countDone(1, done);
    this.counters.bytesStored = Math.max(0, this.counters.bytesStored - done.bytes);
  }

  /** A file that was read again is what the log has. */
  countUnchanged(bytes: number): void {
    this.#countDone(1, { files: 1, bytes });
  }

  #count({ store }: Context, sign: 1 | -1, set: EntrySet): void {
    const { files, bytes } = totalWanted(store, set);
    this.counters.filesTotal += sign * files;
    this.counters.bytesTotal += sign * bytes;
    this.#countDone(sign, totalSynced(store, set));
  }

  #countDone(sign: 1 | -1, { files, bytes }: Total): void {
    this.counters.filesDone += sign * files;
    this.counters.bytesDone += sign * bytes;
  }

  countReady(ctx: Context): void {
    this.readyEntries = countReady(ctx.store);
    this.#beReadySince(ctx, this.readyEntries === 0 ? null : (this.#readySinceMs ?? ctx.now));
  }

  /** Entries that became ready to be recorded. */
  addReady(ctx: Context, count: number): void {
    if (count <= 0) return;
    this.readyEntries += count;
    this.#beReadySince(ctx, this.#readySinceMs ?? ctx.now);
  }

  /** Entries that are named by a frozen record from now on. */
  takeReady(ctx: Context, count: number): void {
    this.readyEntries -= count;
    this.#beReadySince(ctx, this.readyEntries > 0 ? ctx.now : null);
  }

  /** For how long an entry has been ready, null when none is; without end when the clock was set back since. */
  readyForMs(ctx: Context): number | null {
    return this.#readySinceMs === null ? null : sinceMs(this.#readySinceMs, ctx.now);
  }

  #beReadySince(ctx: Context, atMs: number | null): void {
    if (this.#readySinceMs !== atMs) putSetting(ctx.store, "readySinceMs", atMs);
    this.#readySinceMs = atMs;
  }

  /** A blob arrived: whatever trouble there was is over, unless the server had it before and lost it. */
  tookBlob(sizeBytes: number): void {
    this.refusedTokens = 0;
    if (this.setbacks.tookBlob(sizeBytes)) this.backoff.succeeded();
  }

  /** A receipt came: whatever trouble there was is over, unless the server had that record before and lost it. */
  tookRecord(number: number): void {
    this.refusedTokens = 0;
    this.refusedReceipts = 0;
    if (this.setbacks.tookRecord(number)) this.backoff.succeeded();
  }

  /** The server lost what this run had sent: it waits before it sends that again. */
  wasSetBack(ctx: Context): void {
    const lost = trouble("server-lost-records", "peer-lost-data", this.setbacks.nextPauseMs());
    this.backoff.failed(ctx, lost, "storing");
  }

  /** Ends the run with a failure; the first one stands. */
  fail(code: FailureCode): void {
    this.failure ??= code;
  }

  /** The reason that pending work shows while it cannot go on, null when it can. */
  blockedBy: WaitingReason | null = null;
}

/** How long ago something was; without end when the clock was set back since, so that nothing waits for it to come again. */
export function sinceMs(atMs: number, now: number): number {
  return atMs > now ? Number.POSITIVE_INFINITY : now - atMs;
}
