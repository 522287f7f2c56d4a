// One export from beginning to end (docs/format.md 12): everything that the server keeps of a vault, in one file. Rule: the phase and
// the offset in the Store say where a later process goes on; the same vault gives the same bytes, however often it was cut.

import { asciiBytes } from "../../bytes.ts";
import { type DeviceId, ZERO_DIGEST } from "../../ids.ts";
import { readDeviceHead } from "../../peer/answers.ts";
import type { Context } from "../../runtime/context.ts";
import type { Flow } from "../../runtime/flow.ts";
import type { Session } from "../session.ts";
import { addDamage } from "../tables/damage-rows.ts";
import {
  BLOB_KIND,
  clearExport,
  countBlobs,
  countRecords,
  markBlob,
  markRead,
  membersAfter,
  nextBlob,
  nextLog,
  nextReference,
  putLog,
  wantBlobs,
} from "../tables/export-rows.ts";
import { deviceRow } from "../tables/index-rows.ts";
import { DESCRIPTION } from "./description.ts";
import { readReferences, writeBlob } from "./export-blobs.ts";
import { ExportFile } from "./export-file.ts";
import { type ExportAsk, type ExportPhase, putExportJob, takeExportJob } from "./export-job.ts";
import { askServer, writeEnvelopes, writeRecords } from "./export-logs.ts";

const PROGRESS_MS = 500;

/** What an export is given. */
export interface ExportGround {
  readonly ctx: Context;
  readonly session: Session;
  readonly names: ReadonlyMap<DeviceId, string>;
  readonly ask: ExportAsk;
}

export class VaultExport {
  readonly #ground: ExportGround;
  readonly #file: ExportFile;
  #shownAtMs = 0;

  constructor(ground: ExportGround) {
    this.#ground = ground;
    this.#file = new ExportFile(ground.ctx, ground.ask);
  }

  /** Errors as `Session.get`, `host-no-space` and `host-target`; damage goes into the Store. */
  *run(): Flow<void> {
    const { ctx, session, names, ask } = this.#ground;
    const { object, line, roster } = session.vault;
    const { phase } = takeExportJob(ctx.store, { ask, server: line.server.url, vault: object.vault, atMs: ctx.now });
    for (const { device } of roster.devices) deviceRow(ctx.store, device, names.get(device) ?? device.slice(0, 8));
    if (phase !== "place") yield* this.#file.cut();
    if (this.#isAt("begin")) yield* this.#begin();
    if (this.#isAt("logs")) yield* this.#writeLogs();
    if (this.#isAt("references")) yield* this.#readReferences();
    if (this.#isAt("blobs")) yield* this.#writeBlobs();
    if (this.#isAt("sums")) yield* this.#writeSums();
    if (this.#isAt("end")) {
      yield* this.#file.end();
      this.#file.advance("place");
    }
    yield* this.#file.place();
  }

  /** What is in the file, which is in its place: the export is forgotten. */
  takeTotals(): { records: number; blobs: number; sizeBytes: number; requests: number } {
    const { ctx, session } = this.#ground;
    const { sizeBytes } = this.#file;
    const totals = { records: countRecords(ctx.store), blobs: countBlobs(ctx.store).written, sizeBytes };
    clearExport(ctx.store);
    putExportJob(ctx.store, null);
    return { ...totals, requests: session.line.requests };
  }

  #isAt(phase: ExportPhase): boolean {
    return this.#file.job.phase === phase;
  }

  /** Notes how far each log goes, and writes what is there once. */
  *#begin(): Flow<void> {
    const { ctx, session } = this.#ground;
    const { roster, bundle, login } = session.vault;
    for (const { device } of roster.devices) {
      const text = yield* askServer(session, `/v1/devices/${device}/head`);
      const head = text === null ? { number: 0, hash: ZERO_DIGEST, epoch: 0, damagedEpochs: [] } : readDeviceHead(text);
      const { number, hash, epoch } = head;
      for (const _ of head.damagedEpochs) addDamage(ctx.store, device, null, "envelope-missing");
      putLog(ctx.store, { device, number, hash, epoch, record: 0, recordHash: ZERO_DIGEST, envelope: 0 });
    }
    for (const { device } of bundle.heads) {
      if (!session.vault.certificates.has(device)) addDamage(ctx.store, device, null, "device-not-certified");
    }
    this.#file.gather("README.txt", asciiBytes(DESCRIPTION));
    this.#file.gather("vault-object", bundle.vaultObject);
    this.#file.gather("roster", bundle.roster);
    this.#file.gather("server-key", login.serverKey);
    yield* this.#file.flush();
    this.#file.advance("logs");
  }

  *#writeLogs(): Flow<void> {
    const { ctx, session } = this.#ground;
    const ground = { store: ctx.store, session, file: this.#file };
    for (let log = nextLog(ctx.store, ""); log !== null; log = nextLog(ctx.store, log.device)) {
      const { device } = log;
      this.#show();
      const head = session.vault.bundle.heads.find((each) => each.device === device);
      const written = yield* writeEnvelopes(ground, log);
      yield* writeRecords(ground, written, new Set(head?.damagedRecords));
    }
    this.#file.advance("references");
  }

  *#readReferences(): Flow<void> {
    const { ctx, session } = this.#ground;
    for (let next = nextReference(ctx.store); next !== null; next = nextReference(ctx.store)) {
      const { sha, device, record } = next;
      const ids = yield* readReferences(session, sha);
      if (typeof ids === "string") {
        addDamage(ctx.store, device, record, ids);
        markBlob(ctx.store, sha, "lost");
        continue;
      }
      const blobs = ids.map((id) => ({ sha: id, device, record }));
      wantBlobs(ctx.store, blobs, BLOB_KIND.parts);
      markRead(ctx.store, sha);
    }
    this.#file.advance("blobs");
  }

  *#writeBlobs(): Flow<void> {
    const { ctx, session } = this.#ground;
    for (let next = nextBlob(ctx.store, ""); next !== null; next = nextBlob(ctx.store, next.sha)) {
      const { sha, device, record } = next;
      this.#show();
      const size = yield* writeBlob(session, this.#file, sha);
      if (typeof size === "number") yield* this.#file.endMember(`blobs/${sha}`, size, sha);
      else addDamage(ctx.store, device, record, size);
      markBlob(ctx.store, sha, typeof size === "number" ? "written" : "lost");
    }
    this.#file.advance("sums");
  }

  /** The list that `sha256sum -c` reads; it stands last, so a file that has it is whole. */
  *#writeSums(): Flow<void> {
    const { store } = this.#ground.ctx;
    const from = this.#file.contentAt;
    let at = from;
    for (let after = 0; ; ) {
      const members = membersAfter(store, after);
      const last = members.at(-1);
      if (last === undefined) break;
      after = last.id;
      const lines = asciiBytes(members.map(({ sha, name }) => `${sha}  ${name}\n`).join(""));
      yield* this.#file.writeContent(at, lines);
      at += lines.length;
    }
    yield* this.#file.endMember("SHA256SUMS", at - from, null);
    this.#file.advance("end");
  }

  /** Blobs are what takes long; how large they are is known only when they have come. */
  #show(): void {
    const { ctx } = this.#ground;
    if (ctx.now >= this.#shownAtMs && ctx.now < this.#shownAtMs + PROGRESS_MS) return;
    this.#shownAtMs = ctx.now;
    const { all, done } = countBlobs(ctx.store);
    const bytes = { bytesDone: this.#file.job.offset, bytesTotal: 0 };
    ctx.show({ kind: "progress", phase: "exporting", filesDone: done, filesTotal: all, ...bytes });
  }
}
