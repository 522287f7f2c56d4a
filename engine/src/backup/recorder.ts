// Writing the log: which entries go into the next record, sending it, and what its receipt means (docs/format.md §7, §8).
//
//   (nothing) ── freeze ──▶ frozen ── 201/200 + receipt verified ──▶ receipted
//                              │  409 record-needs: discarded, its entries wait again; 409 record-conflict: head check
// Rule: a frozen record is sent again unchanged until it is answered, and only a verified receipt makes anything synced.

import type { Answer } from "../border/answers.ts";
import { fromBase64, toBase64 } from "../bytes.ts";
import { CoffreError, invariant } from "../errors.ts";
import { recordContext } from "../format/contexts.ts";
import { chunkCount, MAX_LISTS } from "../format/entry-faults.ts";
import { MAX_BODY_BYTES } from "../format/ladder.ts";
import { padBody } from "../format/record-body.ts";
import { encodeRecordHeader, headerHash } from "../format/record-header.ts";
import type { BlobId } from "../ids.ts";
import { parseHostDigest, ZERO_DIGEST } from "../ids.ts";
import { recordRootSlot } from "../keys/slots.ts";
import { readReceipt, readRecordNeeds } from "../peer/answers.ts";
import { trouble } from "../peer/exchange.ts";
import type { Context } from "../runtime/context.ts";
import { KIND, STATE } from "../store/schema.ts";
import { getSetting } from "../store/settings.ts";
import type { Row } from "../store/store.ts";
import { blob, int, str } from "../store/store.ts";
import type { CurrentEpoch } from "./epochs.ts";
import { resendEnvelopes } from "./epochs.ts";
import { Folders } from "./folders.ts";
import { hasLists, readBlobs, readRefRows } from "./large-files.ts";
import { loseBlobs } from "./lost-blobs.ts";
import { readDigests, versionOf } from "./piece-writer.ts";
import { readInlineRefs, readReferenceBlobs } from "./ready-refs.ts";
import { checkReceipt } from "./receipt-check.ts";
import { ENTRY_COLUMNS, RecordBuilder } from "./record-builder.ts";
import { markSynced, unfreeze } from "./record-rows.ts";
import type { Run } from "./run.ts";
import { noteUpload } from "./session.ts";
import { leavesBlobs, markNamed, noteInProgress } from "./unreferenced.ts";

