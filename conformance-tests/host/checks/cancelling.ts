// Wakes, watches and cancelling, and answers that are too large. Rule: what must not come is looked for only after something
// that came later.

import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AdapterProcess } from "../adapter-process.ts";
import { type CheckGroup, expectEqual, expectKind, expectThat } from "../check.ts";
import { CHUNK_BYTES, sealBytes } from "../expected-bytes.ts";
import { serve, serveRaw } from "../servers.ts";

const TIMEOUT_MS = 60_000;
const HOUR_MS = 3_600_000;
const MOST_CHUNKS = 3_000;
const CANCELLED = { kind: "cancelled" };
const TOO_LARGE = { kind: "failed", reason: "host-answer-too-large" };
const CONTEXT = `coffre/1/record/${"11".repeat(32)}`;

/** Something that is answered at once: what was begun before it had its chance. */
async function passTime(adapter: AdapterProcess): Promise<void> {
  await adapter.ask({ kind: "secret", op: "read", slot: "never.filled", storage: "memory" });
}

/** Changes something until the adapter tells of it. */
async function changeUntilTold(adapter: AdapterProcess, root: string, change: (times: number) => void): Promise<void> {
  for (let times = 1; !adapter.changes.some((told) => told.root === root); times++) {
    change(times);
    await passTime(adapter);
  }
}

