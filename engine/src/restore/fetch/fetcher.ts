// Fetches what is wanted, blob after blob, a few downloads at a time. Rule: a row is written only when its part came
// authentic and lies in its file; what fails takes its own files down and nothing else.
//
// Blobs are taken in the order of their rows, which is the order in which the vault's records named them, so files
// become whole one after the other. Where the walk stands is memory alone: after a restart it begins again at the first
// row that is still wanted.

import type { Answer, DownloadedPart } from "../../border/answers.ts";
import type { DamageCode, FailureCode } from "../../border/reasons.ts";
import { FULL_BLOB_BYTES, SEAL_OVERHEAD_BYTES } from "../../format/ladder.ts";
import { SLOT } from "../../keys/slots.ts";
import type { Trouble } from "../../peer/exchange.ts";
import { downloadTimeoutMs } from "../../peer/timeouts.ts";
import type { Context } from "../../runtime/context.ts";
import type { KeyRing } from "../index/key-ring.ts";
import type { Session } from "../session.ts";
import { failOverParts, markWritten, nextBlob, type Place, ROWS_A_QUERY, wantedParts } from "../tables/part-rows.ts";
import { type LoadPlan, planLoad, type WantedPart } from "./loads.ts";
import { type FailedPart, seekElsewhere } from "./other-places.ts";
import { damageOf, readTransfer } from "./transfers.ts";

const WIDTH = 4;
/** After so many troubles with one blob, between which others came, it counts as unreachable. */
const MAX_TROUBLES = 6;

/** What the fetcher tells whoever runs the restore. */
export interface FetchEvents {
  failed(code: FailureCode): void;
  noSpace(files: readonly number[]): void;
  unauthorized(): void;
  /** The exchange should be tried again at that time. */
  wait(atMs: number): void;
  /** Retrying ended over an error of the server: `isOne` when it turns out to be about one blob alone. */
  doubt(code: FailureCode, isOne: () => void): void;
  written(sizeBytes: number): void;
}

interface Load {
  readonly plan: LoadPlan;
  readonly blob: number;
  readonly sha: string;
  troubles: number;
  /** How many exchanges had gone well when this load's last trouble came. */
  successesBefore: number;
  isRetried: boolean;
}

export class Fetcher {
  readonly #ctx: Context;
  readonly #session: Session;
  readonly #keys: KeyRing;
  readonly #work: string;
  readonly #isWhole: boolean;
  readonly #events: FetchEvents;
  readonly #inFlight = new Map<number, Load>();
  readonly #again: Load[] = [];
  #place: Place | null = null;
  #isExhausted = false;
  /** Parts are wanted from other places than before, maybe behind the walk. */
  #hasDetours = false;
  #isStopped = false;

  /** `isWhole`: nothing was selected, so blobs are wanted whole. */
  constructor(ctx: Context, session: Session, keys: KeyRing, work: string, isWhole: boolean, events: FetchEvents) {
    this.#ctx = ctx;
    this.#session = session;
    this.#keys = keys;
    this.#work = work;
    this.#isWhole = isWhole;
    this.#events = events;
  }

  /** True when nothing is left to fetch and nothing is on its way. */
  get isIdle(): boolean {
    return this.#isExhausted && !this.#hasDetours && this.#again.length === 0 && this.#inFlight.size === 0;
  }

  /** Issues what there is room for. */
  pump(): void {
    while (this.#inFlight.size < WIDTH && !this.#isStopped && this.#ctx.hasRoom()) {
      const load = this.#again.shift() ?? this.#next();
      if (load === null) {
        // A walk that begins again must find no part that is on its way.
        if (!this.#hasDetours || this.#inFlight.size > 0) return;
        this.#hasDetours = false;
        this.#isExhausted = false;
        this.#place = null;
        continue;
      }
      this.#issue(load);
    }
  }

  /** No new downloads; those on their way are cancelled and their answers ignored. */
  stop(): void {
    this.#isStopped = true;
    for (const effect of this.#inFlight.keys()) this.#ctx.tell({ kind: "cancel", effect });
    this.#inFlight.clear();
  }

  #issue(load: Load): void {
    const { plan } = load;
    const { line } = this.#session;
    line.requests += 1;
    const effect = this.#ctx.issue(
      {
        kind: "download",
        server: line.server,
        path: `/v1/blobs/${load.sha}`,
        bearer: this.#session.token,
        ...(plan.range === null ? {} : { range: plan.range }),
        // Each part is authentic by itself, so the whole is not hashed once more.
        sha256: null,
        // A server without ranges answers with all of the blob, and parts are found in it all the same (H-23).
        maxBytes: FULL_BLOB_BYTES,
        key: SLOT.dedup,
        seals: plan.seals,
        roots: [this.#work],
        parts: plan.parts.map(({ part }) => part),
        timeoutMs: downloadTimeoutMs(plan.maxBytes),
      },
      (answer) => this.#take(effect, load, answer),
    );
    this.#inFlight.set(effect, load);
  }

  #take(effect: number, load: Load, answer: Answer<"download">): void {
    if (!this.#inFlight.delete(effect)) return;
    const transfer = readTransfer(answer);
    if (transfer.kind === "trouble") {
      this.#retryLater(load, transfer.trouble);
      return;
    }
    this.#session.line.retry.succeeded();
    switch (transfer.kind) {
      case "unauthorized":
        this.#again.push(load);
        this.#events.unauthorized();
        return;
      case "refused":
        this.#events.failed(transfer.code);
        return;
      case "damage":
        this.#session.accepted();
        this.#takeDamage(
          load,
          load.plan.parts.map(() => transfer.code),
        );
        return;
      case "parts":
        this.#session.accepted();
        this.#takeParts(load, transfer.parts);
    }
  }

