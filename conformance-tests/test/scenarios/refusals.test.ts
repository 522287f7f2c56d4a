// Servers that take and lose, proxies that alter, answers that may pass and answers that will not. Rule: what will not pass ends
// a run with its name; what may pass slows it down, and nothing but a key, a fork, a clone or a revocation ends a watch.

import { describe, expect, test } from "vitest";
import { seededContent } from "../../scripted-host/file-content.ts";
import { type HttpRequest, type HttpResponse, htmlResponse } from "../../scripted-host/http-exchange.ts";
import type { LinkFault } from "../../scripted-host/virtual-link.ts";
import { SERVER_URL } from "../../scripted-host/virtual-world.ts";
import { checkGuarantees } from "./guarantees.ts";
import { backUp, expectedTree, LOGIN, type Phone, pairPhone, ROOT, restoreElsewhere } from "./phone.ts";

const CHUNK_BYTES = 983_040;
const HOUR_MS = 3_600_000;

function problem(code: string, status: number, retryable: boolean): HttpResponse {
  return {
    status,
    headers: { "content-type": "application/problem+json" },
    body: Buffer.from(JSON.stringify({ type: `urn:coffre:problem:${code}`, title: code, status, retryable })),
  };
}

const answer = (response: HttpResponse): LinkFault => ({ kind: "answer", response });
const isBlob = ({ method, path }: HttpRequest): boolean => method === "PUT" && path.startsWith("/v1/blobs/");
const isRecord = ({ method, path }: HttpRequest): boolean => method === "PUT" && path.includes("/records/");

function phoneWithFilms(count: number, chunks = 1): Phone {
  return pairPhone(({ ground: { tree } }) => {
    for (let i = 0; i < count; i++) tree.write(`${ROOT}/film ${i}`, seededContent(i, chunks * CHUNK_BYTES));
  });
}

/** Puts something between the phone and its server. */
function between({ host, world }: Phone, handle: (request: HttpRequest) => HttpResponse): void {
  host.ground.link.connect(SERVER_URL, { server: { handle }, pin: world.server.pin, trusted: true });
}

function sentBytes({ host }: Phone): number {
  return host.ground.link.exchanges
    .filter(({ method }) => method === "PUT")
    .reduce((sum, one) => sum + one.sentBytes, 0);
}

function isWatching({ host }: Phone, seen: number): boolean {
  return host.resultOf("backup", seen) === null;
}

describe("a server that takes what it is sent and forgets it", () => {
  test.each([201, 200])("ends a backup with a sentence when it forgets blobs (%i)", (status) => {
    const phone = phoneWithFilms(6);
    const taken = new Set<string>();
    phone.host.ground.link.faultOf = (request) => {
      if (!isBlob(request)) return null;
      taken.add(request.path);
      return answer({ status, headers: {}, body: new Uint8Array() });
    };
    expect(backUp(phone)).toMatchObject({ outcome: "failed", code: "peer-lost-data", counts: { filesSynced: 0 } });
    expect(sentBytes(phone)).toBeLessThan(20 * 6 * CHUNK_BYTES);
    expect(phone.host.ground.link.exchanges.length).toBeLessThan(200);
  });

  test("ends a backup when it forgets envelopes", () => {
    const phone = phoneWithFilms(1);
    const { server } = phone.world;
    between(phone, (request) => {
      const response = server.handle(request);
      for (const log of server.accountOf(LOGIN)?.devices.values() ?? []) log.envelopes.clear();
      return response;
    });
    expect(backUp(phone)).toMatchObject({ outcome: "failed", code: "peer-lost-data" });
    expect(phone.host.ground.link.exchanges.length).toBeLessThan(200);
  });

  test("ends a backup when it forgets records that had their receipts", () => {
    const phone = pairPhone(({ ground: { tree } }) => {
      for (let i = 0; i < 1_500; i++) tree.write(`${ROOT}/${i} ${"long ".repeat(45)}`, "");
    });
    const { server } = phone.world;
    between(phone, (request) => {
      if (isRecord(request)) {
        for (const log of server.accountOf(LOGIN)?.devices.values() ?? []) log.records.pop();
      }
      return server.handle(request);
    });
    expect(backUp(phone)).toMatchObject({ outcome: "failed", code: "peer-lost-data" });
    expect(phone.host.ground.link.exchanges.length).toBeLessThan(400);
  });

  test("gets it again when it does so once, and everything is synced", () => {
    const phone = phoneWithFilms(6, 2);
    const { server } = phone.world;
    let losses = 0;
    between(phone, (request) => {
      if (isRecord(request) && losses++ === 0) server.accountOf(LOGIN)?.blobs.clear();
      return server.handle(request);
    });
    expect(backUp(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 6 } });
    checkGuarantees(phone.host);
    expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
  });

  test("gets ever fewer requests from a watch, which goes on", () => {
    const phone = phoneWithFilms(6);
    phone.host.ground.link.faultOf = (request) =>
      isBlob(request) ? answer({ status: 201, headers: {}, body: new Uint8Array() }) : null;
    const seen = phone.host.views.length;
    phone.host.ask({ kind: "backup", mode: "watch" });
    phone.host.runFor(4 * HOUR_MS);
    const before = phone.host.ground.link.exchanges.length;
    phone.host.runFor(4 * HOUR_MS);
    expect(phone.host.ground.link.exchanges.length - before).toBeLessThan(200);
    expect(isWatching(phone, seen)).toBe(true);
    phone.host.ground.link.faultOf = () => null;
    phone.host.runFor(2 * HOUR_MS);
    phone.host.ask({ kind: "status" });
    phone.host.runFor(10);
    expect(phone.host.views.at(-1)).toMatchObject({ kind: "status", counts: { filesSynced: 6 } });
  });
});