export const CANCEL_CHECKS: CheckGroup = {
  title: "Wakes, watches, cancelling, bounds",
  checks: [
    {
      says: "wakes at a time or after it, and at once for one that is past",
      proves: ["H-29"],
      run: async ({ adapter }) => {
        const atMs = Date.now() + 150;
        expectEqual("the answer", await adapter.ask({ kind: "wake", atMs }), { kind: "woken" });
        expectThat("it woke too early", Date.now() >= atMs);
        expectEqual("a time that is past", await adapter.ask({ kind: "wake", atMs: 0 }), { kind: "woken" });
      },
    },
    {
      says: "has one wake: a new one replaces the one before, which is not answered",
      proves: ["H-29", "H-31"],
      run: async ({ adapter }) => {
        const first = adapter.begin({ kind: "wake", atMs: Date.now() + 100 });
        const second = adapter.begin({ kind: "wake", atMs: Date.now() + 300 });
        expectEqual("the second wake", await second.answer, { kind: "woken" });
        const third = adapter.begin({ kind: "wake", atMs: Date.now() + HOUR_MS });
        adapter.tell({ kind: "cancel", effect: third.id });
        expectEqual("a wake that is cancelled", await third.answer, CANCELLED);
        expectThat("a wake that was replaced is answered", adapter.isOpen(first.id));
      },
    },
    {
      says: "ends a request, an upload and a download that are cancelled, and lets go of the server",
      proves: ["H-31"],
      run: async (stage) => {
        const { adapter } = stage;
        const { slot } = await stage.fillSlot();
        let closed: () => void = () => {};
        let came: () => void = () => {};
        const url = await serveRaw(stage, (socket) => {
          socket.once("data", () => came());
          socket.once("close", () => closed());
        });
        const to = { server: { url }, path: "/x", timeoutMs: TIMEOUT_MS };
        const parts = [{ offset: 0, length: 100, seal: 0, to: "answer" }] as const;
        const seals = [{ slot, context: CONTEXT }];
        const effects = [
          { kind: "request", ...to, method: "GET" },
          { kind: "upload", ...to, method: "PUT", roots: [], seals: [], key: null, parts: [{ zeros: 500_000 }] },
          { kind: "download", ...to, sha256: null, maxBytes: 1_000, key: null, seals, roots: [], parts },
        ] as const;
        for (const effect of effects) {
          const arrived = new Promise<void>((resolve) => {
            came = resolve;
          });
          const left = new Promise<void>((resolve) => {
            closed = resolve;
          });
          const { id, answer } = adapter.begin(effect);
          await arrived;
          adapter.tell({ kind: "cancel", effect: id });
          expectEqual(`the answer to a cancelled ${effect.kind}`, await answer, CANCELLED);
          await left;
        }
      },
    },
    {
      says: "answers an effect of files that is cancelled, once, and works on",
      proves: ["H-31", "H-12"],
      run: async (stage) => {
        const { adapter } = stage;
        const root = stage.folder();
        const { slot } = await stage.fillSlot();
        writeFileSync(join(root, "large"), "");
        truncateSync(join(root, "large"), MOST_CHUNKS * CHUNK_BYTES);
        const files = [{ root, path: "large", first: 0, count: MOST_CHUNKS }];
        const { id, answer } = adapter.begin({ kind: "hash", key: slot, chunkBytes: CHUNK_BYTES, files });
        adapter.tell({ kind: "cancel", effect: id });
        const { kind } = await answer;
        expectThat("expected `cancelled`, or its own answer", kind === "cancelled" || kind === "hashed", kind);
        adapter.tell({ kind: "cancel", effect: id });
        adapter.tell({ kind: "cancel", effect: 999_999_999 });
        await passTime(adapter);
      },
    },
    {
      says: "carries out effects of one step beside each other: one that waits holds up no other",
      proves: ["H-12"],
      run: async (stage) => {
        const { adapter } = stage;
        const url = await serveRaw(stage, () => {});
        const { id, answer } = adapter.begin({
          kind: "request",
          server: { url },
          method: "GET",
          path: "/x",
          timeoutMs: TIMEOUT_MS,
        });
        const served = await serve(stage, (response) => response.end("ok"));
        const beside = adapter.beginAll([
          { kind: "secret", op: "read", slot: "never.filled", storage: "memory" },
          { kind: "request", server: { url: served.url }, method: "GET", path: "/", timeoutMs: TIMEOUT_MS },
          { kind: "scan", root: stage.folder(), folders: [{ path: "", after: null }], entries: 1 },
        ]);
        const kinds = (await Promise.all(beside.map((effect) => effect.answer))).map(({ kind }) => kind);
        expectEqual("the answers that came meanwhile", kinds, ["absent", "response", "scanned"]);
        expectThat("expected the first to wait still", adapter.isOpen(id));
        adapter.tell({ kind: "cancel", effect: id });
        await answer;
      },
    },
    {
      says: "tells of changes below a watched root, and of no other root",
      proves: ["H-30"],
      run: async (stage) => {
        const { adapter } = stage;
        const roots = [stage.folder(), stage.folder()];
        const [first = "", second = ""] = roots;
        for (const root of roots) mkdirSync(join(root, "folder"));
        adapter.tell({ kind: "watch", roots: [first] });
        await changeUntilTold(adapter, first, (times) => writeFileSync(join(first, "folder", "file"), `${times}`));
        const told = adapter.changes.filter(({ root }) => root === first);
        const isMeant = told.some(({ folders }) => folders === null || folders.includes("folder"));
        expectThat("expected the folder, or null for anywhere", isMeant, told);
        expectThat(
          "a root that is not watched was told of",
          adapter.changes.every(({ root }) => root === first),
        );
        adapter.tell({ kind: "watch", roots: [second] });
        await changeUntilTold(adapter, second, (times) => writeFileSync(join(second, "folder", "file"), `${times}`));
        adapter.changes.length = 0;
        writeFileSync(join(first, "folder", "other"), "");
        await changeUntilTold(adapter, second, (times) => writeFileSync(join(second, "folder", "more"), `${times}`));
        expectThat(
          "a root that is watched no more was told of",
          adapter.changes.every(({ root }) => root === second),
        );
        adapter.tell({ kind: "watch", roots: [] });
      },
    },
    {
      says: "says host-answer-too-large instead of an answer of more than 393,216 characters",
      proves: ["H-12", "H-1"],
      run: async (stage) => {
        const { adapter } = stage;
        const { slot, key } = await stage.fillSlot();
        const root = stage.folder();
        writeFileSync(join(root, "file"), "x");
        const file = { root, path: "file", first: 0, count: 1 };
        const hash = {
          kind: "hash",
          key: slot,
          chunkBytes: 1,
          files: Array.from({ length: MOST_CHUNKS }, () => file),
        } as const;
        const stats = await adapter.ask(hash);
        expectEqual("3,000 stats with their digests", stats, TOO_LARGE);
        const text = await serve(stage, (response) => response.end("é".repeat(100_000)));
        const request = {
          kind: "request",
          server: { url: text.url },
          method: "GET",
          path: "/",
          timeoutMs: TIMEOUT_MS,
        } as const;
        expectEqual("200,000 bytes of text that grow by being escaped", await adapter.ask(request), TOO_LARGE);
        const sealed = sealBytes(key, CONTEXT, Buffer.alloc(400_000));
        const blob = await serve(stage, (response) => response.end(sealed));
        const parts = [{ offset: 0, length: sealed.length, seal: 0, to: "answer" }] as const;
        const from = {
          server: { url: blob.url },
          path: "/",
          sha256: null,
          maxBytes: sealed.length,
          timeoutMs: TIMEOUT_MS,
        };
        const seals = [{ slot, context: CONTEXT }];
        const download = await adapter.ask({ kind: "download", ...from, key: null, seals, roots: [], parts });
        expectEqual("a part of 400,000 bytes for the answer", download, TOO_LARGE);
        const half = Array.from({ length: 1_000 }, () => file);
        expectEqual(
          "a third of the stats",
          expectKind(await adapter.ask({ ...hash, files: half }), "hashed").files.length,
          1_000,
        );
      },
    },
  ],
};
