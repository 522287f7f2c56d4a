// Writing the log: which entries go into the next record, sending it, and what its receipt means (docs/format.md §7, §8).
//
//   (nothing) ── freeze ──▶ frozen ── 201/200 + receipt verified ──▶ receipted
//                              │  409 record-needs: discarded, its entries wait again; 409 record-conflict: head check
// Rule: a frozen record is sent again unchanged until it is answered, and only a verified receipt makes anything synced.

import type { Answer } from "../../border/answers.ts";
import { fromBase64, toBase64 } from "../../bytes.ts";
import { CoffreError, invariant } from "../../errors.ts";
import { recordContext } from "../../format/contexts.ts";
import { chunkCount, MAX_LISTS } from "../../format/entry-faults.ts";
import { MAX_BODY_BYTES } from "../../format/ladder.ts";
import { padBody } from "../../format/record-body.ts";
import { encodeRecordHeader, headerHash } from "../../format/record-header.ts";
import type { BlobId } from "../../ids.ts";
import { parseHostDigest, ZERO_DIGEST } from "../../ids.ts";
import { recordRootSlot } from "../../keys/slots.ts";
import { readReceipt, readRecordNeeds } from "../../peer/answers.ts";
import { trouble } from "../../peer/exchange.ts";
import { UPLOAD_TIMEOUT_MS } from "../../peer/timeouts.ts";
import type { Context } from "../../runtime/context.ts";
import { KIND } from "../../store/schema.ts";
import { getSetting } from "../../store/settings.ts";
import { loseBlobs } from "../log/lost-blobs.ts";
import { checkReceipt } from "../log/receipt-check.ts";
import { versionOf } from "../read/piece-writer.ts";
import type { Run } from "../run.ts";
import { hasLists, readNeededBlobs } from "../send/large-files.ts";
import { noteUpload } from "../session.ts";
import { markNamed, markUnneeded, readReferences } from "../tables/blob-rows.ts";
import { freeze } from "../tables/entry-rows.ts";
import { type CurrentEpoch, resendEnvelopes } from "../tables/epoch-rows.ts";
import { Folders } from "../tables/folder-places.ts";
import { type PlacedPiece, readDigests, readPlaced } from "../tables/piece-rows.ts";
import { addFrozen, hasFrozen, markRefused, readFrozen } from "../tables/record-rows.ts";
import { ENTRIES_A_PAGE, type RecordableEntry, readReady } from "../tables/recordable-entries.ts";
import { readInlineRefs } from "./ready-refs.ts";
import { RecordBuilder } from "./record-builder.ts";
import { endRecord, giveUpRecord } from "./record-end.ts";
import { leavesBlobs, noteInProgress } from "./unreferenced.ts";

/** Entries that make a record worth writing while more is under way. */
const ENTRIES_A_RECORD = 1_500;
/** The longest that ready entries wait for a record while other work goes on. */
const READY_MS = 30_000;
/** Chunk references read for one record at the most; they would not fit a body anyway. */
const REFS_A_RECORD = 4_300;
/** Receipts in a row that must not hold before the server is taken for another one. */
const FALSE_RECEIPTS = 3;

/** What a record says of entries, beside its body. */
interface Named {
  readonly recorded: { readonly id: number; readonly version: string }[];
  readonly gone: number[];
}

export class Recorder {
  readonly #ctx: Context;
  readonly #run: Run;

  constructor(ctx: Context, run: Run) {
    this.#ctx = ctx;
    this.#run = run;
  }

  /** True when there is nothing to record and no record waits for its receipt. */
  isDone(): boolean {
    return this.#run.readyEntries === 0 && !this.hasFrozen();
  }

