// Uploads. Rule: the body that reached the server is compared with one that the suite sealed itself.

import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { UploadPart } from "coffre-engine";
import { seededBytes } from "../../end-to-end/seeded-content.ts";
import { type CheckGroup, expectEqual, expectKind, expectThat } from "../check.ts";
import { CHUNK_BYTES, chunkContext, keyedDigest, SEAL_BYTES, sealBytes, sha256 } from "../expected-bytes.ts";
import { deadOrigin, serve, serveRaw } from "../servers.ts";
import type { FilledSlot, Stage } from "../stage.ts";

const TIMEOUT_MS = 20_000;
const MOST_BYTES = 8 * 1_048_576;
const ANSWER_BYTES = 65_536;
const PADDING = `coffre/1/padding/${"ab".repeat(32)}`;
const FAILED = { kind: "failed", reason: "host-error" };
const NO_DIGEST = "00".repeat(32);

/** An upload without parts, to be completed. */
function uploadTo(url: string, roots: readonly string[] = []) {
  const server = { url };
  const rest = { seals: [], key: null, parts: [], timeoutMs: TIMEOUT_MS };
  return { kind: "upload", server, method: "PUT", path: "/v1/blobs/{sha256}", roots, ...rest } as const;
}

/** Two slots: for keyed digests, and for sealing. */
async function fillSlots(stage: Stage): Promise<{ dedup: FilledSlot; root: FilledSlot }> {
  return { dedup: await stage.fillSlot(), root: await stage.fillSlot() };
}

/** A file's part whose digest is right for `bytes`. */
function partOf(path: string, bytes: Buffer, dedup: FilledSlot, offset = 0, root = 0): UploadPart & { digest: string } {
  return { root, path, offset, length: bytes.length, digest: keyedDigest(dedup.key, bytes) };
}

/** Audits count a body in steps of this. */
const PIECE_BYTES = 65_536;

