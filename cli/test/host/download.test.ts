// `download`: bodies opened part by part, and written where the plan says.

import { hash, randomBytes } from "node:crypto";
import { lstatSync, mkdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import type { DownloadPart, EffectBody } from "coffre-engine";
import { seal } from "coffre-engine/reference";
import { describe, expect, test } from "vitest";
import { expectAnswer, fillSlot, makeFolder, makeWorkshop, serve } from "./scratch.ts";

const CONTEXT = `coffre/1/record/${"ab".repeat(32)}`;

/** Serves `bytes` with ranges, and maybe with another status. */
async function serveBytes(bytes: Buffer, status = 200): Promise<{ url: string; ranges: (string | undefined)[] }> {
  const ranges: (string | undefined)[] = [];
  const url = await serve((request: IncomingMessage, response) => {
    ranges.push(request.headers.range);
    const match = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? "");
    if (match === null || status !== 200) return response.writeHead(status).end(bytes);
    const [from, to] = [Number(match[1]), Number(match[2])];
    response.writeHead(206, { "content-range": `bytes ${from}-${to}/${bytes.length}` });
    return response.end(bytes.subarray(from, to + 1));
  });
  return { url, ranges };
}

function plan(
  url: string,
  parts: readonly DownloadPart[],
  roots: readonly string[] = [],
): EffectBody & { kind: "download" } {
  const seals = [{ slot: "chunks", context: CONTEXT }];
  const limits = { sha256: null, maxBytes: 8_388_608, timeoutMs: 5_000 };
  return { kind: "download", server: { url }, path: "/blob", key: null, seals, roots, parts, ...limits };
}

describe("a part (H-23)", () => {
  test("comes opened in the answer, and the body's SHA-256 is compared", async () => {
    const workshop = makeWorkshop();
    const content = randomBytes(5_000);
    const body = Buffer.from(seal(fillSlot(workshop, "chunks"), CONTEXT, content));
    const { url } = await serveBytes(body);
    const effect = plan(url, [{ offset: 0, length: 5_028, seal: 0, to: "answer" }]);
    const right = await expectAnswer(workshop, { ...effect, sha256: hash("sha256", body) }, "response");
    const ok = { kind: "ok", bytes: content.toString("base64") };
    expect(right).toMatchObject({ status: 200, body: null, sizeBytes: 5_028, sha256Ok: true, parts: [ok] });
    const wrong = await expectAnswer(workshop, { ...effect, sha256: "0".repeat(64) }, "response");
    expect(wrong).toMatchObject({ sha256Ok: false, parts: [ok] });
  });

  test("is written where it belongs, in files that are made as needed and are their owner's alone", async () => {
    const workshop = makeWorkshop();
    const key = fillSlot(workshop, "chunks");
    const [first, second] = [randomBytes(70_000), randomBytes(300)];
    const sealed = [first, second].map((bytes) => Buffer.from(seal(key, CONTEXT, bytes)));
    const { url } = await serveBytes(Buffer.concat(sealed));
    const work = join(makeFolder(), "work");
    const parts: DownloadPart[] = [
      { offset: 0, length: 70_028, seal: 0, to: [{ root: 0, path: "a/b", offset: 300 }] },
      {
        offset: 70_028,
        length: 328,
        seal: 0,
        to: [
          { root: 0, path: "a/b", offset: 0 },
          { root: 0, path: "c", offset: 10 },
        ],
      },
    ];
    const answer = await expectAnswer(workshop, plan(url, parts, [work]), "response");
    expect(answer).toMatchObject({ parts: [{ kind: "ok" }, { kind: "ok" }] });
    expect(readFileSync(join(work, "a/b")).equals(Buffer.concat([second, first]))).toBe(true);
    expect(readFileSync(join(work, "c")).equals(Buffer.concat([Buffer.alloc(10), second]))).toBe(true);
    expect(statSync(join(work, "c")).mode & 0o777).toBe(0o600);
  });

  test("that is not authentic is not written, while the others are; and what did not come is outside", async () => {
    const workshop = makeWorkshop();
    const key = fillSlot(workshop, "chunks");
    const good = Buffer.from(seal(key, CONTEXT, randomBytes(100)));
    const altered = Buffer.from(good);
    altered[50] = (altered[50] ?? 0) ^ 1;
    const foreign = Buffer.from(seal(randomBytes(32), CONTEXT, Buffer.alloc(100)));
    const { url } = await serveBytes(Buffer.concat([altered, good, foreign]));
    const work = makeFolder();
    const parts = [0, 128, 256, 384].map((offset) => {
      return { offset, length: 128, seal: 0, to: [{ root: 0, path: `f${offset}`, offset: 0 }] };
    });
    const answer = await expectAnswer(workshop, plan(url, parts, [work]), "response");
    expect(answer).toMatchObject({
      parts: [{ kind: "not-authentic" }, { kind: "ok" }, { kind: "not-authentic" }, { kind: "outside" }],
    });
    expect([0, 128, 256].map((n) => lstatSync(join(work, `f${n}`), { throwIfNoEntry: false }) !== undefined)).toEqual([
      false,
      true,
      false,
    ]);
  });

  test("that is asked for twice is opened twice", async () => {
    const workshop = makeWorkshop();
    const { url } = await serveBytes(Buffer.from(seal(fillSlot(workshop, "chunks"), CONTEXT, randomBytes(9))));
    const part: DownloadPart = { offset: 0, length: 37, seal: 0, to: "answer" };
    expect(await expectAnswer(workshop, plan(url, [part, part]), "response")).toMatchObject({
      parts: [{ kind: "ok" }, { kind: "ok" }],
    });
  });

  test("is not written through a link, nor over a folder", async () => {
    const workshop = makeWorkshop();
    const { url } = await serveBytes(Buffer.from(seal(fillSlot(workshop, "chunks"), CONTEXT, randomBytes(9))));
    const work = makeFolder();
    symlinkSync(join(work, "outside"), join(work, "link"));
    mkdirSync(join(work, "folder"));
    const parts = ["link", "folder"].map((path) => ({
      offset: 0,
      length: 37,
      seal: 0,
      to: [{ root: 0, path, offset: 0 }],
    }));
    expect(await expectAnswer(workshop, plan(url, parts, [work]), "response")).toMatchObject({
      parts: [
        { kind: "not-written", reason: "io" },
        { kind: "not-written", reason: "io" },
      ],
    });
  });
});

