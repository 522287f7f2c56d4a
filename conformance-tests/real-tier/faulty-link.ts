// A TCP proxy between client and server that treats connections badly. Rule: bytes that pass are unchanged and in order;
// each connection's fate is drawn from the seed when it comes.

import type { AddressInfo } from "node:net";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { SeededNumbers } from "../end-to-end/seeded-content.ts";
import type { FaultCount } from "./fault-count.ts";

/** What becomes of a connection. */
export type Fate =
  | { readonly kind: "pass" }
  | { readonly kind: "refuse" }
  /** Ends after so many bytes, by a reset or as if in peace. */
  | { readonly kind: "cut"; readonly afterBytes: number; readonly byReset: boolean }
  | { readonly kind: "delay"; readonly delayMs: number }
  | { readonly kind: "throttle"; readonly bytesPerS: number }
  /** After so many bytes nothing arrives any more; the connection ends a while later. */
  | { readonly kind: "black-hole"; readonly afterBytes: number; readonly holdMs: number };

const COUNTED = {
  refuse: "connection refused",
  delay: "connection delayed",
  throttle: "connection throttled",
} as const;

/** Draws a fate: three connections of ten pass. */
export function drawFate(numbers: SeededNumbers): Fate {
  switch (numbers.below(10)) {
    case 0:
      return { kind: "refuse" };
    case 1:
    case 2:
    case 3:
      return { kind: "cut", afterBytes: drawBytes(numbers), byReset: numbers.below(2) === 0 };
    case 4:
      return { kind: "delay", delayMs: 1 + numbers.below(40) };
    case 5:
      return { kind: "throttle", bytesPerS: 300_000 + numbers.below(4_000_000) };
    case 6:
      return { kind: "black-hole", afterBytes: drawBytes(numbers), holdMs: 100 + numbers.below(900) };
    default:
      return { kind: "pass" };
  }
}

/** Within a head, within a small body, or within a blob. */
export function drawBytes(numbers: SeededNumbers): number {
  return numbers.below([3_000, 100_000, 3_000_000][numbers.below(3)] ?? 1);
}

export class FaultyLink {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #count: FaultCount;
  readonly #milestones = new Set<{ readonly atBytes: number; readonly reached: () => void }>();
  /** Draws the fate of each connection that comes; null lets all pass. */
  draw: (() => Fate) | null = null;
  targetPort = 0;

  private constructor(count: FaultCount) {
    this.#count = count;
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
  }

  static async open(count: FaultCount): Promise<FaultyLink> {
    const link = new FaultyLink(count);
    await new Promise<void>((resolve) => link.#server.listen(0, "127.0.0.1", resolve));
    return link;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Calls `reached` once, when so many more bytes have passed. */
  after(bytes: number, reached: () => void): void {
    this.#milestones.add({ atBytes: this.#count.linkBytes + bytes, reached });
  }

  /** Drops what waits for bytes to pass. */
  forgetMilestones(): void {
    this.#milestones.clear();
  }

  /** Ends all faults: connections that stand are closed, those that come pass. */
  calm(): void {
    this.draw = null;
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.calm();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(client: Socket): void {
    const fate = this.draw?.() ?? { kind: "pass" };
    if (fate.kind in COUNTED) this.#count.add(COUNTED[fate.kind as keyof typeof COUNTED]);
    this.#keep(client);
    if (fate.kind === "refuse") return void client.resetAndDestroy();
    const server = connect({ host: "127.0.0.1", port: this.targetPort, allowHalfOpen: true });
    this.#keep(server);
    const pair = new Pair(client, server, fate, this.#count);
    const passed = (bytes: number): void => this.#passed(bytes);
    pair.join(passed);
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    socket.on("close", () => this.#sockets.delete(socket));
  }

  #passed(bytes: number): void {
    this.#count.linkBytes += bytes;
    for (const milestone of this.#milestones) {
      if (milestone.atBytes > this.#count.linkBytes) continue;
      this.#milestones.delete(milestone);
      milestone.reached();
    }
  }
}

/** Both sides of one connection. */
class Pair {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #fate: Fate;
  readonly #count: FaultCount;
  #bytes = 0;
  #isDead = false;

  constructor(client: Socket, server: Socket, fate: Fate, count: FaultCount) {
    this.#client = client;
    this.#server = server;
    this.#fate = fate;
    this.#count = count;
  }

  join(passed: (bytes: number) => void): void {
    this.#pump(this.#client, this.#server, passed);
    this.#pump(this.#server, this.#client, passed);
  }

  #pump(from: Socket, to: Socket, passed: (bytes: number) => void): void {
    // A socket that is paused may still say that it ended: what waits for its time goes first.
    let isWaiting = false;
    let hasEnded = false;
    const go = (bytes: Buffer): void => {
      isWaiting = false;
      if (to.destroyed) return;
      if (to.write(bytes)) from.resume();
      else to.once("drain", () => from.resume());
      if (hasEnded) to.end();
    };
    from.on("data", (bytes: Buffer) => {
      if (this.#isDead) return;
      const allowed = this.#judge(bytes);
      if (allowed.length > 0) {
        this.#bytes += allowed.length;
        passed(allowed.length);
        from.pause();
        isWaiting = true;
        const delayMs = this.#delayMs(allowed.length);
        if (delayMs > 0) setTimeout(go, delayMs, allowed);
        else go(allowed);
      }
      if (allowed.length < bytes.length) this.#end();
    });
    from.on("end", () => {
      hasEnded = true;
      if (!isWaiting) to.end();
    });
    from.on("close", () => {
      if (!hasEnded) to.destroy();
    });
  }

  /** As much of the bytes as the fate lets through. */
  #judge(bytes: Buffer): Buffer {
    const fate = this.#fate;
    if (fate.kind !== "cut" && fate.kind !== "black-hole") return bytes;
    return bytes.subarray(0, Math.max(0, fate.afterBytes - this.#bytes));
  }

  #delayMs(bytes: number): number {
    if (this.#fate.kind === "delay") return this.#fate.delayMs;
    return this.#fate.kind === "throttle" ? (bytes * 1000) / this.#fate.bytesPerS : 0;
  }

  #end(): void {
    const fate = this.#fate;
    this.#isDead = true;
    if (fate.kind === "black-hole") {
      this.#count.add("connection black-holed");
      setTimeout(() => this.#drop(true), fate.holdMs).unref();
      return;
    }
    this.#count.add("connection cut");
    this.#drop(fate.kind === "cut" && fate.byReset);
  }

  #drop(byReset: boolean): void {
    for (const socket of [this.#client, this.#server]) {
      if (byReset) socket.resetAndDestroy();
      else socket.destroySoon();
    }
  }
}
