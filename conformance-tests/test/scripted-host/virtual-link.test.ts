// The virtual link and the effects that go over it: request, upload, download (docs/host-api.md H-10, H-22, H-23).

import { beforeEach, describe, expect, test } from "vitest";
import type { EffectBody } from "../../../engine/src/border/effects.ts";
import { toBase64, toHex } from "../../scripted-host/border-text.ts";
import { cheapBytePlane } from "../../scripted-host/byte-plane.ts";
import { FileTree } from "../../scripted-host/file-tree.ts";
import { type HttpRequest, type HttpResponse, htmlResponse } from "../../scripted-host/http-exchange.ts";
import { SeededRandom } from "../../scripted-host/seeded-random.ts";
import { sha256 } from "../../scripted-host/server-structures.ts";
import { Slots } from "../../scripted-host/slots.ts";
import { startDownload, startRequest, startUpload, type TransferGround } from "../../scripted-host/transfer-effects.ts";
import { VirtualClock } from "../../scripted-host/virtual-clock.ts";
import { type LinkFault, VirtualLink } from "../../scripted-host/virtual-link.ts";

const SERVER = { url: "https://a.test" };
const PIN = "ab".repeat(32);
const CONTEXT = `coffre/1/padding/${"0".repeat(64)}`;
const plane = cheapBytePlane();

let clock: VirtualClock;
let ground: TransferGround;
let seen: HttpRequest[];
let respond: (request: HttpRequest) => HttpResponse;

beforeEach(() => {
  clock = new VirtualClock();
  seen = [];
  respond = () => ({ status: 200, headers: { "content-type": "text/plain" }, body: Buffer.from("fine") });
  const link = new VirtualLink(clock, new SeededRandom(1));
  const server = {
    handle: (request: HttpRequest): HttpResponse => {
      seen.push(request);
      return respond(request);
    },
  };
  link.connect(SERVER.url, { server, pin: PIN, trusted: true });
  link.connect("https://self.test", { server, pin: PIN, trusted: false });
  link.upBytesPerS = 25_000;
  link.downBytesPerS = 25_000;
  link.latencyMs = 10;
  const slots = new Slots();
  slots.write("dedup", "device", new Uint8Array(32).fill(1));
  slots.write("root", "memory", new Uint8Array(32).fill(2));
  ground = { tree: new FileTree(clock), slots, plane, link };
});

/** The answer to a GET, and how long it took in virtual time. */
function get(server: { url: string; pin?: string } = SERVER, timeoutMs = 1_000): { answer: object; tookMs: number } {
  const fromMs = clock.nowMs;
  let answer: object | null = null;
  startRequest(ground, { kind: "request", server, method: "GET", path: "/x", timeoutMs }, (got) => {
    answer = got;
  });
  while (answer === null && clock.runNext());
  return { answer: answer ?? {}, tookMs: clock.nowMs - fromMs };
}

function upload(parts: Extract<EffectBody, { kind: "upload" }>["parts"], timeoutMs = 600_000): object {
  let answer: object | null = null;
  const seals = [
    { slot: "root", context: "coffre/1/chunk/{digest}" },
    { slot: "root", context: CONTEXT },
  ];
  const plan = { method: "PUT", path: "/v1/blobs/{sha256}", roots: ["/phone"], key: "dedup" } as const;
  startUpload(ground, { kind: "upload", server: SERVER, ...plan, seals, parts, timeoutMs }, (got) => {
    answer = got;
  });
  while (answer === null && clock.runNext());
  return answer ?? {};
}

function withFault(fault: LinkFault): void {
  ground.link.faultOf = (_request, number) => (number === 0 ? fault : null);
}