/** Answers so to every body that holds the first chunk of the first blob, in whatever blob it comes. */
function refuseOneChunk(phone: Phone, refusal: HttpResponse): void {
  const { server } = phone.world;
  let part: Uint8Array | null = null;
  between(phone, (request) => {
    if (!isBlob(request) || request.body === null) return server.handle(request);
    part ??= request.body.slice(0, 64);
    return Buffer.from(request.body).includes(part) ? refusal : server.handle(request);
  });
}

const ALTERED = problem("not-the-named-bytes", 422, true);

describe("a blob that arrives altered", () => {
  test("once is sent again, and everything is synced", () => {
    const phone = phoneWithFilms(6);
    let altered = 0;
    phone.host.ground.link.faultOf = (request) => (isBlob(request) && altered++ === 0 ? answer(ALTERED) : null);
    expect(backUp(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 6 } });
  });

  test.each([
    ["altered", ALTERED],
    ["refused for good", problem("forbidden", 403, false)],
  ])("or is %s again and again, waits with its file's name, and all others are synced", (_, refusal) => {
    const phone = phoneWithFilms(20);
    refuseOneChunk(phone, refusal);
    const result = backUp(phone);
    expect(result).toMatchObject({ outcome: "waiting", counts: { filesSynced: 19 } });
    expect(result?.counts.waiting).toEqual([{ reason: "upload-refused", files: 1, bytes: CHUNK_BYTES }]);
    expect(result?.files).toEqual([{ root: "photos", path: "film 0", reason: "upload-refused" }]);
    checkGuarantees(phone.host);
    between(phone, (request) => phone.world.server.handle(request));
    expect(backUp(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 20 } });
    expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
  });

  test.each([
    ["altered", ALTERED],
    ["answered by a proxy's page", htmlResponse(403)],
    ["answered with an error", problem("internal", 500, true)],
  ])("or is %s again and again, slows down in a watch, and arrives when that ends", (_, refusal) => {
    const phone = phoneWithFilms(20);
    refuseOneChunk(phone, refusal);
    phone.host.ask({ kind: "backup", mode: "watch" });
    phone.host.runFor(HOUR_MS);
    phone.host.ask({ kind: "status" });
    phone.host.runFor(10);
    expect(phone.host.views.findLast(({ kind }) => kind === "status")).toMatchObject({ counts: { filesSynced: 19 } });
    const before = sentBytes(phone);
    phone.host.runFor(6 * HOUR_MS);
    expect(sentBytes(phone) - before).toBeLessThan(100 * CHUNK_BYTES);
    between(phone, (request) => phone.world.server.handle(request));
    phone.host.runFor(HOUR_MS);
    phone.host.ask({ kind: "status" });
    phone.host.runFor(10);
    expect(phone.host.views.findLast(({ kind }) => kind === "status")).toMatchObject({ counts: { filesSynced: 20 } });
  });

  test("as all others do ends the run before everything was sent in vain", () => {
    const phone = phoneWithFilms(60);
    phone.host.ground.link.faultOf = (request) => (isBlob(request) ? answer(ALTERED) : null);
    expect(backUp(phone)).toMatchObject({ outcome: "failed", code: "peer-altered", counts: { filesSynced: 0 } });
    expect(sentBytes(phone)).toBeLessThan(50 * CHUNK_BYTES);
  });
});

