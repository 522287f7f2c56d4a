// `upload`: bodies built by their plan, sealed, and sent in one exchange.

import { createHmac, hash, randomBytes } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EffectBody, UploadPart } from "coffre-engine";
import { open as openReference } from "coffre-engine/reference";
import { describe, expect, test } from "vitest";
import type { Workshop } from "../../src/host/workshop.ts";
import {
  carryOut,
  expectAnswer,
  fillSlot,
  makeFolder,
  makeWorkshop,
  readBody,
  serve,
  serveRaw,
  write,
} from "./scratch.ts";

const CHUNK_CONTEXT = "coffre/1/chunk/{digest}";
const PADDING = `coffre/1/padding/${"0".repeat(64)}`;

interface Sent {
  url: string;
  body: Buffer;
  authorization: string | undefined;
}

/** A server that takes whatever is put; what it was sent. */
async function takeAll(status = 201): Promise<{ url: string; sent: Sent[] }> {
  const sent: Sent[] = [];
  const url = await serve(async (request, response) => {
    const body = await readBody(request);
    sent.push({ url: request.url ?? "", body, authorization: request.headers.authorization });
    response.writeHead(status, { "content-type": "application/json", etag: '"1"' }).end('{"ok":1}');
  });
  return { url, sent };
}

function plan(url: string, root: string, parts: readonly UploadPart[]): EffectBody & { kind: "upload" } {
  const seals = [
    { slot: "chunks", context: CHUNK_CONTEXT },
    { slot: "chunks", context: PADDING },
  ];
  const common = { server: { url }, method: "PUT", path: "/blobs/{sha256}", timeoutMs: 5_000 } as const;
  return { kind: "upload", ...common, roots: [root], seals, key: "dedup", parts };
}

/** The part that names this whole content. */
function part(key: Buffer, path: string, content: Buffer, offset = 0): UploadPart {
  const digest = createHmac("sha256", key)
    .update(hash("sha256", content, "buffer"))
    .digest("hex");
  return { root: 0, path, offset, length: content.length, digest, seal: 0 };
}

function makeSealer(): { workshop: Workshop; dedup: Buffer; chunks: Buffer; root: string } {
  const workshop = makeWorkshop();
  return { workshop, dedup: fillSlot(workshop, "dedup"), chunks: fillSlot(workshop, "chunks"), root: makeFolder() };
}

describe("a body (H-22)", () => {
  test("is its parts, sealed as the reference opens them, under the SHA-256 that its path names", async () => {
    const { workshop, dedup, chunks, root } = makeSealer();
    const content = randomBytes(983_040);
    write(root, "f", content);
    const file = part(dedup, "f", content);
    const { url, sent } = await takeAll();
    const head = { bytes: Buffer.from("head").toString("base64") };
    const answer = await expectAnswer(workshop, plan(url, root, [head, file, { zeros: 1_000, seal: 1 }]), "response");
    const [got] = sent;
    if (got === undefined || !("digest" in file)) throw new Error("expected one body");
    const digest = hash("sha256", got.body, "hex");
    expect(got.url).toBe(`/blobs/${digest}`);
    expect(answer).toMatchObject({ status: 201, body: '{"ok":1}', sha256: digest, sizeBytes: got.body.length });
    expect(answer.headers).toEqual({ "content-type": "application/json", etag: '"1"' });
    expect(got.body.subarray(0, 4).toString()).toBe("head");
    const sealed = got.body.subarray(4, 4 + 983_068);
    const opened = openReference(chunks, CHUNK_CONTEXT.replace("{digest}", file.digest), sealed);
    expect(Buffer.from(opened ?? []).equals(content)).toBe(true);
    const padding = openReference(chunks, PADDING, got.body.subarray(4 + 983_068));
    expect(Buffer.from(padding ?? []).equals(Buffer.alloc(1_000))).toBe(true);
  });

  test("may be empty, and may be as large as 8 MiB, and no larger", async () => {
    const { workshop, root } = makeSealer();
    const { url, sent } = await takeAll();
    await expectAnswer(workshop, plan(url, root, []), "response");
    const full = 8 * 1024 * 1024;
    await expectAnswer(workshop, plan(url, root, [{ zeros: full - 28, seal: 1 }]), "response");
    expect(sent.map(({ body }) => body.length)).toEqual([0, full]);
    await expect(carryOut(workshop, plan(url, root, [{ zeros: full - 27, seal: 1 }]))).rejects.toThrow("8388608");
  });

  test("comes from memory when its file was just hashed, even if the file is gone", async () => {
    const { workshop, dedup, root } = makeSealer();
    const content = randomBytes(5_000);
    const file = write(root, "f", content);
    const files = [{ root, path: "f", first: 0, count: 1 }];
    await expectAnswer(workshop, { kind: "hash", key: "dedup", chunkBytes: 983_040, files }, "hashed");
    rmSync(file);
    const { url, sent } = await takeAll();
    await expectAnswer(workshop, plan(url, root, [part(dedup, "f", content)]), "response");
    expect(sent[0]?.body.length).toBe(5_028);
  });

  test("is not sent when parts are not what the plan says: each is named", async () => {
    const { workshop, dedup, root } = makeSealer();
    const content = randomBytes(100);
    for (const name of ["good", "changed", "short"]) write(root, name, content);
    writeFileSync(join(root, "changed"), randomBytes(100));
    writeFileSync(join(root, "short"), content.subarray(0, 99));
    write(root, "folder/x", "");
    const { url, sent } = await takeAll();
    const parts = ["good", "changed", "short", "gone", "folder"].map((name) => part(dedup, name, content));
    const answer = await expectAnswer(workshop, plan(url, root, parts), "part-failed");
    expect(answer.parts).toEqual([
      { part: 1, reason: "changed" },
      { part: 2, reason: "changed" },
      { part: 3, reason: "vanished" },
      { part: 4, reason: "unreadable" },
    ]);
    expect(sent).toEqual([]);
  });

  test("is not sealed under a context outside the table (F-22), nor under a slot that is absent", async () => {
    const { workshop, root } = makeSealer();
    const good = plan("http://127.0.0.1:1", root, [{ zeros: 1, seal: 0 }]);
    for (const context of ["coffre/1/chunk/{digest}", "coffre/2/chunk/00", `coffre/1/chunk/${"A".repeat(64)}`]) {
      await expect(carryOut(workshop, { ...good, seals: [{ slot: "chunks", context }] })).rejects.toThrow("context");
    }
    await expect(carryOut(workshop, { ...good, seals: [{ slot: "gone", context: PADDING }] })).rejects.toThrow("slot");
  });
});