describe("time", () => {
  test("an exchange takes its transfers and the way there and back", () => {
    const { answer, tookMs } = get();
    expect(answer).toMatchObject({ kind: "response", status: 200, body: "fine", elapsedMs: tookMs });
    expect(tookMs).toBe(Math.ceil(16 + 10 + 16.16 + 10));
  });

  test("parallel uploads share the line", () => {
    const done: number[] = [];
    const parts = [{ zeros: 25_000 - 400 }];
    for (let count = 0; count < 3; count++) {
      const plan = { method: "PUT", path: "/x", roots: [], seals: [], key: null, parts, timeoutMs: 60_000 } as const;
      startUpload(ground, { kind: "upload", server: SERVER, ...plan }, () => done.push(clock.nowMs));
    }
    const fromMs = clock.nowMs;
    while (clock.runNext());
    expect(done.map((atMs) => Math.floor((atMs - fromMs) / 1_000))).toEqual([1, 2, 3]);
  });

  test("what takes longer than the timeout ends there, and a late server is not heard", () => {
    expect(upload([{ zeros: 1_000_000 }], 2_000)).toEqual({ kind: "no-answer", reason: "timeout" });
    expect(seen).toHaveLength(0);
    ground.link.faultOf = () => ({ kind: "delay", delayMs: 86_400_000 });
    expect(get().answer).toEqual({ kind: "no-answer", reason: "timeout" });
    expect(seen).toHaveLength(0);
    clock.advance(86_400_000);
    expect(seen).toHaveLength(1);
  });
});

describe("faults", () => {
  test.each([
    [{ kind: "lost-before" }, { kind: "no-answer", reason: "reset" }, 0],
    [{ kind: "lost-after" }, { kind: "no-answer", reason: "reset" }, 1],
    [{ kind: "silence", handled: true }, { kind: "no-answer", reason: "timeout" }, 1],
    [{ kind: "silence", handled: false }, { kind: "no-answer", reason: "timeout" }, 0],
    [{ kind: "no-answer", reason: "tls" }, { kind: "no-answer", reason: "tls" }, 0],
    [{ kind: "no-answer", reason: "timeout" }, { kind: "no-answer", reason: "timeout" }, 0],
    [{ kind: "answer", response: htmlResponse(200) }, { status: 200, headers: { "content-type": "text/html" } }, 0],
  ] as const)("%j", (fault, expected, handled) => {
    withFault(fault);
    expect(get().answer).toMatchObject(expected);
    clock.advance(10_000);
    expect(seen).toHaveLength(handled);
    expect(get().answer).toMatchObject({ status: 200, body: "fine" });
  });

  test("a duplicate reaches the server twice and is answered once", () => {
    withFault({ kind: "duplicate", delayMs: 500 });
    expect(get().answer).toMatchObject({ status: 200 });
    clock.advance(1_000);
    expect(seen).toHaveLength(2);
    expect(ground.link.exchanges).toHaveLength(1);
  });

  test("a proxy's limit is its own 413", () => {
    ground.link.proxyLimitBytes = 100;
    expect(upload([{ zeros: 101 }])).toMatchObject({ status: 413, headers: { "content-type": "text/html" } });
    expect(upload([{ zeros: 100 }])).toMatchObject({ status: 200 });
  });

  test("pins decide alone, and without one trust does (H-10)", () => {
    expect(get({ ...SERVER, pin: "cd".repeat(32) }).answer).toEqual({ kind: "no-answer", reason: "pin" });
    expect(get({ url: "https://self.test" }).answer).toEqual({ kind: "no-answer", reason: "tls" });
    expect(get({ url: "https://self.test", pin: PIN }).answer).toMatchObject({ status: 200 });
    expect(get({ url: "https://nowhere.test" }).answer).toEqual({ kind: "no-answer", reason: "unreachable" });
  });
});

