// The proxy of the real tier, and the folder that changes. Rule: what a fate promises happens, and the same seed gives the
// same folder.

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer, type Server } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeScratchFolder, removeScratchFolder } from "../end-to-end/scratch-folder.ts";
import { SeededNumbers, seededBytes } from "../end-to-end/seeded-content.ts";
import { pictureTree } from "../end-to-end/tree-picture.ts";
import { ChangingTree } from "./changing-tree.ts";
import { FaultCount } from "./fault-count.ts";
import { drawFate, type Fate, FaultyLink } from "./faulty-link.ts";

const BYTES = seededBytes("body", 300_000);

let echo: Server;
let count: FaultCount;
let link: FaultyLink;

beforeEach(async () => {
  echo = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => undefined);
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
  count = new FaultCount();
  link = await FaultyLink.open(count);
  link.targetPort = (echo.address() as AddressInfo).port;
});

afterEach(async () => {
  await link.close();
  await new Promise((resolve) => echo.close(resolve));
});

/** What comes back of `BYTES` over a connection with this fate. */
async function send(fate: Fate): Promise<Buffer> {
  link.draw = () => fate;
  const socket = connect(Number(new URL(link.url).port), "127.0.0.1");
  const pieces: Buffer[] = [];
  socket.on("error", () => undefined);
  socket.on("data", (bytes: Buffer) => pieces.push(bytes));
  socket.end(BYTES);
  await once(socket, "close").catch(() => undefined);
  return Buffer.concat(pieces);
}

describe("a connection", () => {
  test.each<Fate>([
    { kind: "pass" },
    { kind: "delay", delayMs: 2 },
    { kind: "throttle", bytesPerS: 4_000_000 },
    { kind: "cut", afterBytes: 1_000_000, byReset: true },
  ])("of fate %j carries everything unchanged", async (fate) => {
    expect(Buffer.compare(await send(fate), BYTES)).toBe(0);
    expect(count.linkBytes).toBe(2 * BYTES.length);
  });

  test.each<Fate>([
    { kind: "cut", afterBytes: 100_001, byReset: true },
    { kind: "cut", afterBytes: 100_001, byReset: false },
    { kind: "black-hole", afterBytes: 100_001, holdMs: 10 },
  ])("of fate %j ends after its bytes, and what came is unchanged", async (fate) => {
    const came = await send(fate);
    expect(Buffer.compare(came, BYTES.subarray(0, came.length))).toBe(0);
    expect(count.linkBytes).toBe(100_001);
    expect(count.of(fate.kind === "cut" ? "connection cut" : "connection black-holed")).toBe(1);
  });

  test("that is refused carries nothing, and one that follows in peace everything", async () => {
    expect((await send({ kind: "refuse" })).length).toBe(0);
    expect(count.of("connection refused")).toBe(1);
    expect((await send({ kind: "pass" })).length).toBe(BYTES.length);
  });

  test("tells when so many bytes have passed", async () => {
    let at = 0;
    link.after(5_000, () => {
      at = count.linkBytes;
    });
    await send({ kind: "pass" });
    expect(at).toBeGreaterThanOrEqual(5_000);
  });
});

test("a seed draws each kind of fate", () => {
  const numbers = new SeededNumbers("fates");
  const kinds = new Set(Array.from({ length: 100 }, () => drawFate(numbers).kind));
  expect([...kinds].sort()).toEqual(["black-hole", "cut", "delay", "pass", "refuse", "throttle"]);
});

describe("a folder that changes", () => {
  test("is the same for the same seed, and knows what it never was", () => {
    const folder = makeScratchFolder("changing-tree");
    try {
      const trees = ["one", "two"].map(
        (name) => new ChangingTree(`${folder}/${name}`, `${folder}/beside ${name}`, "seed"),
      );
      for (const tree of trees) for (let step = 0; step < 40; step += 1) tree.change(step % 2 === 0);
      const sums = trees.map((tree) =>
        [...tree.picture()].map(([path, entry]) => (entry.kind === "file" ? `${path} ${entry.sha256}` : path)).sort(),
      );
      expect(sums[0]).toEqual(sums[1]);
      const [tree] = trees;
      expect(tree?.findInvented(pictureTree(tree.root))).toEqual([]);
      expect(tree?.findInvented(new Map([["file 1 \\x0a.bin", invented()]])).length).toBe(1);
    } finally {
      removeScratchFolder(folder);
    }
  });
});

function invented() {
  return { kind: "file", sizeBytes: 1, sha256: "00", mode: 0o644, mtimeUs: 0n } as const;
}
