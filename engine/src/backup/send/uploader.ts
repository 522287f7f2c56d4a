// Sending planned blobs. Rule: a blob's rows are its plan; the effect is built from them each time, so what is sent after
// a crash is byte for byte what was sent before it (docs/format.md §3).

import type { Answer } from "../../border/answers.ts";
import type { AuditQuestion, UploadPart } from "../../border/transfers.ts";
import { toBase64 } from "../../bytes.ts";
import { invariant } from "../../errors.ts";
import { chunkContext, listContext, paddingContext } from "../../format/contexts.ts";
import { blobSizeFor, CHUNK_BYTES, SEAL_OVERHEAD_BYTES } from "../../format/ladder.ts";
import { joinPath } from "../../format/path.ts";
import { chunkRootSlot, SLOT } from "../../keys/slots.ts";
import { UPLOAD_TIMEOUT_MS } from "../../peer/timeouts.ts";
import type { Context } from "../../runtime/context.ts";
import { drawQuestions, packQuestions } from "../audit/questions.ts";
import type { Run } from "../run.ts";
import { noteUpload } from "../session.ts";
import { keepQuestions } from "../tables/audit-rows.ts";
import {
  BLOB_KIND,
  countTired,
  hasHopefulPlans,
  markStored,
  noteTry,
  readOutlived,
  readPlan,
  readSendable,
} from "../tables/blob-rows.ts";
import { CHUNKS_A_PAGE, readPlanned } from "../tables/chunk-rows.ts";
import { storePieces } from "../tables/entry-rows.ts";
import { addSealedBytes } from "../tables/epoch-rows.ts";
import { Folders } from "../tables/folder-places.ts";
import { countBlob, leftBytes } from "./data-budget.ts";
import { encodeListOf, encodeReferenceBlobOf } from "./large-files.ts";
import { contentLimit, discardPlan, forgetChunks, planBlob } from "./planner.ts";
import { isAboutBodies, Refusals } from "./refusals.ts";