  #retryLater(load: Load, trouble: Trouble): void {
    const { line } = this.#session;
    const { successes } = line.retry;
    if (load.troubles === 0 || successes > load.successesBefore) load.troubles += 1;
    load.successesBefore = successes;
    if (load.troubles >= MAX_TROUBLES) {
      this.#giveUp(load);
      return;
    }
    this.#again.push(load);
    const atMs = line.nextTryMs(trouble);
    if (atMs !== null) this.#events.wait(atMs);
    else if (trouble.failure !== "peer-error") this.#events.failed(trouble.failure);
    else this.#events.doubt(trouble.failure, () => this.#giveUp(load));
  }

  #giveUp(load: Load): void {
    const index = this.#again.indexOf(load);
    if (index >= 0) this.#again.splice(index, 1);
    this.#failRows(
      load,
      load.plan.parts.map(() => "blob-unreachable"),
    );
  }

  #takeParts(load: Load, parts: readonly DownloadedPart[]): void {
    const damages: (DamageCode | null)[] = [];
    const done: WantedPart[] = [];
    const spaceless: number[] = [];
    let bytes = 0;
    for (const [index, { rows }] of load.plan.parts.entries()) {
      const part = parts[index];
      const damage = damageOf(part, "chunk");
      if (part?.kind === "not-written" && part.reason === "no-space") spaceless.push(...rows.map(({ file }) => file));
      damages.push(part?.kind === "not-written" && part.reason !== "no-space" ? "target-refused" : damage);
      if (part?.kind !== "ok") continue;
      for (const row of rows) {
        done.push(row);
        bytes += row.sealedBytes - SEAL_OVERHEAD_BYTES;
      }
    }
    markWritten(this.#ctx.store, load.blob, done);
    this.#events.written(bytes);
    if (damages.some((damage) => damage !== null)) this.#takeDamage(load, damages);
    if (spaceless.length > 0) this.#events.noSpace(spaceless);
  }

  /**
   * Damaged parts are asked for once more, in case only the way was bad, and in ranges, which is how a server gives what is left of
   * a damaged blob. What is missing in ranges too, or is another content, is not asked for again.
   */
  #takeDamage(load: Load, damages: readonly (DamageCode | null)[]): void {
    const isOther = damages.every((damage) => damage === null || damage === "chunk-not-authentic");
    const isGone = damages.includes("blob-missing") && load.plan.range !== null;
    const isFinal = load.isRetried || isOther || isGone;
    if (isFinal) {
      this.#failRows(load, damages);
      return;
    }
    const rows = load.plan.parts.flatMap(({ rows: served }, index) => (damages[index] === null ? [] : served));
    for (let from = 0; from < rows.length; ) {
      const retry = this.#plan(load.blob, load.sha, rows.slice(from), false);
      this.#again.push({ ...retry, isRetried: true });
      from += retry.plan.taken;
    }
  }

  /** Seeks damaged parts elsewhere, and fails the files of those that stand nowhere else. */
  #failRows(load: Load, damages: readonly (DamageCode | null)[]): void {
    const { store } = this.#ctx;
    const codes = new Map<number, DamageCode>();
    const failed: FailedPart[] = [];
    for (const [index, { rows }] of load.plan.parts.entries()) {
      const code = damages[index];
      if (code === null || code === undefined) continue;
      for (const { file, idx, offset, chunk } of rows) {
        // What the target refuses is no fault of the place.
        if (code === "target-refused") codes.set(file, code);
        else failed.push({ blob: load.blob, offset, file, idx, chunk, code });
      }
    }
    failOverParts(store, codes);
    const isOpen = (epoch: number): boolean => this.#keys.find(epoch)?.kind === "open";
    if (seekElsewhere(store, isOpen, failed)) this.#hasDetours = true;
  }

  /** The next load, or null when the walk is at its end. */
  #next(): Load | null {
    while (!this.#isExhausted) {
      const rows = this.#place === null ? [] : wantedParts(this.#ctx.store, this.#place);
      if (this.#place === null || rows.length === 0) {
        this.#place = nextBlob(this.#ctx.store, this.#place?.blob ?? 0);
        if (this.#place === null) this.#isExhausted = true;
        continue;
      }
      const load = this.#plan(this.#place.blob, this.#place.sha, rows, this.#isWhole);
      const last = rows[load.plan.taken - 1] as WantedPart;
      this.#place = { ...this.#place, offset: last.offset, file: last.file, idx: last.idx };
      return load;
    }
    return null;
  }

  #plan(blob: number, sha: string, rows: readonly WantedPart[], isWhole: boolean): Load {
    const plan = planLoad(rows, (epoch) => this.#slotOf(epoch), isWhole && rows.length < ROWS_A_QUERY);
    return { plan, blob, sha, troubles: 0, successesBefore: 0, isRetried: false };
  }

  /** Epochs were all tried before; rows of those that stayed closed are not wanted. */
  #slotOf(epoch: number): string {
    const keys = this.#keys.find(epoch);
    return keys?.kind === "open" ? keys.chunk : "epoch.closed";
  }
}
