// Phones whose processes are short: each ends after a little, and the next one begins hours later. Rule: what one process has
// done counts for the next; the server keeps what no record names for as long as it promised, and no longer.

import { describe, expect, test } from "vitest";
import type { FileContent } from "../../scripted-host/file-content.ts";
import { seededContent } from "../../scripted-host/file-content.ts";
import { checkGuarantees } from "./guarantees.ts";
import { backUp, backUpAgain, LOGIN, type Phone, pairPhone, ROOT } from "./phone.ts";
import { endLife, liveForMs } from "./short-life.ts";

const CHUNK_BYTES = 983_040;

/** Chunks that differ in their first four bytes. */
function numberedContent(chunks: number): FileContent {
  return {
    sizeBytes: chunks * CHUNK_BYTES,
    read: (offset, length) => {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, chunks * CHUNK_BYTES - offset)));
      const view = new DataView(bytes.buffer);
      for (let chunk = Math.ceil(offset / CHUNK_BYTES); (chunk + 1) * CHUNK_BYTES <= offset + bytes.length; chunk++) {
        view.setUint32(chunk * CHUNK_BYTES - offset, chunk);
      }
      return bytes;
    },
  };
}

function count({ host }: Phone, sql: string): number {
  return host.store.query(`SELECT count(*) AS n FROM ${sql}`)[0]?.["n"] as number;
}

const stored = (phone: Phone): number => count(phone, "blob WHERE state = 1");
const receipts = (phone: Phone): number => count(phone, "record WHERE state = 1");

/** A process that ends when so many more blobs are stored, or when its backup has ended. */
function liveForBlobs(phone: Phone, blobs: number): void {
  const { host } = phone;
  const seen = host.views.length;
  const before = stored(phone);
  host.start();
  host.ask({ kind: "backup", mode: "once" });
  while (stored(phone) < before + blobs && host.resultOf("backup", seen) === null) {
    if (host.step() === "idle") host.runFor(1_000);
  }
}

function pairWithPhotos(count: number, sizeBytes: number): Phone {
  return pairPhone(({ ground: { tree } }) => {
    for (let i = 0; i < count; i++) tree.write(`${ROOT}/photo ${i}`, seededContent(i, sizeBytes));
  });
}

describe("processes that end after eight blobs, 23 hours apart,", () => {
  test("get a large file's blobs into records while it goes up, and the server removes none of them", () => {
    const phone = pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/film`, numberedContent(72)));
    phone.host.ground.link.proxyLimitBytes = 1_100_000;
    let lives = 0;
    let removed = 0;
    while (count(phone, "entry WHERE state = 0 AND kind = 1") === 0 && lives < 30) {
      liveForBlobs(phone, 8);
      removed += endLife(phone, 23);
      lives += 1;
      if (lives === 8) expect(receipts(phone)).toBeGreaterThan(3);
    }
    expect(removed).toBe(0);
    expect(lives).toBeLessThan(14);
    checkGuarantees(phone.host);
    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 1 } });
  });

  test("do so too when a record was refused that had named some of them", () => {
    const phone = pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/film`, numberedContent(80)));
    let removed = 0;
    let refusals = 0;
    const needs =
      '{"type":"urn:coffre:problem:record-needs","status":409,"retryable":false,"missing":[],"envelope":false}';
    const headers = { "content-type": "application/problem+json" };
    phone.host.ground.link.faultOf = ({ path }) =>
      path.includes("/records/") && refusals++ === 0
        ? { kind: "answer", response: { status: 409, headers, body: Buffer.from(needs) } }
        : null;
    for (let life = 0; life < 8 && receipts(phone) === 0; life++) {
      liveForBlobs(phone, 2);
      removed += endLife(phone, 7);
    }
    expect(refusals).toBeGreaterThan(1);
    expect(removed).toBe(0);
    const noted = phone.host.store.query("SELECT noted FROM entry WHERE kind = 1")[0]?.["noted"] as number;
    const named = phone.world.server.accountOf(LOGIN)?.blobs.size ?? 0;
    expect(noted).toBeGreaterThan(named / 2);
  });
});

describe("processes that end after twenty seconds, 13 hours apart,", () => {
  test("record small files although none of them lives until a record would be written for their age", () => {
    const phone = pairWithPhotos(60, 900_000);
    Object.assign(phone.host.ground.link, { upBytesPerS: 400_000 });
    let removed = 0;
    let lives = 0;
    while (lives++ < 30 && !liveForMs(phone, 20_000)) removed += endLife(phone, 13);
    expect(removed).toBe(0);
    expect(lives).toBeLessThan(20);
  });

  test("learn that blobs must be smaller from the ones that never arrived", () => {
    const phone = pairWithPhotos(8, 900_000);
    Object.assign(phone.host.ground.link, { upBytesPerS: 80_000 });
    let lives = 0;
    while (lives++ < 30 && !liveForMs(phone, 20_000)) endLife(phone, 13);
    expect(lives).toBeLessThan(25);
  });

  test("ask a proxy once only how large a blob may be", () => {
    const phone = pairWithPhotos(30, 900_000);
    Object.assign(phone.host.ground.link, { upBytesPerS: 2_000_000, proxyLimitBytes: 1_100_000 });
    for (let lives = 0; lives < 30 && !liveForMs(phone, 3_000); lives++) endLife(phone, 1);
    const refused = phone.host.ground.link.exchanges.filter(({ status }) => status === 413);
    expect(refused.length).toBeLessThanOrEqual(8);
  });
});

describe("a new process", () => {
  test("ends the epoch whose end was asked for in the one before", () => {
    const phone = pairWithPhotos(1, 100);
    backUp(phone);
    const epochs = count(phone, "epoch");
    phone.host.ask({ kind: "rotate" });
    phone.host.step();
    phone.host.crash();
    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok" });
    expect(count(phone, "epoch")).toBe(epochs + 1);
  });

  test("shows as much progress as the one before had made", () => {
    const phone = pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/film`, numberedContent(40)));
    liveForBlobs(phone, 4);
    phone.host.crash();
    const seen = phone.host.views.length;
    phone.host.start();
    phone.host.ask({ kind: "backup", mode: "once" });
    for (let step = 0; step < 5; step++) phone.host.step();
    const shown = phone.host.views.slice(seen).find(({ kind }) => kind === "progress");
    expect(shown?.kind === "progress" ? shown.bytesDone : 0).toBeGreaterThan(4 * CHUNK_BYTES);
  });
});

describe("a phone that has ten minutes a day and 20 GB to send at 5 MB/s, both a hundredth of that here,", () => {
  test("has sent it all after little more than the days that the line needs, and the server removed nothing", () => {
    const phone = pairPhone(({ ground: { tree } }) => {
      tree.write(`${ROOT}/film`, seededContent(1_000, 120_000_000));
      for (let i = 0; i < 40; i++) tree.write(`${ROOT}/photo ${i}`, seededContent(i, 2_000_000));
    });
    Object.assign(phone.host.ground.link, { upBytesPerS: 50_000 });
    let days = 0;
    let removed = 0;
    while (days++ < 20 && !liveForMs(phone, 600_000)) removed += endLife(phone, 23.8);
    expect(removed).toBe(0);
    // The line alone needs 4,000 s, which are 6.7 days of ten minutes.
    expect(days).toBeLessThan(10);
    checkGuarantees(phone.host);
  });
});
