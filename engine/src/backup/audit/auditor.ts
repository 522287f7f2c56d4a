// Audits: whether the server still has what it said it has, asked without a download (docs/format.md F-120 to F-123). Rule: a blob
// whose answer is wrong is as good as lost, and is sent anew before anything that needs it is called synced again.
//
//   some stored blobs ─▶ a kept question of each, counted as asked ─▶ POST /v1/audits ─▶ all right: noted
//                                                                                       wrong: lost, named, sent anew

import type { Ask } from "../../border/asks.ts";
import type { FailureCode } from "../../border/reasons.ts";
import type { Result } from "../../border/results.ts";
import type { DamagedFile } from "../../border/views.ts";
import { equalBytes } from "../../bytes.ts";
import { CoffreError } from "../../errors.ts";
import { joinPath } from "../../format/path.ts";
import { type BlobId, parseBlobId } from "../../ids.ts";
import { readAnswers } from "../../peer/answers.ts";
import { failureOf } from "../../peer/failures.ts";
import type { Context } from "../../runtime/context.ts";
import type { Flow } from "../../runtime/flow.ts";
import { getSetting, type Pairing, putSetting } from "../../store/settings.ts";
import { loseBlobs } from "../log/lost-blobs.ts";
import { type Run, sinceMs } from "../run.ts";
import { call } from "../session.ts";
import {
  type Auditable,
  countAsked,
  filesIn,
  forgetUnasked,
  listAuditable,
  readAuditable,
  sumStoredBlobs,
} from "../tables/audit-rows.ts";
import { Folders } from "../tables/folder-places.ts";
import { PIECE_BYTES, unpackQuestion } from "./questions.ts";

/** Blobs whose loss of one in a hundred a sample of so many shows in 95 cases of 100: 0.99 to this power is below 0.05. */
const SAMPLE = 299;
/** Questions in one request; the server takes 256. */
const AUDITS_A_REQUEST = 200;
/** How often a backup audits by itself, and what of the stored bytes it may have the server read. */
const AUDIT_EVERY_MS = 86_400_000;
const BUDGET_SHARE = 100;
/** Files that one result names. */
const MOST_FILES = 200;

type VerifyResult = Result & { readonly ask: "verify" };
type Checked = Omit<VerifyResult, "kind" | "ask" | "outcome" | "code">;

export class Auditor {
  readonly #ctx: Context;
  readonly #run: Run;

  constructor(ctx: Context, run: Run) {
    this.#ctx = ctx;
    this.#run = run;
  }

