// Sending planned blobs. Rule: a blob's rows are its plan; the effect is built from them each time, so what is sent after
// a crash is byte for byte what was sent before it (docs/format.md §3).

import type { Answer } from "../border/answers.ts";
import type { UploadPart } from "../border/transfers.ts";
import { toBase64 } from "../bytes.ts";
import { invariant } from "../errors.ts";
import { chunkContext, listContext, paddingContext } from "../format/contexts.ts";
import { MAX_INLINE_REFS } from "../format/entry-faults.ts";
import { blobSizeFor, CHUNK_BYTES, SEAL_OVERHEAD_BYTES } from "../format/ladder.ts";
import { joinPath } from "../format/path.ts";
import { type ChunkId, storedId } from "../ids.ts";
import { chunkRootSlot, SLOT } from "../keys/slots.ts";
import type { Context } from "../runtime/context.ts";
import { STATE } from "../store/schema.ts";
import { int, str } from "../store/store.ts";
import { Folders } from "./folders.ts";
import { encodeListOf, encodeReferenceBlobOf } from "./large-files.ts";
import { contentLimit, discardPlan, forgetChunks, planBlob } from "./planner.ts";
import { isAboutBodies, Refusals, STUCK } from "./refusals.ts";
import type { Run } from "./run.ts";
import { noteUpload } from "./session.ts";

/** Without progress for this long an exchange is given up by the host. */
const BLOB_TIMEOUT_MS = 60_000;
/** A file that changed under its plan is read again after this. */
const RETRY_MS = 500;
const ROWS_A_QUERY = 250;
/** A blob of one full chunk: what is planned for one chunk is never larger (F-53). */
const ONE_CHUNK_BLOB_BYTES = blobSizeFor(contentLimit(1)).sizeBytes;
/** A plan that was sent so often in vain lets others go before it, */
const TIRED_TRIES = 3;
/** as long as there are fewer of its kind. */
const MOST_TIRED = 4;
const BLOB_KIND = { parts: 0, references: 1 } as const;

/** Chunks name their own digest in their context. */
const CHUNK_SEAL = "coffre/1/chunk/{digest}";

interface Plan {
  readonly roots: string[];
  readonly parts: UploadPart[];
  /** The contexts that parts name by their index in `seal`; the first one serves all chunks. */
  readonly sealContexts: string[];
  /** Chunk row ids, in the order of their parts. */
  readonly chunks: number[];
  sizeBytes: number;
}

function emptyPlan(): Plan {
  return { roots: [], parts: [], sealContexts: [CHUNK_SEAL], chunks: [], sizeBytes: 0 };
}

export class Uploader {
  readonly #ctx: Context;
  readonly #run: Run;
  readonly #refusals: Refusals;

  constructor(ctx: Context, run: Run) {
    this.#ctx = ctx;
    this.#run = run;
    this.#refusals = new Refusals(ctx, run);
  }