describe("an answer", () => {
  test("that says that asking again may help is asked again, whatever it is called", () => {
    const phone = phoneWithFilms(1);
    const seen = new Set<string>();
    phone.host.ground.link.faultOf = ({ method, path }) => {
      const isFirst = !seen.has(`${method} ${path}`);
      seen.add(`${method} ${path}`);
      return isFirst ? answer(problem("of-a-later-version", 409, true)) : null;
    };
    expect(backUp(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 1 } });
  });

  test.each([
    ["a record", isRecord],
    ["all blobs", isBlob],
  ])("that refuses %s for good ends a run at once, and no watch", (_, isRefused) => {
    const phone = phoneWithFilms(30);
    phone.host.ground.link.faultOf = (request) =>
      isRefused(request) ? answer(problem("malformed", 400, false)) : null;
    expect(backUp(phone)).toMatchObject({ outcome: "failed", code: "peer-refused" });
    expect(phone.host.ground.link.exchanges.length).toBeLessThan(60);
    const seen = phone.host.views.length;
    phone.host.ask({ kind: "backup", mode: "watch" });
    phone.host.runFor(2 * HOUR_MS);
    expect(isWatching(phone, seen)).toBe(true);
    phone.host.ground.link.faultOf = () => null;
    phone.host.runFor(2 * HOUR_MS);
    phone.host.ask({ kind: "status" });
    phone.host.runFor(10);
    expect(phone.host.views.findLast(({ kind }) => kind === "status")).toMatchObject({ counts: { filesSynced: 30 } });
  });
});

describe("a watch", () => {
  test("outlives a network whose certificates are not trusted, and a single false receipt", () => {
    const phone = phoneWithFilms(2);
    const { host, world } = phone;
    host.ground.link.connect(SERVER_URL, { server: world.server, pin: world.server.pin, trusted: false });
    const seen = host.views.length;
    host.ask({ kind: "backup", mode: "watch" });
    host.runFor(HOUR_MS);
    expect(isWatching(phone, seen)).toBe(true);
    host.ground.link.connect(SERVER_URL, { server: world.server, pin: world.server.pin, trusted: true });
    let receipts = 0;
    const forged = JSON.stringify({ receipt: Buffer.alloc(200, 7).toString("base64") });
    const headers = { "content-type": "application/json" };
    host.ground.link.faultOf = (request) =>
      isRecord(request) && receipts++ === 0 ? answer({ status: 201, headers, body: Buffer.from(forged) }) : null;
    host.runFor(HOUR_MS);
    expect(isWatching(phone, seen)).toBe(true);
    expect(receipts).toBeGreaterThan(1);
    host.ground.link.faultOf = (request) =>
      isRecord(request) ? answer({ status: 201, headers, body: Buffer.from(forged) }) : null;
    host.ground.tree.write(`${ROOT}/later`, "later");
    host.runFor(HOUR_MS);
    expect(host.resultOf("backup", seen)).toMatchObject({ outcome: "failed", code: "peer-key-changed" });
  });

  test("ends for a key that is not the pinned one, whatever it was that met it", () => {
    const phone = pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/a`, "a"));
    const { host } = phone;
    const seen = host.views.length;
    host.ask({ kind: "backup", mode: "watch" });
    host.runFor(60_000);
    host.ground.link.faultOf = (request) => (isBlob(request) ? { kind: "no-answer", reason: "pin" } : null);
    host.ground.tree.write(`${ROOT}/b`, seededContent(1, 1_000));
    host.runFor(60_000);
    expect(host.resultOf("backup", seen)).toMatchObject({ outcome: "failed", code: "peer-pin" });
  });
});
