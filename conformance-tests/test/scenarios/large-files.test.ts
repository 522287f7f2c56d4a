// Files at and above the size at which their chunk references go into lists, and a file that is recorded while it is still
// under way. Contents are zeros, some with a number in each chunk: large files that cost a test little.

import { describe, expect, test } from "vitest";
import { listContext } from "../../../engine/src/format/contexts.ts";
import type { ChunkId } from "../../../engine/src/ids.ts";
import { exactBytePlane } from "../../scripted-host/byte-plane.ts";
import { type FileContent, zeroContent } from "../../scripted-host/file-content.ts";
import { checkGuarantees } from "./guarantees.ts";
import { backUp, backUpAgain, LOGIN, type Phone, pairPhone, ROOT, restoreElsewhere, TARGET } from "./phone.ts";

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

function pairWithFilm(content: FileContent): Phone {
  return pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/film`, content));
}

function countLists(phone: Phone): number {
  return phone.host.store.query("SELECT id FROM chunk WHERE source_idx < 0").length;
}

/** The opened bytes of the one list that the phone has stored, under a key that its epoch had. */
function listBytes({ host, world }: Phone, root: Uint8Array): Buffer {
  const sql = "SELECT c.digest, c.sealed, b.sha FROM chunk c JOIN blob b ON b.id = c.blob WHERE c.source_idx < 0";
  const [row] = host.store.query(sql);
  const blob = world.server.accountOf(LOGIN)?.blobs.get(String(row?.["sha"]));
  if (row === undefined || blob === undefined) throw new Error("expected a stored list");
  // Padding follows.
  const sealed = blob.bytes.subarray(0, Number(row["sealed"]));
  const bytes = exactBytePlane().open(root, listContext(String(row["digest"]) as ChunkId), sealed);
  if (bytes === null) throw new Error("expected a list that opens");
  return Buffer.from(bytes);
}

describe("a file", () => {
  test.each([
    [1_000, 0],
    [1_001, 1],
    [2_048, 1],
    [2_049, 2],
  ])("of %i chunks has %i lists", (chunks, lists) => {
    const phone = pairWithFilm(zeroContent(chunks * CHUNK_BYTES));
    expect(backUp(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 1 } });
    checkGuarantees(phone.host);
    expect(countLists(phone)).toBe(lists);
    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", requests: 3 });
  });

  test("with lists comes back", () => {
    const phone = pairWithFilm(zeroContent(1_001 * CHUNK_BYTES - 5));
    backUp(phone);
    const { host, result } = restoreElsewhere(phone, { reads: false });
    expect(result).toMatchObject({ outcome: "ok", filesRestored: 1, bytesRestored: 1_001 * CHUNK_BYTES - 5 });
    const film = host.ground.tree.at(`${TARGET}/photos/film`);
    expect(film).toMatchObject({ kind: "file", content: { sizeBytes: 1_001 * CHUNK_BYTES - 5 } });
  });

  test("whose bytes are those of another file's list comes back all the same", () => {
    const phone = pairWithFilm(zeroContent(1_001 * CHUNK_BYTES));
    phone.host.ask({ kind: "backup", mode: "once" });
    let root: Uint8Array | null = null;
    while (root === null) {
      phone.host.step();
      root = phone.host.ground.slots.read("epoch.1.chunk")?.slice() ?? null;
    }
    phone.host.crash();
    phone.host.start();
    expect(backUp(phone)).toMatchObject({ outcome: "ok" });
    const list = listBytes(phone, root);
    phone.host.ground.tree.write(`${ROOT}/copy`, new Uint8Array(list));
    phone.world.clock.advance(60_000);
    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 2 } });
    const { host, result } = restoreElsewhere(phone, { reads: false });
    expect(result).toMatchObject({ outcome: "ok", filesRestored: 2, filesFailed: 0 });
    expect(Buffer.from(host.ground.tree.bytesAt(`${TARGET}/photos/copy`)).equals(list)).toBe(true);
  });

  test("that takes longer than 64 blobs is noted in progress, so that its blobs are referenced before it is complete", () => {
    const phone = pairWithFilm(numberedContent(600));
    phone.host.ask({ kind: "backup", mode: "once" });
    const receipts = (): number => phone.host.store.query("SELECT 1 FROM record WHERE state = 1").length;
    while (receipts() === 0) phone.host.step();
    expect(phone.host.store.query("SELECT noted FROM entry WHERE noted >= 400 AND state <> 0")).toHaveLength(1);
    phone.host.crash();
    phone.host.start();
    expect(backUp(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 1 } });
    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", requests: 3 });
  });
});
