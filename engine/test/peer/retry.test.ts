import { describe, expect, test } from "vitest";
import { trouble } from "../../src/peer/exchange.ts";
import { PERSON, RetryPolicy, RUN } from "../../src/peer/retry.ts";
import { Context } from "../../src/runtime/context.ts";
import { makeStore } from "../restore/sqlite-port.ts";

const LOST = trouble("server-unreachable", "peer-unreachable", null);

/** Tries until it is time to give up; gives for how long that was. `entropy` draws the jitter. */
function bear(policy: RetryPolicy, ctx: Context, startMs: number, failure = LOST): { lastedMs: number; tries: number } {
  let nowMs = startMs;
  for (let tries = 1; ; tries++) {
    ctx.beginStep(nowMs, nowMs, new Uint8Array(64).fill(tries));
    const atMs = policy.nextTryMs(ctx, failure);
    ctx.endStep();
    if (atMs === null) return { lastedMs: nowMs - startMs, tries };
    expect(atMs).toBeGreaterThanOrEqual(nowMs);
    nowMs = atMs;
  }
}

describe("the retry policy of a person's ask", () => {
  test("ends within seconds before anything went well", () => {
    const ctx = new Context(makeStore());
    const { lastedMs, tries } = bear(new RetryPolicy(PERSON), ctx, 1_000_000);
    expect(lastedMs).toBeLessThanOrEqual(8_000);
    expect(tries).toBeGreaterThan(2);
  });

  test("ends within a minute afterwards, and begins anew with each success", () => {
    const ctx = new Context(makeStore());
    const policy = new RetryPolicy(PERSON);
    for (const startMs of [1_000_000, 2_000_000]) {
      policy.succeeded();
      const { lastedMs } = bear(policy, ctx, startMs);
      expect(lastedMs).toBeGreaterThan(8_000);
      expect(lastedMs).toBeLessThanOrEqual(60_000);
    }
  });

  test.each(["peer-tls", "peer-pin", "peer-not-coffre", "peer-quota-exceeded"] as const)("has none with %s", (code) => {
    const ctx = new Context(makeStore());
    expect(bear(new RetryPolicy(PERSON), ctx, 1_000_000, trouble("server-error", code, null)).tries).toBe(1);
  });

  test("waits as long as the server asks, even when that is longer than trouble is borne", () => {
    const ctx = new Context(makeStore());
    const policy = new RetryPolicy(PERSON);
    ctx.beginStep(1_000_000, 1_000_000, new Uint8Array(64));
    policy.succeeded();
    ctx.beginStep(1_000_000, 1_000_000, new Uint8Array(64));
    expect(policy.nextTryMs(ctx, trouble("server-busy", "peer-busy", 290_000))).toBeGreaterThanOrEqual(1_290_000);
  });

  test.each([1_000, 3_000, 100_000])("ends within five minutes, however often the server asks for %i ms more", (ms) => {
    const ctx = new Context(makeStore());
    const policy = new RetryPolicy(PERSON);
    const busy = trouble("server-busy", "peer-busy", ms);
    const { lastedMs, tries } = bear(policy, ctx, 1_000_000, busy);
    expect(lastedMs).toBeLessThanOrEqual(300_000);
    expect(tries).toBeGreaterThan(2);
  });

  test("ends at once when the server asks for an hour, and has said until when", () => {
    const ctx = new Context(makeStore());
    const policy = new RetryPolicy(PERSON);
    ctx.beginStep(1_000_000, 1_000_000, new Uint8Array(64));
    expect(policy.nextTryMs(ctx, trouble("server-busy", "peer-busy", 3_600_000))).toBeNull();
    expect(ctx.endStep()).toContain('"code":"server-asks-to-wait","untilMs":4600000');
  });

  test("is used up by a server that asks for a long pause before each answer, and not by one that asks for a short one", () => {
    const used = (pauseMs: number): number => {
      const ctx = new Context(makeStore());
      const policy = new RetryPolicy(PERSON);
      let nowMs = 1_000_000;
      for (let answers = 0; answers < 1_000; answers++) {
        ctx.beginStep(nowMs, nowMs, new Uint8Array(64).fill(answers));
        const atMs = policy.nextTryMs(ctx, trouble("server-busy", "peer-busy", pauseMs));
        ctx.endStep();
        if (atMs === null) return answers;
        nowMs = atMs;
        ctx.beginStep(nowMs, nowMs, new Uint8Array(64));
        policy.succeeded();
        ctx.endStep();
      }
      return 1_000;
    };
    expect(used(250_000)).toBe(1);
    expect(used(2_000)).toBe(1_000);
  });

  test("goes by the clock that nobody sets", () => {
    const ctx = new Context(makeStore());
    const policy = new RetryPolicy(PERSON);
    let atMs: number | null = 0;
    let monotonicMs = 50;
    for (let tries = 0; atMs !== null && tries < 100; tries++) {
      // An hour back each time, while three seconds pass.
      const now = 1_800_000_000_000 - tries * 3_600_000;
      ctx.beginStep(now, monotonicMs, new Uint8Array(64).fill(tries));
      atMs = policy.nextTryMs(ctx, LOST);
      ctx.endStep();
      monotonicMs += 3_000;
    }
    expect(atMs).toBeNull();
    expect(monotonicMs).toBeLessThan(20_000);
  });
});

describe("the retry policy of a run", () => {
  /** A policy that met trouble at `nowMs`. */
  function troubled(nowMs: number, met = LOST): RetryPolicy {
    const ctx = new Context(makeStore());
    const policy = new RetryPolicy(RUN);
    policy.begin(nowMs);
    ctx.beginStep(nowMs, 1, new Uint8Array(64));
    policy.failed(ctx, met, "storing");
    ctx.endStep();
    return policy;
  }

  test("goes by the host's clock, and trusts no pause that a clock that was set back made longer than a server may ask", () => {
    const policy = troubled(1_800_000_000_000, trouble("server-busy", "peer-busy", 300_000));
    expect(policy.isWaiting(1_800_000_299_999)).toBe(true);
    expect(policy.isWaiting(1_800_000_300_001)).toBe(false);
    expect(policy.isWaiting(1_700_000_000_000)).toBe(false);
  });

  test("gives up in time although the server asks for a longer pause, and soon when its disk is full", () => {
    expect(troubled(1_000_000, trouble("server-busy", "peer-busy", 3_600_000)).givesUpAtMs()).toBe(1_008_000);
    const full = troubled(1_000_000, trouble("server-full", "peer-full", null));
    full.reached();
    expect(full.givesUpAtMs()).toBe(1_008_000);
  });

  test("is not calmed by an answer to a question while what it stores fails", () => {
    const policy = troubled(1_000_000);
    policy.reached();
    expect(policy.trouble).toBe(LOST);
    policy.succeeded();
    expect(policy.trouble).toBeNull();
  });

  test("counts streams that break at once as one failure", () => {
    const ctx = new Context(makeStore());
    const policy = new RetryPolicy(RUN);
    ctx.beginStep(1_000_000, 1, new Uint8Array(64).fill(3));
    policy.failed(ctx, LOST, "storing");
    const untilMs = policy.untilMs;
    for (let streams = 0; streams < 5; streams++) policy.failed(ctx, LOST, "storing");
    expect(policy.untilMs).toBe(untilMs);
  });
});
