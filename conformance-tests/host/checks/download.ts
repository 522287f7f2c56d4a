// Downloads. Rule: what the server gives was sealed by the suite, so that every opened byte is known.

import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DownloadPart } from "coffre-engine";
import { seededBytes } from "../../end-to-end/seeded-content.ts";
import { type CheckGroup, expectEqual, expectKind, expectThat } from "../check.ts";
import { chunkContext, keyedDigest, SEAL_BYTES, sealBytes, sha256 } from "../expected-bytes.ts";
import { type Served, serve, serveRaw } from "../servers.ts";
import type { FilledSlot, Stage } from "../stage.ts";

const TIMEOUT_MS = 20_000;
const TEXT_BYTES = 65_536;
const OK = { kind: "ok" };
const NOT_AUTHENTIC = { kind: "not-authentic" };
const OTHER_CONTENT = { kind: "other-content" };
const OUTSIDE = { kind: "outside" };

/** A blob of three sealed parts, and what they open to. */
interface Blob {
  readonly slot: FilledSlot;
  readonly key: FilledSlot;
  readonly contexts: readonly string[];
  readonly plain: readonly Buffer[];
  readonly bytes: Buffer;
  readonly offsets: readonly number[];
}

async function makeBlob(stage: Stage, sizes: readonly number[] = [1_000, 0, 70_000]): Promise<Blob> {
  const [slot, key] = [await stage.fillSlot(), await stage.fillSlot()];
  const plain = sizes.map((size, at) => seededBytes(`part ${at}`, size));
  const contexts = plain.map((bytes) => chunkContext(keyedDigest(key.key, bytes)));
  const sealed = plain.map((bytes, at) => sealBytes(slot.key, contexts[at] ?? "", bytes));
  const offsets = sealed.map((_, at) => sealed.slice(0, at).reduce((sum, { length }) => sum + length, 0));
  return { slot, key, contexts, plain, bytes: Buffer.concat(sealed), offsets };
}

/** The parts of a blob in their order, with where each goes. */
function partsOf({ plain, offsets }: Blob, to: readonly DownloadPart["to"][]): DownloadPart[] {
  return to.map((target, at) => {
    const length = (plain[at]?.length ?? 0) + SEAL_BYTES;
    return { offset: offsets[at] ?? 0, length, seal: at, to: target };
  });
}

function download(url: string, blob: Blob, parts: readonly DownloadPart[], roots: readonly string[] = []) {
  const seals = blob.contexts.map((context) => ({ slot: blob.slot.slot, context }));
  const hex = sha256(blob.bytes).toString("hex");
  const rest = { maxBytes: blob.bytes.length, key: blob.key.slot, seals, roots, parts, timeoutMs: TIMEOUT_MS };
  return { kind: "download", server: { url }, path: "/blob", sha256: hex, ...rest } as const;
}

function toAnswer(bytes: Buffer | undefined): unknown {
  return { kind: "ok", bytes: bytes?.toString("base64") };
}

/** Serves a blob, whole or by ranges (RFC 9110 §14). */
async function serveBlob(stage: Stage, bytes: Buffer, knowsRanges = true): Promise<Served> {
  return await serve(stage, (response, { headers }) => {
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "") ?? [];
    if (from === undefined || to === undefined || !knowsRanges) {
      response.end(bytes);
      return;
    }
    const range = bytes.subarray(Number(from), Number(to) + 1);
    response.writeHead(206, { "content-range": `bytes ${from}-${Number(from) + range.length - 1}/${bytes.length}` });
    response.end(range);
  });
}