  /** A process began: plans that no process lived to see arrive are cut to what the link is taken for now. */
  started(): void {
    const fits = contentLimit(this.#run.link.blobChunks);
    const sql = "SELECT id FROM blob WHERE state = 0 AND kind = ? AND tries > 1 AND size > ?";
    for (const row of this.#ctx.store.all(sql, [BLOB_KIND.parts, fits])) {
      discardPlan(this.#ctx, this.#run, int(row, 0));
    }
  }

  /** A backup begins: what was refused in an earlier one is tried again. */
  begin(): void {
    this.#refusals.begin();
  }

  /** True when nothing is planned or on its way, but for what is refused again and again. */
  isDone(): boolean {
    return this.#ctx.store.first(`SELECT 1 FROM blob WHERE state = 0 AND NOT (${STUCK}) LIMIT 1`) === null;
  }

  /** When a blob that was refused is sent again; null when none is in this run. */
  nextRetryAtMs(): number | null {
    return this.#refusals.nextRetryAtMs();
  }

  /** Sends what was planned before, then plans and sends more, unless an epoch is about to end. */
  pump(epoch: number, flush: boolean, mayPlan: boolean): void {
    const run = this.#run;
    while (run.uploads.size < run.link.width && this.#ctx.hasRoom()) {
      const blob =
        this.#nextPlanned("fresh") ??
        (mayPlan && this.#mayLeaveSome()
          ? planBlob(this.#ctx, run, epoch, contentLimit(run.link.blobChunks), flush)
          : null) ??
        this.#nextPlanned("tired");
      if (blob === null) return;
      this.#send(blob);
    }
  }

  /** A plan that may be sent now: one that failed seldom, or one that failed often, for which others are not to wait. */
  #nextPlanned(which: "fresh" | "tired"): number | null {
    const most = this.#run.uploads.size + 1;
    const tries = which === "fresh" ? `tries < ${TIRED_TRIES}` : `tries >= ${TIRED_TRIES}`;
    const sql = `SELECT id FROM blob WHERE state = 0 AND ${tries} AND ${this.#refusals.mayBeSent()}
      ORDER BY ${which === "fresh" ? "id" : "tries, id"} LIMIT ${most}`;
    for (const row of this.#ctx.store.all(sql)) if (!this.#run.uploads.has(int(row, 0))) return int(row, 0);
    return null;
  }

  /** False when so many plans lie back that more of them would only pile up. */
  #mayLeaveSome(): boolean {
    const row = this.#ctx.store.first(`SELECT count(*) FROM blob WHERE state = 0 AND tries >= ${TIRED_TRIES}`) ?? [0];
    return int(row, 0) < MOST_TIRED;
  }

  #send(blob: number): void {
    const { pairing, token } = this.#run;
    invariant(pairing !== null && token !== null, "sending without a token");
    const row = this.#ctx.store.first("SELECT kind, epoch, owner FROM blob WHERE id = ?", [blob]);
    invariant(row !== null, "sending a blob without its row");
    const plan = int(row, 0) === BLOB_KIND.references ? this.#referencePlan(blob, int(row, 2)) : this.#partsPlan(blob);
    if (plan === null) {
      discardPlan(this.#ctx, this.#run, blob);
      this.#ctx.more = true;
      return;
    }
    this.#ctx.store.run("UPDATE blob SET tries = tries + 1, retry_ms = NULL WHERE id = ?", [blob]);
    const slot = chunkRootSlot(int(row, 1));
    const rate = this.#run.policy.uploadBytesPerS;
    this.#run.counters.requests += 1;
    const effect = this.#ctx.issue(
      {
        kind: "upload",
        server: pairing.server,
        method: "PUT",
        path: "/v1/blobs/{sha256}",
        bearer: token,
        roots: plan.roots,
        seals: plan.sealContexts.map((context) => ({ slot, context })),
        key: SLOT.dedup,
        parts: plan.parts,
        timeoutMs: BLOB_TIMEOUT_MS,
        ...(rate === null ? {} : { rateBytesPerS: Math.max(1, Math.floor(rate / this.#run.link.width)) }),
      },
      (answer) => {
        this.#run.uploads.delete(blob);
        this.#take(blob, plan, token, answer);
      },
    );
    this.#run.uploads.set(blob, effect);
  }

  #referencePlan(blob: number, owner: number): Plan {
    const bytes = encodeReferenceBlobOf(this.#ctx, owner, blob);
    return { ...emptyPlan(), parts: [{ bytes: toBase64(bytes) }], sizeBytes: bytes.length };
  }

  /** The parts of a blob in their order; null when the plan no longer holds, because files of it were forgotten. */
  #partsPlan(blob: number): Plan | null {
    const folders = new Folders(this.#ctx.store);
    const plan = emptyPlan();
    const contexts: string[] = [];
    for (let after = -1; ; ) {
      const rows = this.#ctx.store.all(
        `SELECT c.id, c.digest, c.offset, c.sealed, c.source, c.source_idx, e.folder, e.name FROM chunk c
         LEFT JOIN entry e ON e.id = c.source WHERE c.blob = ? AND c.offset > ? ORDER BY c.offset LIMIT ${ROWS_A_QUERY}`,
        [blob, after],
      );
      for (const row of rows) {
        after = int(row, 2);
        if (row[6] === null) return null;
        const digest = storedId<ChunkId>(str(row, 1));
        const index = int(row, 5);
        plan.chunks.push(int(row, 0));
        plan.sizeBytes += int(row, 3);
        if (index < 0) {
          const context = listContext(digest);
          contexts.push(context);
          const bytes = toBase64(encodeListOf(this.#ctx, int(row, 4), -1 - index));
          plan.parts.push({ bytes, seal: plan.sealContexts.push(context) - 1 });
          continue;
        }
        contexts.push(chunkContext(digest));
        const place = folders.get(int(row, 6));
        let root = plan.roots.indexOf(place.locator);
        if (root < 0) root = plan.roots.push(place.locator) - 1;
        const length = int(row, 3) - SEAL_OVERHEAD_BYTES;
        const path = joinPath(place.path, str(row, 7));
        plan.parts.push({ root, path, offset: index * CHUNK_BYTES, length, digest, seal: 0 });
      }
      if (rows.length < ROWS_A_QUERY) break;
    }
    if (plan.chunks.length === 0) return null;
    const size = blobSizeFor(plan.sizeBytes);
    if (size.paddingBytes !== null) {
      plan.parts.push({ zeros: size.paddingBytes, seal: plan.sealContexts.push(paddingContext(contexts)) - 1 });
    }
    plan.sizeBytes = size.sizeBytes;
    return plan;
  }

  #take(blob: number, plan: Plan, token: string, answer: Answer<"upload">): void {
    const ctx = this.#ctx;
    const run = this.#run;
    if (answer.kind === "part-failed") {
      const failed = answer.parts.flatMap(({ part }) => plan.chunks[part] ?? []);
      discardPlan(ctx, run, blob);
      forgetChunks(ctx, run, failed, { reason: "still-changing", retryAtMs: ctx.now + RETRY_MS });
      return;
    }
    if (answer.kind === "failed") {
      run.fail("host-error");
      return;
    }
    const exchange = noteUpload(ctx, run, answer, token);
    if (exchange === null || ctx.store.first("SELECT 1 FROM blob WHERE id = ?", [blob]) === null) return;
    const chunks = Math.ceil(plan.sizeBytes / ONE_CHUNK_BLOB_BYTES);
    switch (exchange.kind) {
      case "ok":
        if (answer.kind !== "response") return;
        if (answer.sizeBytes !== plan.sizeBytes) {
          run.fail("host-error");
          return;
        }
        this.#refusals.took(blob);
        run.tookBlob(answer.sizeBytes);
        run.link.worked(answer.sizeBytes, answer.elapsedMs);
        run.rememberLink(ctx);
        run.counters.bytesSent += answer.sizeBytes;
        run.counters.bytesStored += plan.parts.reduce((sum, part) => sum + ("length" in part ? part.length : 0), 0);
        run.counters.blobsSent += 1;
        this.#markStored(blob, answer.sha256, answer.sizeBytes);
        return;
      case "too-large":
        run.refusedTokens = 0;
        discardPlan(ctx, run, blob);
        if (run.link.refused(chunks)) {
          ctx.show({ kind: "notice", code: "smaller-blobs", count: run.link.blobChunks });
          run.rememberLink(ctx);
        } else {
          // Not even one chunk passes: its files wait for the next sweep, and for an owner who was told.
          forgetChunks(ctx, run, plan.chunks, { reason: "blob-too-large-for-server", retryAtMs: null });
        }
        return;
      case "trouble":
        if (isAboutBodies(exchange)) this.#refusals.failed(blob);
        if (!exchange.broken) return;
        run.link.broke();
        run.rememberLink(ctx);
        // A large blob on a link that breaks is cut smaller; the same plan is sent again otherwise.
        if (plan.chunks.length > 1 && chunks > run.link.blobChunks) discardPlan(ctx, run, blob);
        return;
      case "altered":
        this.#refusals.refused(blob, "peer-altered");
        return;
      case "problem":
        this.#refusals.refused(blob, "peer-refused");
        return;
      case "unauthorized":
        invariant(false, "a token that was refused is the session's to renew");
    }
  }

  #markStored(blob: number, sha256: string, sizeBytes: number): void {
    const { store } = this.#ctx;
    const sql = "UPDATE blob SET state = 1, sha = ?, size = ?, stored_ms = ?, tries = 0, retry_ms = NULL WHERE id = ?";
    store.run(sql, [sha256, sizeBytes, this.#ctx.now, blob]);
    store.run("UPDATE epoch SET bytes = bytes + ? WHERE number = (SELECT epoch FROM blob WHERE id = ?)", [
      sizeBytes,
      blob,
    ]);
    // Pieces of one file count as often as they occur in it.
    const pieces = store.all(
      "SELECT p.entry, count(*) FROM piece p JOIN chunk c ON c.id = p.chunk WHERE c.blob = ? GROUP BY p.entry",
      [blob],
    );
    store.runMany(
      "UPDATE entry SET pending = pending - ? WHERE id = ?",
      pieces.map((row) => [int(row, 1), int(row, 0)]),
    );
    const owner = store.first("SELECT owner FROM blob WHERE id = ? AND owner IS NOT NULL", [blob]);
    if (owner !== null) store.run("UPDATE entry SET pending = pending - 1 WHERE id = ?", [int(owner, 0)]);
    const inline = MAX_INLINE_REFS * CHUNK_BYTES;
    const complete = `UPDATE entry SET state = ? WHERE state = ${STATE.pending} AND pending = 0 AND size`;
    const ready = store.run(`${complete} <= ?`, [STATE.ready, inline]);
    store.run(`${complete} > ?`, [STATE.listing, inline]);
    this.#run.addReady(this.#ctx, ready.changes);
  }
}