export const UPLOAD_CHECKS: CheckGroup = {
  title: "Uploading",
  checks: [
    {
      says: "builds the body that the plan says, part by part, and sends it once",
      proves: ["H-22", "H-13"],
      run: async (stage) => {
        const { dedup, root } = await fillSlots(stage);
        const folders = [stage.folder(), stage.folder()];
        const [first = "", second = ""] = folders;
        const content = seededBytes("to upload", CHUNK_BYTES + 1_000);
        const chunks = [content.subarray(0, CHUNK_BYTES), content.subarray(CHUNK_BYTES)];
        const [chunk = content, rest = content] = chunks;
        writeFileSync(join(first, "file"), content);
        mkdirSync(join(second, "folder"));
        writeFileSync(join(second, "folder", "-rf 🌊\n"), "small");
        const small = Buffer.from("small");
        const parts = [
          { ...partOf("file", chunk, dedup), seal: 0 },
          { ...partOf("file", rest, dedup, CHUNK_BYTES), seal: 0 },
          { ...partOf("folder/-rf 🌊\n", small, dedup, 0, 1), seal: 0 },
          partOf("file", rest, dedup, CHUNK_BYTES),
          { bytes: "AAECAw==", seal: 1 },
          { bytes: "AAECAw==" },
          { bytes: "", seal: 1 },
          { zeros: 5_000, seal: 1 },
          { zeros: 3 },
        ];
        const seals = [
          { slot: root.slot, context: "coffre/1/chunk/{digest}" },
          { slot: root.slot, context: PADDING },
        ];
        const literal = Buffer.of(0, 1, 2, 3);
        const chunkSealed = (bytes: Buffer) => sealBytes(root.key, chunkContext(keyedDigest(dedup.key, bytes)), bytes);
        const body = Buffer.concat([
          ...[chunk, rest, small].map(chunkSealed),
          rest,
          sealBytes(root.key, PADDING, literal),
          literal,
          sealBytes(root.key, PADDING, Buffer.alloc(0)),
          sealBytes(root.key, PADDING, Buffer.alloc(5_000)),
          Buffer.alloc(3),
        ]);
        const { url, requests } = await serve(stage, (response) => response.writeHead(201, { etag: '"1"' }).end("{}"));
        const effect = { ...uploadTo(url, folders), bearer: "token", key: dedup.slot, seals, parts };
        const { elapsedMs, ...answer } = expectKind(await stage.adapter.ask(effect), "response");
        expectThat("expected milliseconds", Number.isSafeInteger(elapsedMs), elapsedMs);
        const hex = sha256(body).toString("hex");
        const told = { status: 201, headers: { etag: '"1"' }, body: "{}", sha256: hex, sizeBytes: body.length };
        expectEqual("the answer", answer, { kind: "response", ...told });
        const [seen, ...more] = requests;
        expectEqual("requests behind the first", more, []);
        expectEqual("method and path", [seen?.method, seen?.path], ["PUT", `/v1/blobs/${hex}`]);
        expectEqual("its bearer", seen?.headers.authorization, "Bearer token");
        expectEqual("its announced length", seen?.headers["content-length"], String(body.length));
        expectThat("expected the body that was planned", seen?.body.equals(body) === true);
      },
    },
    {
      says: "answers questions about pieces of the body, the short last one and one behind the end too",
      proves: ["H-39"],
      run: async (stage) => {
        const { url } = await serve(stage, (response) => response.writeHead(201).end("{}"));
        const body = seededBytes("to audit", 2 * PIECE_BYTES + 1_000);
        const nonce = seededBytes("nonce", 16);
        const audits = [0, 2, 9].map((piece) => ({ piece, nonce: nonce.toString("base64") }));
        const parts = [{ bytes: body.toString("base64") }];
        const effect = { ...uploadTo(url, []), key: null, seals: [], parts, audits };
        const { answers } = expectKind(await stage.adapter.ask(effect), "response");
        const expected = audits.map(({ piece }) => {
          const bytes = body.subarray(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES);
          return sha256(Buffer.concat([nonce, bytes])).toString("base64");
        });
        expectEqual("the answers", answers, expected);
      },
    },
    {
      says: "takes bodies of up to 8 MiB, and refuses one byte more, slots that are absent and paths that are none",
      proves: ["H-22", "H-12"],
      run: async (stage) => {
        const { dedup } = await fillSlots(stage);
        const { url, requests } = await serve(stage, (response) => response.end());
        const { adapter } = stage;
        const most = expectKind(await adapter.ask({ ...uploadTo(url), parts: [{ zeros: MOST_BYTES }] }), "response");
        expectEqual("the size", [most.sizeBytes, requests[0]?.body.length], [MOST_BYTES, MOST_BYTES]);
        const more = { ...uploadTo(url), parts: [{ zeros: MOST_BYTES - 1 }, { bytes: "AAA=" }] };
        expectEqual("one byte more", await adapter.ask(more), FAILED);
        const seals = [{ slot: "never.filled", context: PADDING }];
        expectEqual(
          "an absent slot",
          await adapter.ask({ ...uploadTo(url), seals, parts: [{ zeros: 1, seal: 0 }] }),
          FAILED,
        );
        const root = stage.folder();
        writeFileSync(join(root, "file"), "x");
        const part = partOf("file", Buffer.from("x"), dedup);
        for (const key of ["never.filled", null]) {
          expectEqual("an absent key", await adapter.ask({ ...uploadTo(url, [root]), key, parts: [part] }), FAILED);
        }
        const foreign = [{ slot: dedup.slot, context: "coffre/1/other" }];
        const refused = await adapter.ask({ ...uploadTo(url), seals: foreign, parts: [{ zeros: 1, seal: 0 }] });
        expectEqual("a context outside the table", refused, FAILED);
        expectEqual("requests at the server", requests.length, 1);
      },
    },
    {
      says: "names every part that is not what it should be, and sends nothing then",
      proves: ["H-22"],
      needs: ["links"],
      run: async (stage) => {
        const { dedup } = await fillSlots(stage);
        const root = stage.folder();
        mkdirSync(join(root, "folder"));
        for (const name of ["good", "other", "short", "folder/inside"])
          writeFileSync(join(root, name), `${name} content`);
        symlinkSync("good", join(root, "link"));
        symlinkSync("folder", join(root, "folder link"));
        const part = (path: string, text: string) => partOf(path, Buffer.from(text), dedup);
        const parts = [
          part("good", "good content"),
          part("other", "other CONTENT"),
          part("short", "short content, and more"),
          part("gone", "gone"),
          part("good", "good"),
          part("link", "good content"),
          part("folder", "anything"),
          part("folder link/inside", "folder/inside content"),
          part("good/below", "x"),
          { ...part("good", "x"), digest: NO_DIGEST },
        ];
        let connections = 0;
        const url = await serveRaw(stage, () => connections++);
        const answer = await stage.adapter.ask({ ...uploadTo(url, [root]), key: dedup.slot, parts });
        const reasons = [
          "",
          "changed",
          "changed",
          "vanished",
          "",
          "unreadable",
          "unreadable",
          "vanished",
          "vanished",
          "changed",
        ];
        const failed = reasons.flatMap((reason, at) => (reason === "" ? [] : [{ part: at, reason }]));
        expectEqual("the answer", answer, { kind: "part-failed", parts: failed });
        expectEqual("connections to the server", connections, 0);
      },
    },
    {
      says: "answers one EIO once: the part is unreadable, and the others are judged",
      proves: ["H-22"],
      run: async (stage) => {
        const { dedup } = await fillSlots(stage);
        const root = stage.folder();
        writeFileSync(join(root, "good"), "good content");
        // Nothing is mapped at address 0, so reading a process's memory there is EIO (proc(5)).
        const bad = { ...partOf("mem", Buffer.alloc(16), dedup), root: 1 };
        const parts = [partOf("good", Buffer.from("good content"), dedup), bad, { ...bad, path: "gone", root: 0 }];
        const url = await deadOrigin();
        const roots = [root, "/proc/self"];
        const answer = await stage.adapter.ask({ ...uploadTo(url, roots), key: dedup.slot, parts });
        const failed = [
          { part: 1, reason: "unreadable" },
          { part: 2, reason: "vanished" },
        ];
        expectEqual("the answer", answer, { kind: "part-failed", parts: failed });
      },
    },
    {
      says: "never sends bytes other than those with the digest, also when a file changed since it was hashed",
      proves: ["H-22"],
      run: async (stage) => {
        const { dedup } = await fillSlots(stage);
        const root = stage.folder();
        const before = seededBytes("before", 100_000);
        writeFileSync(join(root, "file"), before);
        const files = [{ root, path: "file", first: 0, count: 1 }];
        expectKind(
          await stage.adapter.ask({ kind: "hash", key: dedup.slot, chunkBytes: CHUNK_BYTES, files }),
          "hashed",
        );
        writeFileSync(join(root, "file"), seededBytes("after", 100_000));
        const { url, requests } = await serve(stage, (response) => response.end());
        const parts = [partOf("file", before, dedup)];
        const answer = await stage.adapter.ask({ ...uploadTo(url, [root]), key: dedup.slot, parts });
        if (answer.kind === "response") {
          expectThat("expected the bytes that were hashed", requests[0]?.body.equals(before) === true);
        } else expectEqual("the answer", answer, { kind: "part-failed", parts: [{ part: 0, reason: "changed" }] });
      },
    },
    {
      says: "puts one upload on the wire for one 503, and gives its answer as text, cut at 65,536 bytes",
      proves: ["H-22", "H-13"],
      run: async (stage) => {
        const long = `a${"é".repeat(ANSWER_BYTES)}`;
        const { url, requests } = await serve(stage, (response) => response.writeHead(503).end(long));
        const answer = expectKind(
          await stage.adapter.ask({ ...uploadTo(url), parts: [{ zeros: 100_000 }] }),
          "response",
        );
        expectEqual("its status", answer.status, 503);
        expectEqual("its text", answer.body, `a${"é".repeat(ANSWER_BYTES / 2 - 1)}`);
        expectEqual("requests at the server", requests.length, 1);
      },
    },
    {
      says: "says unreachable, reset and timeout of an upload, and asks once",
      proves: ["H-13", "H-22"],
      run: async (stage) => {
        const { adapter } = stage;
        const parts = [{ zeros: 1_000 + SEAL_BYTES }];
        const dead = await adapter.ask({ ...uploadTo(await deadOrigin()), parts });
        expectEqual("nobody there", dead, { kind: "no-answer", reason: "unreachable" });
        let connections = 0;
        const url = await serveRaw(stage, (socket) => {
          connections++;
          socket.once("data", () => socket.resetAndDestroy());
        });
        expectEqual("a reset", await adapter.ask({ ...uploadTo(url), parts }), { kind: "no-answer", reason: "reset" });
        expectEqual("connections", connections, 1);
        const silent = await serveRaw(stage, () => {});
        const late = await adapter.ask({ ...uploadTo(silent), parts, timeoutMs: 300 });
        expectEqual("silence", late, { kind: "no-answer", reason: "timeout" });
      },
    },
  ],
};