/** Entries that make a record worth writing while more is under way. */
const ENTRIES_A_RECORD = 1_500;
/** The longest that ready entries wait for a record while other work goes on. */
const READY_MS = 30_000;
const ROWS_A_QUERY = 200;
/** Chunk references read for one record at the most; they would not fit a body anyway. */
const REFS_A_RECORD = 4_300;
const RECORD_TIMEOUT_MS = 60_000;
/** Receipts in a row that must not hold before the server is taken for another one. */
const FALSE_RECEIPTS = 3;

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
    return this.#ctx.store.first("SELECT 1 FROM record WHERE state = 0 LIMIT 1") !== null;
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
    const recorded: Row[] = [];
    const gone: Row[] = [];
    const last = getSetting(this.#ctx.store, "receipt");
    const number = (last?.number ?? 0) + 1;
    const { references, isAll } = this.#collect(builder, number, recorded, gone);
    const isNoted = isForBlobs && references.length === 0 && noteInProgress(this.#ctx, builder);
    markNamed(this.#ctx, number, builder.needs, isAll && isNoted);
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
    const { store } = this.#ctx;
    const sql = "INSERT INTO record (number, state, epoch, header, body) VALUES (?, 0, ?, ?, ?)";
    store.run(sql, [number, epoch.number, header, body]);
    store.runMany(
      `UPDATE entry SET state = ${STATE.recording}, record = ?, version = ?, replaces = (replaces & 1) * 2 WHERE id = ?`,
      recorded,
    );
    store.runMany(`UPDATE entry SET state = ${STATE.goneRecording}, record = ? WHERE id = ?`, gone);
    this.#run.takeReady(this.#ctx, recorded.length + gone.length);
    return true;
  }

  /**
   * Fills the body with ready entries in their order. `references` are those of a file that needs some and goes alone; `isAll`
   * says that no other entry is ready.
   */
  #collect(
    builder: RecordBuilder,
    number: number,
    recorded: Row[],
    gone: Row[],
  ): { readonly references: readonly BlobId[]; readonly isAll: boolean } {
    const full = { references: [], isAll: false };
    const { store } = this.#ctx;
    const folders = new Folders(store);
    let refsLeft = REFS_A_RECORD;
    for (let after = 0; ; ) {
      const rows = store.all(
        `SELECT ${ENTRY_COLUMNS} FROM entry WHERE state IN (${STATE.ready}, ${STATE.gone}) AND id > ? ORDER BY id LIMIT ${ROWS_A_QUERY}`,
        [after],
      );
      const inline = readInlineRefs(this.#ctx, rows, refsLeft);
      for (const row of rows) {
        after = int(row, 0);
        const isFile = int(row, 3) === KIND.file && int(row, 4) !== STATE.gone;
        const lists = isFile && hasLists(int(row, 5));
        const references = lists ? readReferenceBlobs(this.#ctx, after) : [];
        // A file with reference blobs has a record of its own.
        if (references.length > 0 && !builder.isEmpty) return full;
        const refs = lists ? readRefRows(this.#ctx, after, -MAX_LISTS, 0).reverse() : (inline.get(after) ?? []);
        if (isFile && !lists && refs.length < chunkCount(int(row, 5))) {
          invariant(!builder.isEmpty, "a file is ready whose pieces are not");
          return full;
        }
        const behindLists = lists && references.length === 0 ? readBlobs(this.#ctx, after, null) : null;
        if (!builder.add(row, folders.get(int(row, 1)), refs, lists ? (behindLists ?? []) : null)) return full;
        refsLeft -= refs.length;
        if (int(row, 4) === STATE.gone) gone.push([number, after]);
        else recorded.push([number, isFile ? this.#versionOf(row, refs, lists) : "-", after]);
        if (references.length > 0) return { references, isAll: false };
      }
      if (rows.length < ROWS_A_QUERY) return { references: [], isAll: true };
    }
  }

  #versionOf(row: Row, refs: readonly Row[], lists: boolean): string {
    const size = int(row, 5);
    const digests = lists ? readDigests(this.#ctx, int(row, 0), chunkCount(size)) : refs.map((ref) => str(ref, 1));
    return versionOf(size, int(row, 6), int(row, 7), row[8] === null ? null : int(row, 8), digests);
  }

  #send(): void {
    const { pairing, token } = this.#run;
    invariant(pairing !== null && token !== null, "sending a record without a token");
    const row = this.#ctx.store.first("SELECT number, epoch, header, body FROM record WHERE state = 0");
    invariant(row !== null, "sending a record without its row");
    const number = int(row, 0);
    const header = blob(row, 2);
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
        seals: [{ slot: recordRootSlot(int(row, 1)), context: recordContext(headerHash(header)) }],
        key: null,
        parts: [{ bytes: toBase64(header) }, { bytes: toBase64(blob(row, 3)), seal: 0 }],
        timeoutMs: RECORD_TIMEOUT_MS,
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
      markSynced(this.#ctx, this.#run, receipt, bytes);
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
    this.#ctx.store.run("UPDATE record SET refused = 1 WHERE number = ? AND state = 0", [number]);
    this.#run.log = "closed";
  }

  #takeNeeds(number: number, body: { readonly [field: string]: unknown }): void {
    const needs = readRecordNeeds(body);
    if (needs.envelope) resendEnvelopes(this.#ctx, this.#run);
    unfreeze(this.#ctx, this.#run, number);
    if (needs.missing.length > 0) loseBlobs(this.#ctx, this.#run, needs.missing);
    this.#run.backoff.failed(this.#ctx, trouble("server-lost-records", "peer-lost-data", null), "storing");
  }
}
