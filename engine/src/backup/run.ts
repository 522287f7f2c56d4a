// What a running backup knows besides its rows: conditions, token, counters. Rule: nothing here must survive a restart;
// the database is the truth, and `resetForStart` builds this from it.

import type { Conditions, Policy } from "../border/inputs.ts";
import type { FailureCode, WaitingReason } from "../border/reasons.ts";
import type { DeviceHead } from "../peer/answers.ts";
import type { Context } from "../runtime/context.ts";
import { KIND, STATE } from "../store/schema.ts";
import type { Pairing } from "../store/settings.ts";
import { DEFAULT_POLICY, getSetting } from "../store/settings.ts";
import type { StoreValue } from "../store/store.ts";
import { int } from "../store/store.ts";
import { Backoff } from "./backoff.ts";
import { Link } from "./link.ts";

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

/** `closed`: the head was not compared yet. `open`: records may be written. */
export type LogState = "closed" | "checking" | "open";

export class Run {
  readonly backoff: Backoff = new Backoff();
  readonly link: Link = new Link();
  mode: "once" | "watch" | null = null;
  stopping = false;
  /** Why nothing more can be done in this run; set once a run. */
  failure: FailureCode | null = null;
  conditions: Conditions | null = null;
  /** What the owner allows, as of this step. */
  policy: Policy = DEFAULT_POLICY;
  token: string | null = null;
  /** Uploads that were refused for their token since the last one that brought the backup on. */
  refusedTokens = 0;
  pairing: Pairing | null = null;
  log: LogState = "closed";
  head: DeviceHead | null = null;
  startId = "";
  rotateWanted = false;
  /** Chunks that are hashed and lie in no plan yet. */
  unplannedBytes = 0;
  unplannedChunks = 0;
  hashingBytes = 0;
  hashesInFlight = 0;
  scanInFlight = false;
  /** Blobs on their way: blob row id → effect id. */
  readonly uploads: Map<number, number> = new Map();
  recordInFlight = false;
  epochInFlight = false;
  listingInFlight = false;
  /** Blobs stored since the last record. */
  unreferencedBlobs = 0;
  /** When the oldest of them was stored, null when there is none. */
  unreferencedSinceMs: number | null = null;
  /** When the oldest entry became ready, null when none is. */
  readySinceMs: number | null = null;
  readyEntries = 0;
  nextChunkId = 1;
  nextSweepAtMs: number | null = null;
  ownFolders: readonly string[] = [];
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
    const unplanned = store.first("SELECT count(*), coalesce(sum(sealed), 0) FROM chunk WHERE blob = 0") ?? [0, 0];
    this.unplannedChunks = int(unplanned, 0);
    this.unplannedBytes = int(unplanned, 1);
    this.nextChunkId = int(store.first("SELECT coalesce(max(id), 0) + 1 FROM chunk") ?? [1], 0);
    Object.assign(this.counters, { filesTotal: 0, bytesTotal: 0, filesDone: 0, bytesDone: 0 });
    this.#count(ctx, 1, "1 = 1", []);
    this.countReady(ctx);
  }

  /** A backup was asked for: its figures and its end are its own, not those of an earlier one of this process. */
  begin(mode: "once" | "watch", now: number): void {
    this.mode = mode;
    this.stopping = false;
    this.failure = null;
    this.backoff.begin(now);
    Object.assign(this.counters, { bytesRead: 0, bytesSent: 0, blobsSent: 0, requests: 0 });
  }

  /** Takes back what entries count for in the progress: they are about to be forgotten, or gone. */
  uncount(ctx: Context, which: string, params: readonly StoreValue[]): void {
    this.#count(ctx, -1, which, params);
  }

  /** Takes back that entries count as done: they are about to be recorded anew. */
  uncountSynced(ctx: Context, which: string, params: readonly StoreValue[]): void {
    this.#countSynced(ctx, -1, which, params);
  }

  #count(ctx: Context, sign: 1 | -1, which: string, params: readonly StoreValue[]): void {
    const none = `${STATE.excluded}, ${STATE.gone}, ${STATE.goneRecording}`;
    const [files, bytes] = measure(ctx, `state NOT IN (${none}) AND ${which}`, params);
    this.counters.filesTotal += sign * files;
    this.counters.bytesTotal += sign * bytes;
    this.#countSynced(ctx, sign, which, params);
  }

  #countSynced(ctx: Context, sign: 1 | -1, which: string, params: readonly StoreValue[]): void {
    const [files, bytes] = measure(ctx, `state = ${STATE.synced} AND ${which}`, params);
    this.counters.filesDone += sign * files;
    this.counters.bytesDone += sign * bytes;
  }

  countReady(ctx: Context): void {
    const row = ctx.store.first("SELECT count(*) FROM entry WHERE state IN (?, ?)", [STATE.ready, STATE.gone]) ?? [0];
    this.readyEntries = int(row, 0);
    if (this.readyEntries === 0) this.readySinceMs = null;
    else this.readySinceMs ??= ctx.now;
  }

  /** Entries that became ready to be recorded. */
  addReady(ctx: Context, count: number): void {
    if (count <= 0) return;
    this.readyEntries += count;
    this.readySinceMs ??= ctx.now;
  }

  /** An upload brought the backup on: whatever trouble there was is over. */
  cameOn(): void {
    this.refusedTokens = 0;
    this.backoff.worked();
  }

  /** Ends the run with a failure; the first one stands. */
  fail(code: FailureCode): void {
    this.failure ??= code;
  }

  /** True while nothing may be sent because of the back-off, a stop or a failure. */
  isHeld(ctx: Context): boolean {
    return this.stopping || this.failure !== null || this.backoff.isWaiting(ctx.now);
  }

  /** The reason that pending work shows while it cannot go on, null when it can. */
  blockedBy: WaitingReason | null = null;
}

/** How many files meet a condition, and their bytes. */
function measure({ store }: Context, which: string, params: readonly StoreValue[]): readonly [number, number] {
  const sql = `SELECT count(*), coalesce(sum(size), 0) FROM entry WHERE kind = ${KIND.file} AND ${which}`;
  const row = store.first(sql, params) ?? [0, 0];
  return [int(row, 0), int(row, 1)];
}