describe("upload (H-22)", () => {
  const key = new Uint8Array(32).fill(1);
  const root = new Uint8Array(32).fill(2);

  test("builds the body by its plan and names its SHA-256", () => {
    ground.tree.write("/phone/a", "0123456789");
    const digest = toHex(plane.digest(key, Buffer.from("3456")));
    const parts = [
      { root: 0, path: "a", offset: 3, length: 4, digest, seal: 0 },
      { bytes: toBase64(Buffer.from("raw")) },
      { zeros: 5, seal: 1 },
    ];
    const answer = upload(parts);
    const sealed = plane.seal(root, `coffre/1/chunk/${digest}`, Buffer.from("3456"));
    const body = Buffer.concat([sealed, Buffer.from("raw"), plane.seal(root, CONTEXT, new Uint8Array(5))]);
    const sha = toHex(sha256(body));
    expect(answer).toMatchObject({ status: 200, sha256: sha, sizeBytes: body.length });
    expect(seen[0]).toMatchObject({ path: `/v1/blobs/${sha}` });
    expect(Buffer.compare(seen[0]?.body ?? body.subarray(1), body)).toBe(0);
  });

  test("names each part that is not what it was, and sends nothing", () => {
    ground.tree.write("/phone/a", "0123456789");
    const part = { root: 0, path: "a", offset: 0, length: 10, digest: "0".repeat(64) };
    expect(upload([part, { ...part, path: "b" }, { ...part, length: 11 }])).toEqual({
      kind: "part-failed",
      parts: [
        { part: 0, reason: "changed" },
        { part: 1, reason: "vanished" },
        { part: 2, reason: "changed" },
      ],
    });
    expect(seen).toHaveLength(0);
  });

  test("a body above 8 MiB, or a context outside the table, fails", () => {
    expect(upload([{ zeros: 8_388_609 }])).toEqual({ kind: "failed", reason: "host-error" });
    expect(upload([{ zeros: 1, seal: 0 }])).toEqual({ kind: "failed", reason: "host-error" });
  });
});

describe("download (H-23)", () => {
  const root = new Uint8Array(32).fill(2);
  const sealed = plane.seal(root, CONTEXT, Buffer.from("opened"));

  function download(body: Uint8Array, choice: Partial<Extract<EffectBody, { kind: "download" }>> = {}): object {
    respond = ({ range }) => ({
      status: range === null ? 200 : 206,
      headers: {},
      body: range === null ? body : body.subarray(...range),
    });
    let answer: object | null = null;
    const plan = { path: "/x", key: null, sha256: null, maxBytes: 10_000, roots: ["/staging"], timeoutMs: 60_000 };
    const parts = [{ offset: 3, length: sealed.length, seal: 0, to: "answer" as const }];
    const seals = [{ slot: "root", context: CONTEXT }];
    startDownload(ground, { kind: "download", server: SERVER, ...plan, seals, parts, ...choice }, (got) => {
      answer = got;
    });
    while (answer === null && clock.runNext());
    return answer ?? {};
  }

  const whole = Buffer.concat([Buffer.from("abc"), sealed]);

  test("opens parts into the answer, also from a range, whose offsets are the whole's", () => {
    const parts = [{ kind: "ok", bytes: toBase64(Buffer.from("opened")) }];
    expect(download(whole, { sha256: toHex(sha256(whole)) })).toMatchObject({ sha256Ok: true, parts });
    expect(download(whole, { range: [3, whole.length] })).toMatchObject({ status: 206, sha256Ok: null, parts });
  });

  test("says what is not authentic and what did not come", () => {
    const altered = Buffer.from(whole);
    altered[20] = (altered[20] ?? 0) ^ 1;
    const answer = download(altered, { sha256: toHex(sha256(whole)) });
    expect(answer).toMatchObject({ sha256Ok: false, parts: [{ kind: "not-authentic" }] });
    expect(download(whole.subarray(0, 20))).toMatchObject({ parts: [{ kind: "outside" }] });
    expect(download(whole, { maxBytes: 5 })).toEqual({ kind: "no-answer", reason: "too-large" });
  });

  test("writes opened bytes at offsets of files in work, and nothing else", () => {
    const to = [
      { root: 0, path: "1", offset: 4 },
      { root: 0, path: "2", offset: 0 },
    ];
    const part = { offset: 3, length: sealed.length, seal: 0, to };
    expect(download(whole, { parts: [part] })).toMatchObject({ parts: [{ kind: "ok" }] });
    expect(Buffer.from(ground.tree.bytesAt("/staging/1")).toString()).toBe("\0\0\0\0opened");
    expect(ground.tree.at("/staging/2").mode).toBe(0o600);
    ground.tree.freeBytes = 3;
    expect(download(whole, { parts: [part] })).toMatchObject({ parts: [{ kind: "not-written", reason: "no-space" }] });
  });
});
