import { describe, expect, test } from "vitest";
import { trouble } from "../../src/peer/exchange.ts";
import { Context } from "../../src/runtime/context.ts";
import { Patience } from "../../src/vault/patience.ts";
import { makeStore } from "../restore/sqlite-port.ts";

const LOST = trouble("server-unreachable", "peer-unreachable", null);

/** Tries until patience ends; gives for how long that was. `entropy` draws the jitter. */
function bear(patience: Patience, ctx: Context, startMs: number, failure = LOST): { lastedMs: number; tries: number } {
  let nowMs = startMs;
  for (let tries = 1; ; tries++) {
    ctx.beginStep(nowMs, new Uint8Array(64).fill(tries));
    const atMs = patience.nextTry(failure);
    ctx.endStep();
    if (atMs === null) return { lastedMs: nowMs - startMs, tries };
    expect(atMs).toBeGreaterThan(nowMs);
    nowMs = atMs;
  }
}

describe("patience", () => {
  test("ends within seconds before anything went well", () => {
    const ctx = new Context(makeStore());
    const { lastedMs, tries } = bear(new Patience(ctx), ctx, 1_000_000);
    expect(lastedMs).toBeLessThanOrEqual(8_000);
    expect(tries).toBeGreaterThan(2);
  });

  test("ends within a minute afterwards, and begins anew with each success", () => {
    const ctx = new Context(makeStore());
    const patience = new Patience(ctx);
    for (const startMs of [1_000_000, 2_000_000]) {
      patience.succeeded();
      const { lastedMs } = bear(patience, ctx, startMs);
      expect(lastedMs).toBeGreaterThan(8_000);
      expect(lastedMs).toBeLessThanOrEqual(60_000);
    }
  });

  test.each(["peer-tls", "peer-pin", "peer-not-coffre", "peer-quota-exceeded"] as const)("has none with %s", (code) => {
    const ctx = new Context(makeStore());
    expect(bear(new Patience(ctx), ctx, 1_000_000, trouble("server-error", code, null)).tries).toBe(1);
  });

  test("waits as long as the server asks, even when that is longer than patience", () => {
    const ctx = new Context(makeStore());
    const patience = new Patience(ctx);
    patience.succeeded();
    ctx.beginStep(1_000_000, new Uint8Array(64));
    expect(patience.nextTry(trouble("server-busy", "peer-busy", 300_000))).toBeGreaterThanOrEqual(1_300_000);
  });

  test("does not become endless when the clock jumps back", () => {
    const ctx = new Context(makeStore());
    const patience = new Patience(ctx);
    bear(patience, ctx, 1_000_000_000);
    expect(bear(patience, ctx, 1_000_000).lastedMs).toBeLessThanOrEqual(8_000);
  });
});