  hasFrozen(): boolean {
    return hasFrozen(this.#ctx.store);
  }

  /** Sends the frozen record, or freezes the next one when it is due. */
  pump(epoch: CurrentEpoch, flush: boolean): void {
    if (this.#run.recordInFlight || !this.#ctx.hasRoom()) return;
    if (!this.hasFrozen()) {
      const isForBlobs = leavesBlobs(this.#ctx);
      if (!isForBlobs && !this.#hasEntries(flush)) return;
      if (!this.#freeze(epoch, isForBlobs)) return;
    }
    this.#send();
  }

  /** True when enough entries are ready, or one has been for long enough. */
  #hasEntries(flush: boolean): boolean {
    const run = this.#run;
    if (run.readyEntries === 0) return false;
    return flush || run.readyEntries >= ENTRIES_A_RECORD || (run.readyForMs(this.#ctx) ?? 0) >= READY_MS;
  }

  /** Freezes the next record; false when there turned out to be nothing for it. */
  #freeze(epoch: CurrentEpoch, isForBlobs: boolean): boolean {
    const { pairing } = this.#run;
    invariant(pairing !== null, "a record without a pairing");
    const builder = new RecordBuilder(pairing.device);
    const named: Named = { recorded: [], gone: [] };
    const { store } = this.#ctx;
    const last = getSetting(store, "receipt");
    const number = (last?.number ?? 0) + 1;
    const { references, isAll } = this.#collect(builder, named);
    const isNoted = isForBlobs && references.length === 0 && noteInProgress(this.#ctx, builder);
    if (isAll && isNoted) markUnneeded(store, number);
    else markNamed(store, number, builder.needs);
    if (builder.isEmpty) {
      this.#run.countReady(this.#ctx);
      return false;
    }
    const header = encodeRecordHeader({
      vault: pairing.vault,
      device: pairing.device,
      number,
      previousHash: last?.hash ?? ZERO_DIGEST,
      epoch: epoch.number,
      envelopeHash: epoch.hash,
      startId: this.#run.startId,
      blobs: references.length > 0 ? [] : builder.needs,
      referenceBlobs: references,
      checkpoint: null,
    });
    const body = padBody(builder.assemble());
    invariant(body.length <= MAX_BODY_BYTES, "a record's body is too large");
    addFrozen(store, { number, epoch: epoch.number, header, body });
    freeze(store, number, named.recorded, named.gone);
    this.#run.takeReady(this.#ctx, named.recorded.length + named.gone.length);
    return true;
  }

  /**
   * Fills the body with ready entries in their order. `references` are those of a file that needs some and goes alone; `isAll`
   * says that no other entry is ready.
   */
  #collect(builder: RecordBuilder, named: Named): { readonly references: readonly BlobId[]; readonly isAll: boolean } {
    const full = { references: [], isAll: false };
    const { store } = this.#ctx;
    const folders = new Folders(store);
    let refsLeft = REFS_A_RECORD;
    for (let after = 0; ; ) {
      const entries = readReady(store, after);
      const inline = readInlineRefs(store, entries, refsLeft);
      for (const entry of entries) {
        after = entry.id;
        const isFile = entry.kind === KIND.file && !entry.isGone;
        const lists = isFile && hasLists(entry.sizeBytes);
        const references = lists ? readReferences(store, entry.id) : [];
        // A file with reference blobs has a record of its own.
        if (references.length > 0 && !builder.isEmpty) return full;
        const refs = lists ? readPlaced(store, entry.id, -MAX_LISTS, 0).reverse() : (inline.get(entry.id) ?? []);
        if (isFile && !lists && refs.length < chunkCount(entry.sizeBytes)) {
          invariant(!builder.isEmpty, "a file is ready whose pieces are not");
          return full;
        }
        const behindLists = lists && references.length === 0 ? readNeededBlobs(store, entry.id, null) : null;
        if (!builder.add(entry, folders.get(entry.folder), refs, lists ? (behindLists ?? []) : null)) return full;
        refsLeft -= refs.length;
        if (entry.isGone) named.gone.push(entry.id);
        else named.recorded.push({ id: entry.id, version: isFile ? this.#versionOf(entry, refs, lists) : "-" });
        if (references.length > 0) return { references, isAll: false };
      }
      if (entries.length < ENTRIES_A_PAGE) return { references: [], isAll: true };
    }
  }

  #versionOf(file: RecordableEntry, refs: readonly PlacedPiece[], lists: boolean): string {
    const chunks = chunkCount(file.sizeBytes);
    const digests = lists ? readDigests(this.#ctx.store, file.id, chunks) : refs.map(({ digest }) => digest);
    return versionOf(file.sizeBytes, file.mtimeS, file.mtimeUs, file.mode, digests);
  }

  #send(): void {
    const { pairing, token } = this.#run;
    invariant(pairing !== null && token !== null, "sending a record without a token");
    const record = readFrozen(this.#ctx.store);
    invariant(record !== null, "sending a record without its row");
    const { number, epoch, header, body } = record;
    this.#run.recordInFlight = true;
    this.#run.counters.requests += 1;
    this.#ctx.issue(
      {
        kind: "upload",
        server: pairing.server,
        method: "PUT",
        path: `/v1/devices/${pairing.device}/records/${number}`,
        bearer: token,
        roots: [],
        seals: [{ slot: recordRootSlot(epoch), context: recordContext(headerHash(header)) }],
        key: null,
        parts: [{ bytes: toBase64(header) }, { bytes: toBase64(body), seal: 0 }],
        timeoutMs: UPLOAD_TIMEOUT_MS,
      },
      (answer) => {
        this.#run.recordInFlight = false;
        this.#take(number, token, answer);
      },
    );
  }

  #take(number: number, token: string, answer: Answer<"upload">): void {
    if (answer.kind === "failed" || answer.kind === "part-failed") {
      this.#run.fail("host-error");
      return;
    }
    const exchange = noteUpload(this.#ctx, this.#run, answer, token);
    if (exchange === null || answer.kind !== "response") return;
    switch (exchange.kind) {
      case "ok":
        this.#takeReceipt(number, exchange.body, answer.sha256);
        return;
      case "problem":
        if (exchange.code === "record-needs") this.#takeNeeds(number, exchange.body);
        else if (exchange.code === "record-conflict") this.#takeConflict(number);
        else this.#run.backoff.failed(this.#ctx, trouble("server-error", "peer-refused", null), "storing");
        return;
      case "too-large":
        this.#run.backoff.failed(this.#ctx, trouble("server-error", "peer-refused", null), "storing");
        return;
      case "altered":
        this.#run.backoff.failed(this.#ctx, trouble("upload-refused", "peer-altered", null), "storing");
        return;
      case "unauthorized":
        invariant(false, "a token that was refused is the session's to renew");
        return;
      case "trouble":
        return;
    }
  }

  #takeReceipt(number: number, body: string | null, sha256: string): void {
    const { pairing } = this.#run;
    invariant(pairing !== null, "a receipt without a pairing");
    const hash = parseHostDigest(sha256);
    let bytes: Uint8Array | null = null;
    try {
      bytes = readReceipt(body);
      const serverKey = fromBase64(pairing.serverKey);
      const receipt = checkReceipt(bytes, serverKey, pairing.vault, pairing.device, number, hash);
      endRecord(this.#ctx, this.#run, receipt, bytes);
      this.#run.tookRecord(number);
    } catch (error) {
      if (!(error instanceof CoffreError)) throw error;
      if (bytes === null) {
        // An answer without a receipt says nothing of the key that signs them.
        this.#run.backoff.failed(this.#ctx, trouble("server-error", "peer-error", null), "storing");
        return;
      }
      // Nothing is synced without a receipt that holds; the record is sent again.
      this.#run.refusedReceipts += 1;
      this.#ctx.show({ kind: "notice", code: "receipt-not-authentic" });
      this.#run.backoff.failed(this.#ctx, trouble("server-not-trusted", "peer-key-changed", null), "storing");
      if (this.#run.refusedReceipts >= FALSE_RECEIPTS) this.#run.fail("peer-key-changed");
    }
  }

  /** The server's log is not where we think it is: the head check decides. */
  #takeConflict(number: number): void {
    markRefused(this.#ctx.store, number);
    this.#run.log = "closed";
  }

  #takeNeeds(number: number, body: { readonly [field: string]: unknown }): void {
    const needs = readRecordNeeds(body);
    if (needs.envelope) this.#run.setbacks.lostEnvelopes(resendEnvelopes(this.#ctx.store));
    giveUpRecord(this.#ctx, this.#run, number);
    if (needs.missing.length > 0) loseBlobs(this.#ctx, this.#run, needs.missing);
    this.#run.backoff.failed(this.#ctx, trouble("server-lost-records", "peer-lost-data", null), "storing");
  }
}
