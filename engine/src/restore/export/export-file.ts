// The file that an export writes, member after member (docs/format.md 12). Rule: what a row says is written was answered by the
// host before; the bytes behind `offset` count for nothing, so any of them may be written again.

import type { FinishItem } from "../../border/effects.ts";
import { toBase64 } from "../../bytes.ts";
import { sha256 } from "../../crypto/hash.ts";
import { CoffreError, invariant } from "../../errors.ts";
import { encodeTarHeader, paddedTarBytes, TAR_BLOCK_BYTES, TAR_END_BYTES } from "../../format/tar.ts";
import { type Digest, digestOf } from "../../ids.ts";
import type { Context } from "../../runtime/context.ts";
import { type Flow, perform } from "../../runtime/flow.ts";
import { addMembers } from "../tables/export-rows.ts";
import { type ExportAsk, type ExportJob, type ExportPhase, putExportJob, readExportJob } from "./export-job.ts";

/** The file below the work folder while it grows. */
export const WORK_NAME = "export.tar";
/** From this many bytes on, gathered members are written. */
const BATCH_BYTES = 98_304;
const US_A_MS = 1_000;
/** Its owner's alone: it holds both wraps. */
const FILE_MODE = 0o600;

interface Gathered {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly sha: Digest;
}

export class ExportFile {
  readonly #ctx: Context;
  readonly #ask: ExportAsk;
  #gathered: Gathered[] = [];
  #gatheredBytes = 0;

  constructor(ctx: Context, ask: ExportAsk) {
    this.#ctx = ctx;
    this.#ask = ask;
  }

  get job(): ExportJob {
    const job = readExportJob(this.#ctx.store);
    invariant(job !== null, "an export without its job");
    return job;
  }

  get work(): string {
    return this.#ask.work;
  }

  advance(phase: ExportPhase): void {
    putExportJob(this.#ctx.store, { ...this.job, phase });
  }

  /** Cuts off what an earlier process wrote and did not note. */
  *cut(): Flow<void> {
    yield* this.#write(this.job.offset, new Uint8Array(0), true);
  }

  /** Adds a small member to those that are written next; true when they should be. */
  gather(name: string, bytes: Uint8Array): boolean {
    this.#gathered.push({ name, bytes, sha: digestOf(sha256(bytes)) });
    this.#gatheredBytes += TAR_BLOCK_BYTES + paddedTarBytes(bytes.length);
    return this.#gatheredBytes >= BATCH_BYTES;
  }

  /** Writes what was gathered; rows that say so come with the step of the answer, where the caller adds its own. */
  *flush(): Flow<void> {
    const members = this.#gathered;
    const bytes = new Uint8Array(this.#gatheredBytes);
    this.#gathered = [];
    this.#gatheredBytes = 0;
    let at = 0;
    for (const member of members) {
      bytes.set(encodeTarHeader(member.name, member.bytes.length), at);
      bytes.set(member.bytes, at + TAR_BLOCK_BYTES);
      at += TAR_BLOCK_BYTES + paddedTarBytes(member.bytes.length);
    }
    if (at > 0) yield* this.#write(this.job.offset, bytes, false);
    this.#take(members, at);
  }

  /** Where the content of the next member goes. */
  get contentAt(): number {
    return this.job.offset + TAR_BLOCK_BYTES;
  }

  /** Ends a member whose content stands at `contentAt` already; `sha` null for the list of all others. */
  *endMember(name: string, sizeBytes: number, sha: Digest | null): Flow<void> {
    yield* this.#write(this.job.offset, encodeTarHeader(name, sizeBytes), false);
    this.#take(sha === null ? [] : [{ name, sha }], TAR_BLOCK_BYTES + paddedTarBytes(sizeBytes));
  }

  /** Writes a piece of the next member's content. */
  *writeContent(offset: number, bytes: Uint8Array): Flow<void> {
    yield* this.#write(offset, bytes, false);
  }

  /** Ends the file. */
  *end(): Flow<void> {
    yield* this.#write(this.job.offset, new Uint8Array(TAR_END_BYTES), true);
  }

  /** Puts the whole file into its place. */
  *place(): Flow<void> {
    const { atMs } = this.job;
    yield* this.#finish({
      kind: "file",
      from: WORK_NAME,
      path: this.#ask.name,
      sizeBytes: this.sizeBytes,
      mode: FILE_MODE,
      mtimeS: Math.floor(atMs / 1_000),
      mtimeUs: (atMs % 1_000) * US_A_MS,
      existing: "refuse",
    });
  }

  /** Of the whole file, once all its members are written. */
  get sizeBytes(): number {
    return this.job.offset + TAR_END_BYTES;
  }

  #take(members: readonly { readonly name: string; readonly sha: Digest }[], sizeBytes: number): void {
    addMembers(this.#ctx.store, members);
    const { job } = this;
    putExportJob(this.#ctx.store, { ...job, offset: job.offset + sizeBytes });
  }

  *#write(offset: number, bytes: Uint8Array, ends: boolean): Flow<void> {
    yield* this.#finish({ kind: "write", to: WORK_NAME, offset, bytes: toBase64(bytes), ends });
  }

  *#finish(item: FinishItem): Flow<void> {
    const { target, work } = this.#ask;
    const { items } = yield* perform({ kind: "finish-file", target, work, items: [item] });
    const [done] = items;
    if (done?.kind === "ok") return;
    throw done?.kind === "no-space"
      ? new CoffreError("host-no-space", "there is no room for the export")
      : new CoffreError("host-target", "the export could not be written");
  }
}