/** A file that changed under its plan is read again after this. */
const RETRY_MS = 500;
/** A blob of one full chunk: what is planned for one chunk is never larger (F-53). */
const ONE_CHUNK_BLOB_BYTES = blobSizeFor(contentLimit(1)).sizeBytes;
/** Plans that lie back, sent in vain so often that more of them would only pile up. */
const MAX_TIRED = 4;

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
    const fitsBytes = contentLimit(this.#run.link.blobChunks);
    for (const blob of readOutlived(this.#ctx.store, fitsBytes)) discardPlan(this.#ctx, this.#run, blob);
  }

  /** A backup begins: what was refused in an earlier one is tried again. */
  begin(): void {
    this.#refusals.begin();
  }

  /** True when nothing is planned or on its way, but for what is refused again and again. */
  isDone(): boolean {
    return !hasHopefulPlans(this.#ctx.store);
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
        (mayPlan && countTired(this.#ctx.store) < MAX_TIRED
          ? planBlob(this.#ctx, run, epoch, contentLimit(run.link.blobChunks), flush)
          : null) ??
        this.#nextPlanned("tired");
      if (blob === null) return;
      if (!this.#mayGo(blob)) {
        run.isOverBudget = true;
        return;
      }
      this.#send(blob);
    }
  }

  /** A plan that may be sent now: one that failed seldom, or one that failed often, for which others are not to wait. */
  #nextPlanned(which: "fresh" | "tired"): number | null {
    const { uploads, mode } = this.#run;
    const sendable = readSendable(this.#ctx.store, this.#ctx.now, which, uploads.size + 1, mode !== "watch");
    return sendable.find((blob) => !uploads.has(blob)) ?? null;
  }

  /** False when what the month may cost over metered networks does not cover this blob. */
  #mayGo(blob: number): boolean {
    const left = leftBytes(this.#ctx, this.#run);
    return left === null || (readPlan(this.#ctx.store, blob)?.sizeBytes ?? 0) <= left;
  }

  #send(blob: number): void {
    const { pairing, token } = this.#run;
    invariant(pairing !== null && token !== null, "sending without a token");
    const planned = readPlan(this.#ctx.store, blob);
    invariant(planned !== null, "sending a blob without its row");
    const plan =
      planned.kind === BLOB_KIND.references ? this.#referencePlan(blob, planned.owner) : this.#partsPlan(blob);
    if (plan === null) {
      discardPlan(this.#ctx, this.#run, blob);
      this.#ctx.more = true;
      return;
    }
    noteTry(this.#ctx.store, blob);
    countBlob(this.#ctx, this.#run, planned.sizeBytes);
    const audits = drawQuestions(this.#ctx.entropy, plan.sizeBytes);
    const slot = chunkRootSlot(planned.epoch);
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
        timeoutMs: UPLOAD_TIMEOUT_MS,
        audits,
        ...(rate === null ? {} : { rateBytesPerS: Math.max(1, Math.floor(rate / this.#run.link.width)) }),
      },
      (answer) => {
        this.#run.uploads.delete(blob);
        this.#take(blob, plan, token, answer, audits);
      },
    );
    this.#run.uploads.set(blob, effect);
  }

  #referencePlan(blob: number, owner: number | null): Plan {
    invariant(owner !== null, "a reference blob without its file");
    const bytes = encodeReferenceBlobOf(this.#ctx.store, owner, blob);
    return { ...emptyPlan(), parts: [{ bytes: toBase64(bytes) }], sizeBytes: bytes.length };
  }

  /** The parts of a blob in their order; null when the plan no longer holds, because files of it were forgotten. */
  #partsPlan(blob: number): Plan | null {
    const folders = new Folders(this.#ctx.store);
    const plan = emptyPlan();
    const contexts: string[] = [];
    for (let after = -1; ; ) {
      const page = readPlanned(this.#ctx.store, blob, after);
      for (const { id, digest, offsetBytes, sealedBytes, entry, index, folder, name } of page) {
        after = offsetBytes;
        if (folder === null || name === null) return null;
        plan.chunks.push(id);
        plan.sizeBytes += sealedBytes;
        if (index < 0) {
          const context = listContext(digest);
          contexts.push(context);
          const bytes = toBase64(encodeListOf(this.#ctx.store, entry, -1 - index));
          plan.parts.push({ bytes, seal: plan.sealContexts.push(context) - 1 });
          continue;
        }
        contexts.push(chunkContext(digest));
        const place = folders.get(folder);
        let root = plan.roots.indexOf(place.locator);
        if (root < 0) root = plan.roots.push(place.locator) - 1;
        const length = sealedBytes - SEAL_OVERHEAD_BYTES;
        const path = joinPath(place.path, name);
        plan.parts.push({ root, path, offset: index * CHUNK_BYTES, length, digest, seal: 0 });
      }
      if (page.length < CHUNKS_A_PAGE) break;
    }
    if (plan.chunks.length === 0) return null;
    const size = blobSizeFor(plan.sizeBytes);
    if (size.paddingBytes !== null) {
      plan.parts.push({ zeros: size.paddingBytes, seal: plan.sealContexts.push(paddingContext(contexts)) - 1 });
    }
    plan.sizeBytes = size.sizeBytes;
    return plan;
  }

  #take(blob: number, plan: Plan, token: string, answer: Answer<"upload">, audits: readonly AuditQuestion[]): void {
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
    if (exchange === null || readPlan(ctx.store, blob) === null) return;
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
        this.#keepAnswers(blob, audits, answer.answers ?? []);
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

  /** What the server must be able to answer from now on; nothing where the host does not audit. */
  #keepAnswers(blob: number, audits: readonly AuditQuestion[], answers: readonly string[]): void {
    const packed = packQuestions(audits, answers);
    if (packed !== null) keepQuestions(this.#ctx.store, blob, packed.questions, packed.answers);
  }

  #markStored(blob: number, sha256: string, sizeBytes: number): void {
    const { store, now } = this.#ctx;
    markStored(store, blob, sha256, sizeBytes, now);
    addSealedBytes(store, blob, sizeBytes);
    this.#run.addReady(this.#ctx, storePieces(store, blob));
  }
}
