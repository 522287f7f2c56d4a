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
    ctx.beginStep(nowMs, nowMs, new Uint8Array(64).fill(tries));
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
    ctx.beginStep(1_000_000, 1_000_000, new Uint8Array(64));
    patience.succeeded();
    ctx.beginStep(1_000_000, 1_000_000, new Uint8Array(64));
    expect(patience.nextTry(trouble("server-busy", "peer-busy", 290_000))).toBeGreaterThanOrEqual(1_290_000);
  });

  test.each([1_000, 3_000, 100_000])("ends within five minutes, however often the server asks for %i ms more", (ms) => {
    const ctx = new Context(makeStore());
    const patience = new Patience(ctx);
    const busy = trouble("server-busy", "peer-busy", ms);
    const { lastedMs, tries } = bear(patience, ctx, 1_000_000, busy);
    expect(lastedMs).toBeLessThanOrEqual(300_000);
    expect(tries).toBeGreaterThan(2);
  });

  test("ends at once when the server asks for an hour, and has said until when", () => {
    const ctx = new Context(makeStore());
    const patience = new Patience(ctx);
    ctx.beginStep(1_000_000, 1_000_000, new Uint8Array(64));
    expect(patience.nextTry(trouble("server-busy", "peer-busy", 3_600_000))).toBeNull();
    expect(ctx.endStep()).toContain('"code":"server-asks-to-wait","untilMs":4600000');
  });

  test("is used up by a server that asks for a long pause before each answer, and not by one that asks for a short one", () => {
    const used = (pauseMs: number): number => {
      const ctx = new Context(makeStore());
      const patience = new Patience(ctx);
      let nowMs = 1_000_000;
      for (let answers = 0; answers < 1_000; answers++) {
        ctx.beginStep(nowMs, nowMs, new Uint8Array(64).fill(answers));
        const atMs = patience.nextTry(trouble("server-busy", "peer-busy", pauseMs));
        ctx.endStep();
        if (atMs === null) return answers;
        nowMs = atMs;
        ctx.beginStep(nowMs, nowMs, new Uint8Array(64));
        patience.succeeded();
        ctx.endStep();
      }
      return 1_000;
    };
    expect(used(250_000)).toBe(1);
    expect(used(2_000)).toBe(1_000);
  });

  test("goes by the clock that nobody sets", () => {
    const ctx = new Context(makeStore());
    const patience = new Patience(ctx);
    let atMs: number | null = 0;
    let monotonicMs = 50;
    for (let tries = 0; atMs !== null && tries < 100; tries++) {
      // An hour back each time, while three seconds pass.
      const now = 1_800_000_000_000 - tries * 3_600_000;
      ctx.beginStep(now, monotonicMs, new Uint8Array(64).fill(tries));
      atMs = patience.nextTry(LOST);
      ctx.endStep();
      monotonicMs += 3_000;
    }
    expect(atMs).toBeNull();
    expect(monotonicMs).toBeLessThan(20_000);
  });
});