export const DOWNLOAD_CHECKS: CheckGroup = {
  title: "Downloading",
  checks: [
    {
      says: "opens each part into the answer, and judges the SHA-256 of the whole",
      proves: ["H-23", "H-13"],
      run: async (stage) => {
        const blob = await makeBlob(stage);
        const { url, requests } = await serveBlob(stage, blob.bytes);
        const effect = { ...download(url, blob, partsOf(blob, ["answer", "answer", "answer"])), bearer: "token" };
        const { elapsedMs, ...answer } = expectKind(await stage.adapter.ask(effect), "response");
        expectThat("expected milliseconds", Number.isSafeInteger(elapsedMs), elapsedMs);
        const whole = { kind: "response", status: 200, headers: {}, body: null, sizeBytes: blob.bytes.length };
        const parts = blob.plain.map(toAnswer);
        expectEqual("the answer", answer, { ...whole, sha256Ok: true, parts });
        const [seen] = requests;
        expectEqual("what was asked", [seen?.method, seen?.path, seen?.headers.range], ["GET", "/blob", undefined]);
        expectEqual("its bearer", seen?.headers.authorization, "Bearer token");
        const wrong = expectKind(await stage.adapter.ask({ ...effect, sha256: "00".repeat(32) }), "response");
        expectEqual("under another SHA-256", [wrong.sha256Ok, wrong.parts], [false, parts]);
        const none = expectKind(await stage.adapter.ask({ ...effect, sha256: null }), "response");
        expectEqual("under none", [none.sha256Ok, none.parts], [null, parts]);
      },
    },
    {
      says: "writes opened bytes into files and folders that it makes, at their offsets, for the owner alone",
      proves: ["H-23"],
      run: async (stage) => {
        const blob = await makeBlob(stage);
        const roots = [join(stage.folder(), "made"), stage.folder()];
        const [first = "", second = ""] = roots;
        writeFileSync(join(second, "there"), Buffer.alloc(2_000, 7), { mode: 0o640 });
        const parts = partsOf(blob, [
          [
            { root: 0, path: "a/b 🌊/file", offset: 5 },
            { root: 1, path: "there", offset: 500 },
          ],
          [{ root: 0, path: "empty", offset: 0 }],
          [{ root: 0, path: "a/b 🌊/file", offset: 1_005 }],
        ]);
        const { url } = await serveBlob(stage, blob.bytes);
        const answer = expectKind(await stage.adapter.ask(download(url, blob, parts, roots)), "response");
        expectEqual("the parts", answer.parts, [OK, OK, OK]);
        const [one = Buffer.alloc(0), , three = Buffer.alloc(0)] = blob.plain;
        const made = readFileSync(join(first, "a/b 🌊/file"));
        expectThat("expected the opened bytes", made.equals(Buffer.concat([Buffer.alloc(5), one, three])));
        const there = Buffer.concat([Buffer.alloc(500, 7), one, Buffer.alloc(500, 7)]);
        expectThat("expected what was there around them", readFileSync(join(second, "there")).equals(there));
        expectEqual("the size of a file of no bytes", statSync(join(first, "empty")).size, 0);
        if (stage.adapter.ready.lacks.includes("mode")) return;
        expectEqual("its mode", statSync(join(first, "a/b 🌊/file")).mode & 0o777, 0o600);
      },
    },
    {
      says: "writes and answers no byte that is not authentic, and the other parts all the same",
      proves: ["H-23"],
      run: async (stage) => {
        const blob = await makeBlob(stage);
        const root = stage.folder();
        const spoiled = Buffer.from(blob.bytes);
        spoiled[(blob.offsets[2] ?? 0) + 69_000] = (spoiled[(blob.offsets[2] ?? 0) + 69_000] ?? 0) ^ 1;
        const { url } = await serveBlob(stage, spoiled);
        const to = [{ root: 0, path: "never", offset: 0 }];
        const parts = partsOf(blob, ["answer", "answer", to]);
        const [first] = parts;
        if (first === undefined) throw new Error("expected a part");
        const foreign = { ...first, seal: 1 };
        const moved = { ...first, offset: first.offset + 1 };
        const effect = download(url, blob, [...parts, foreign, moved, first], [root]);
        const answer = expectKind(await stage.adapter.ask(effect), "response");
        const good = toAnswer(blob.plain[0]);
        const expected = [good, toAnswer(blob.plain[1]), NOT_AUTHENTIC, NOT_AUTHENTIC, NOT_AUTHENTIC, good];
        expectEqual("the parts", answer.parts, expected);
        expectEqual("the SHA-256", answer.sha256Ok, false);
        const isClean = !existsSync(join(root, "never")) || statSync(join(root, "never")).size === 0;
        expectThat("bytes were written that are not authentic", isClean);
      },
    },
    {
      says: "writes and answers no byte of another content than the context names, however right its seal",
      proves: ["H-23", "H-32"],
      run: async (stage) => {
        const blob = await makeBlob(stage);
        const root = stage.folder();
        const [good = "", , other = ""] = blob.contexts;
        const asList = good.replace("chunk", "list");
        const bytes = [good, other, asList, good].map((context, at) =>
          sealBytes(blob.slot.key, context, at === 3 ? seededBytes("a thief", 1_000) : (blob.plain[0] ?? Buffer.of())),
        );
        const forged = { ...blob, contexts: [good, other, asList, good], bytes: Buffer.concat(bytes) };
        const { url } = await serveBlob(stage, forged.bytes);
        const length = 1_000 + SEAL_BYTES;
        const to = (path: string): DownloadPart["to"] => [{ root: 0, path, offset: 0 }];
        const parts = [to("good"), to("never"), "answer" as const, to("never")].map((target, at) => {
          return { offset: at * length, length, seal: at, to: target };
        });
        const again = [...parts, { offset: 3 * length, length, seal: 3, to: "answer" as const }];
        const answer = expectKind(await stage.adapter.ask(download(url, forged, again, [root])), "response");
        const expected = [OK, OTHER_CONTENT, toAnswer(blob.plain[0]), OTHER_CONTENT, OTHER_CONTENT];
        expectEqual("the parts", answer.parts, expected);
        expectThat(
          "expected what the context names",
          readFileSync(join(root, "good")).equals(blob.plain[0] ?? Buffer.of()),
        );
        const isClean = !existsSync(join(root, "never")) || statSync(join(root, "never")).size === 0;
        expectThat("bytes of another content were written", isClean);
      },
    },
    {
      says: "counts offsets in the whole resource, for a range that came and for one that was ignored",
      proves: ["H-23"],
      run: async (stage) => {
        const blob = await makeBlob(stage);
        const parts = partsOf(blob, ["answer", "answer", "answer"]);
        const range = [blob.offsets[1] ?? 0, blob.bytes.length] as const;
        for (const knowsRanges of [true, false]) {
          const { url, requests } = await serveBlob(stage, blob.bytes, knowsRanges);
          const effect = { ...download(url, blob, parts), range };
          const answer = expectKind(await stage.adapter.ask(effect), "response");
          expectEqual("the range asked for", requests[0]?.headers.range, `bytes=${range[0]}-${range[1] - 1}`);
          const [first, ...rest] = answer.parts;
          expectEqual("the part before the range", first, knowsRanges ? OUTSIDE : toAnswer(blob.plain[0]));
          expectEqual("the parts of the range", rest, blob.plain.slice(1).map(toAnswer));
          if (knowsRanges) expectEqual("the SHA-256", answer.sha256Ok, null);
        }
      },
    },
    {
      says: "says outside of bytes that did not come, reset of a body that broke off, and too-large of a longer one",
      proves: ["H-23", "H-13"],
      run: async (stage) => {
        const blob = await makeBlob(stage);
        const root = stage.folder();
        const to = [{ root: 0, path: "file", offset: 0 }];
        const parts = partsOf(blob, [to, "answer", "answer"]);
        const short = await serveBlob(stage, blob.bytes.subarray(0, -1));
        const answer = expectKind(await stage.adapter.ask(download(short.url, blob, parts, [root])), "response");
        expectEqual("a body one byte short", answer.parts, [OK, toAnswer(blob.plain[1]), OUTSIDE]);
        expectEqual("its size and SHA-256", [answer.sizeBytes, answer.sha256Ok], [blob.bytes.length - 1, false]);
        const half = blob.bytes.subarray(0, 40_000);
        const head = `HTTP/1.1 200 OK\r\ncontent-length: ${blob.bytes.length}\r\n\r\n`;
        const broken = await serveRaw(stage, (socket) =>
          socket.once("data", () => {
            socket.write(head);
            socket.end(half);
          }),
        );
        const none = partsOf(blob, [[{ root: 0, path: "none", offset: 0 }]]);
        const reset = await stage.adapter.ask(download(broken, blob, none, [root]));
        expectEqual("a body that broke off", reset, { kind: "no-answer", reason: "reset" });
        const long = await serveBlob(stage, Buffer.concat([blob.bytes, Buffer.of(0)]));
        const more = await stage.adapter.ask(download(long.url, blob, none, [root]));
        expectEqual("a byte more than the most", more, { kind: "no-answer", reason: "too-large" });
        expectThat("something was written without an answer", !existsSync(join(root, "none")));
      },
    },
    {
      says: "gives another status as it is, with up to 65,536 bytes of text, after one request",
      proves: ["H-23", "H-13"],
      run: async (stage) => {
        const blob = await makeBlob(stage, [100_000, 0, 0]);
        for (const status of [404, 503]) {
          const { url, requests } = await serve(stage, (response) =>
            response.writeHead(status).end("x".repeat(100_000)),
          );
          const effect = download(url, blob, partsOf(blob, ["answer"]));
          const answer = expectKind(await stage.adapter.ask(effect), "response");
          expectEqual("status, parts and SHA-256", [answer.status, answer.parts, answer.sha256Ok], [status, [], null]);
          expectEqual("its text", answer.body, "x".repeat(TEXT_BYTES));
          expectEqual("requests at the server", requests.length, 1);
        }
      },
    },
    {
      says: "says why opened bytes could not be written, and goes on with the other parts",
      proves: ["H-23"],
      run: async (stage) => {
        const blob = await makeBlob(stage);
        const root = stage.folder();
        mkdirSync(join(root, "folder"));
        const { url } = await serveBlob(stage, blob.bytes);
        const into = (at: number, path: string) => [{ root: at, path, offset: 0 }];
        const notWritten = (reason: string) => ({ kind: "not-written", reason });
        const onto = partsOf(blob, [into(0, "folder"), "answer", into(0, "file/below/it")]);
        const answer = expectKind(await stage.adapter.ask(download(url, blob, onto, [root])), "response");
        expectEqual("a part for a folder", answer.parts[0], notWritten("io"));
        expectEqual("the others", answer.parts.slice(1), [toAnswer(blob.plain[1]), OK]);
        const full = partsOf(blob, [into(0, "full")]);
        const noSpace = expectKind(await stage.adapter.ask(download(url, blob, full, ["/dev"])), "response");
        expectEqual("a part for a device that is full", noSpace.parts, [notWritten("no-space")]);
        const adapter = await stage.ordinary();
        chmodSync(root, 0o555);
        stage.defer(() => chmodSync(root, 0o755));
        const slot = { kind: "secret", op: "write", slot: blob.slot.slot, storage: "memory" } as const;
        await adapter.ask({ ...slot, bytes: blob.slot.key.toString("base64") });
        await adapter.ask({ ...slot, slot: blob.key.slot, bytes: blob.key.key.toString("base64") });
        const closed = partsOf(blob, [into(0, "new")]);
        const refused = expectKind(await adapter.ask(download(url, blob, closed, [root])), "response");
        expectEqual("a part for a folder that is closed", refused.parts, [notWritten("permission")]);
      },
    },
    {
      says: "answers host-error when a slot is absent, a context outside the table, or no key named for a content",
      proves: ["H-12", "H-23", "H-32"],
      run: async (stage) => {
        const blob = await makeBlob(stage);
        const { url } = await serveBlob(stage, blob.bytes);
        const effect = download(url, blob, partsOf(blob, ["answer"]));
        const context = blob.contexts[0] ?? "";
        const { slot } = blob.slot;
        for (const wrong of [
          { seals: [{ slot: "never.filled", context }] },
          { seals: [{ slot, context: "coffre/1/x" }] },
          { key: null },
          { key: null, seals: [{ slot, context: context.replace("chunk", "list") }] },
          { key: "never.filled" },
        ]) {
          const answer = await stage.adapter.ask({ ...effect, ...wrong });
          expectEqual("the answer", answer, { kind: "failed", reason: "host-error" });
        }
      },
    },
  ],
};