describe("a range (H-23)", () => {
  test("has offsets of the whole resource, whether the server heeds it or not", async () => {
    const workshop = makeWorkshop();
    const key = fillSlot(workshop, "chunks");
    const whole = Buffer.concat([
      randomBytes(1_000),
      Buffer.from(seal(key, CONTEXT, Buffer.from("hello"))),
      randomBytes(10),
    ]);
    const part: DownloadPart = { offset: 1_000, length: 33, seal: 0, to: "answer" };
    const expected = { parts: [{ kind: "ok", bytes: Buffer.from("hello").toString("base64") }] };
    const { url, ranges } = await serveBytes(whole);
    const ranged = { ...plan(url, [part]), range: [1_000, 1_033] } as const;
    expect(await expectAnswer(workshop, ranged, "response")).toMatchObject({ ...expected, status: 206, sizeBytes: 33 });
    expect(ranges).toEqual(["bytes=1000-1032"]);
    const deaf = await serve((_request, response) => response.end(whole));
    expect(await expectAnswer(workshop, { ...ranged, server: { url: deaf } }, "response")).toMatchObject({
      ...expected,
      status: 200,
    });
  });
});

describe("another answer (H-23)", () => {
  test("has its status, no parts, and up to 65,536 bytes of its text", async () => {
    const text = "é".repeat(40_000);
    const { url } = await serveBytes(Buffer.from(text), 404);
    const workshop = makeWorkshop();
    const effect = plan(url, [{ offset: 0, length: 30, seal: 0, to: "answer" }]);
    const answer = await expectAnswer(workshop, effect, "response");
    expect(answer).toMatchObject({ status: 404, parts: [], sha256Ok: null, body: "é".repeat(32_768) });
  });

  test("is too-large above its limit", async () => {
    const { url } = await serveBytes(Buffer.alloc(1_001));
    const answer = await expectAnswer(makeWorkshop(), { ...plan(url, []), maxBytes: 1_000 }, "no-answer");
    expect(answer.reason).toBe("too-large");
  });
});