  /** A person asks: a sample, or every blob that can be asked about. */
  ask(all: boolean): void {
    const pairing = getSetting(this.#ctx.store, "pairing");
    if (pairing === null) this.#show(null, "user-not-paired");
    else if (this.#run.auditInFlight) this.#show(null, "host-error");
    else this.#begin(pairing, all ? Number.MAX_SAFE_INTEGER : SAMPLE, true);
  }

  /** A backup has the server's ear: once a day it audits by itself. The first day has just been stored. */
  pump(): void {
    const { store, now } = this.#ctx;
    const pairing = this.#run.pairing;
    if (pairing === null || this.#run.auditInFlight) return;
    const lastMs = getSetting(store, "auditedMs");
    if (lastMs !== null && sinceMs(lastMs, now) < AUDIT_EVERY_MS) return;
    putSetting(store, "auditedMs", now);
    if (lastMs === null) return;
    const { bytes, auditable } = sumStoredBlobs(store);
    const most = Math.floor(bytes / BUDGET_SHARE / PIECE_BYTES);
    if (auditable > 0) this.#begin(pairing, Math.max(1, Math.min(SAMPLE, most)), false);
  }

  /** A drill found blobs that it could not open: they are as good as lost. */
  noteDrill({ checked, of, bad, blobs }: Ask & { readonly kind: "drilled" }): void {
    const { store, now } = this.#ctx;
    loseBlobs(this.#ctx, this.#run, blobs.map(parseBlobId));
    putSetting(store, "drilled", { kind: "drill", atMs: now, blobs: checked, of, bad });
  }

  #begin(pairing: Pairing, most: number, isAsked: boolean): void {
    this.#run.auditInFlight = true;
    this.#ctx.start(
      this.#audit(pairing, most),
      (checked) => {
        this.#run.auditInFlight = false;
        this.#ctx.more = true;
        if (isAsked) this.#show(checked, null);
        else if (checked.bad > 0) this.#ctx.show({ kind: "notice", code: "audit-failed", count: checked.bad });
      },
      (error) => {
        this.#run.auditInFlight = false;
        const code = failureOf(error);
        if (isAsked) this.#show(null, code);
      },
    );
  }

  *#audit(pairing: Pairing, most: number): Flow<Checked> {
    const { store } = this.#ctx;
    forgetUnasked(store);
    const { blobs } = sumStoredBlobs(store);
    const chosen = this.#choose(listAuditable(store), most);
    const bad: Auditable[] = [];
    let checked = 0;
    for (let from = 0; from < chosen.length; from += AUDITS_A_REQUEST) {
      const some = readAuditable(store, chosen.slice(from, from + AUDITS_A_REQUEST));
      countAsked(
        store,
        some.map(({ blob }) => blob),
      );
      bad.push(...(yield* this.#askAbout(pairing, some)));
      checked += some.length;
    }
    const files = this.#name(bad);
    loseBlobs(
      this.#ctx,
      this.#run,
      bad.map(({ sha }) => sha),
    );
    const atMs = this.#ctx.now;
    if (checked > 0) putSetting(store, "verified", { kind: "audit", atMs, blobs: checked, of: blobs, bad: bad.length });
    return { checked, of: blobs, bad: bad.length, seenPermille: chanceOfSeeing(checked, blobs), files };
  }

  /** Asks one question about each; gives those whose answer is wrong. */
  *#askAbout(pairing: Pairing, some: readonly Auditable[]): Flow<Auditable[]> {
    const kept = some.map((each) => unpackQuestion(each, each.used));
    const audits = some.map(({ sha }, index) => ({ blob: sha as BlobId, ...kept[index]?.question }));
    const met = yield* call(this.#run, pairing, "POST", "/v1/audits", { audits });
    if (met.kind === "problem") throw refused(met.code);
    const answers = readAnswers(met.body, some.length);
    return some.filter((_, index) => {
      const [given, wanted] = [answers[index], kept[index]?.answer];
      return (
        given === null || given === undefined || wanted === undefined || !equalBytes(given.subarray(0, 16), wanted)
      );
    });
  }

  /** So many of the rows, each as likely as any other. */
  #choose(rows: number[], most: number): number[] {
    if (rows.length <= most) return rows;
    for (let at = 0; at < most; at++) {
      const other = at + this.#ctx.entropy.below(rows.length - at);
      [rows[at], rows[other]] = [rows[other] as number, rows[at] as number];
    }
    return rows.slice(0, most);
  }

  #name(bad: readonly Auditable[]): DamagedFile[] {
    const { store } = this.#ctx;
    const folders = new Folders(store);
    const files: DamagedFile[] = [];
    for (const { blob } of bad) {
      for (const { folder, name } of filesIn(store, blob, MOST_FILES - files.length)) {
        const place = folders.get(folder);
        files.push({ root: place.rootName, path: joinPath(place.path, name) });
      }
      if (files.length >= MOST_FILES) break;
    }
    return files;
  }

  #show(checked: Checked | null, code: FailureCode | null): void {
    const none: Checked = { checked: 0, of: 0, bad: 0, seenPermille: 0, files: [] };
    const outcome = code !== null ? "failed" : (checked?.bad ?? 0) > 0 ? "waiting" : "ok";
    const why = code ?? (outcome === "waiting" ? "peer-lost-data" : null);
    this.#ctx.show({ kind: "result", ask: "verify", outcome, code: why, ...(checked ?? none) });
  }
}

/** In how many of 1,000 cases the loss of one blob in a hundred, and of one at least, meets a sample of `checked` of `of`. */
function chanceOfSeeing(checked: number, of: number): number {
  const lost = Math.max(1, Math.ceil(of / 100));
  let unseen = 1;
  for (let at = 0; at < checked && unseen > 0; at++) unseen *= Math.max(0, of - lost - at) / Math.max(1, of - at);
  return of === 0 ? 0 : Math.floor(1_000 * (1 - unseen));
}

function refused(problem: string): CoffreError {
  const isOld = problem === "not-found";
  return new CoffreError(isOld ? "peer-too-old" : "peer-refused", "the server answered no audit");
}