describe("the exchange of an upload (H-10, H-22)", () => {
  test("says whose it is, and reads any answer for what it is", async () => {
    const { workshop, root } = makeSealer();
    const { url, sent } = await takeAll(503);
    const answer = await expectAnswer(workshop, { ...plan(url, root, []), bearer: "t0ken" }, "response");
    expect(answer.status).toBe(503);
    expect(sent[0]?.authorization).toBe("Bearer t0ken");
  });

  test.each([413, 507, 401])("reads a %i that comes before the body was sent, each time", async (status) => {
    const { workshop, root } = makeSealer();
    const url = await serve((request, response) => {
      response.writeHead(status, { connection: "close" }).end("no");
      request.socket.destroySoon();
    });
    const full = plan(url, root, [{ zeros: 8_000_000 }]);
    for (let round = 0; round < 10; round++) {
      expect(await expectAnswer(workshop, full, "response")).toMatchObject({ status, body: "no" });
    }
  });

  test("keeps to its rate", async () => {
    const { workshop, root } = makeSealer();
    const { url } = await takeAll();
    const paced = { ...plan(url, root, [{ zeros: 200_000 }]), rateBytesPerS: 400_000 };
    const answer = await expectAnswer(workshop, paced, "response");
    expect(answer.elapsedMs).toBeGreaterThanOrEqual(450);
    expect(answer.elapsedMs).toBeLessThan(2_000);
  });

  test("ends as a timeout when nothing moves, while slow progress is none", async () => {
    const { workshop, root } = makeSealer();
    const stuck = await serveRaw((socket) => void socket.pause());
    const tooMuch = { ...plan(stuck, root, [{ zeros: 8_000_000 }]), timeoutMs: 300 };
    expect(await expectAnswer(workshop, tooMuch, "no-answer")).toEqual({ kind: "no-answer", reason: "timeout" });
    const { url } = await takeAll();
    const slow = { ...plan(url, root, [{ zeros: 100_000 }]), timeoutMs: 300, rateBytesPerS: 100_000 };
    expect((await expectAnswer(workshop, slow, "response")).status).toBe(201);
  });

  test("stops soon when it is cancelled", async () => {
    const { workshop, root } = makeSealer();
    const controller = new AbortController();
    const url = await serveRaw((socket) => {
      socket.pause();
      controller.abort();
    });
    const sending = carryOut(workshop, plan(url, root, [{ zeros: 8_000_000 }]), controller.signal);
    await expect(sending).rejects.toThrow("cancelled");
  });
});
