// The loop around the engine, with small engines that do one thing each.

import { join } from "node:path";
import type { Answer, Effect, Input, StorePort, View } from "coffre-engine";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  CancelledEffect,
  type CarryOut,
  type Clock,
  type Fault,
  RuntimeStopped,
} from "../../../host-loop/src/index.ts";
import { Runtime } from "../../src/host/runtime.ts";
import { Store } from "../../src/host/store.ts";
import { eventually } from "./eventually.ts";
import { makeFolder } from "./scratch.ts";

interface Step {
  readonly now: number;
  readonly entropy: string;
  readonly inputs: readonly Input[];
}

/** What a small engine does with a step: effects, "more", a fault, or an exception. */
type Behave = (step: Step, store: StorePort, life: number) => { effects?: object[]; more?: boolean; fault?: Fault };

/** A clock that a test turns. */
class HandClock implements Clock {
  #nowMs = 1_000_000;
  readonly #calls: { atMs: number; call: () => void }[] = [];

  monotonicMs(): number {
    return this.nowMs();
  }

  nowMs(): number {
    return this.#nowMs;
  }

  callAt(atMs: number, call: () => void): () => void {
    const entry = { atMs, call };
    this.#calls.push(entry);
    return () => this.#calls.splice(this.#calls.indexOf(entry), 1);
  }

  turn(ms: number): void {
    this.#nowMs += ms;
    for (const entry of this.#calls.filter(({ atMs }) => atMs <= this.#nowMs)) {
      this.#calls.splice(this.#calls.indexOf(entry), 1);
      entry.call();
    }
  }
}

const CONDITIONS = { network: "unmetered", charging: true, utcOffsetMinutes: 0 } as const;

function run(behave: Behave, carryOut: CarryOut = async () => ({ kind: "woken" })) {
  const store = Store.open(join(makeFolder(), "state.db"));
  const clock = new HandClock();
  const steps: Step[] = [];
  const faults: Fault[] = [];
  const views: View[] = [];
  let lives = 0;
  const runtime = new Runtime({
    createEngine: (port) => {
      const life = ++lives;
      return {
        handle: (text) => {
          const step: Step = JSON.parse(text);
          steps.push(step);
          const { fault, effects = [], more = false } = behave(step, port, life);
          return JSON.stringify(fault === undefined ? { effects, more } : { fault });
        },
      };
    },
    store,
    clock,
    started: { kind: "started", role: "backup", ownFolders: ["/own"], software: "test" },
    carryOut,
    onView: (view) => views.push(view),
    onWatch: () => {},
    onFault: (fault) => faults.push(fault),
  });
  onTestFinished(() => {
    runtime.stop(new Error("the test is over"));
    store.close();
  });
  const inputs = (): Input[] => steps.flatMap((step) => step.inputs);
  return { runtime, clock, steps, faults, views, inputs };
}

const idle = { effects: [], more: false };
const kinds = (inputs: readonly Input[]): string[] => inputs.map(({ kind }) => kind);
const RESULT = { kind: "result", ask: "rotate", outcome: "ok", code: null } as const;
const hasAsk = (step: Step): boolean => step.inputs.some(({ kind }) => kind === "ask");
const showResult = (id: number) => ({ kind: "show", id, view: RESULT });

describe("a step (H-2, H-3)", () => {
  test("begins with `started` and the conditions, and has fresh entropy each time", async () => {
    const { runtime, steps } = run((step) => ({ effects: hasAsk(step) ? [showResult(1)] : [] }));
    runtime.start(CONDITIONS);
    await runtime.ask({ kind: "rotate" });
    await runtime.ask({ kind: "rotate" });
    expect(kinds(steps[0]?.inputs ?? [])).toEqual(["started", "conditions", "ask"]);
    expect(Buffer.from(steps[0]?.entropy ?? "", "base64").length).toBe(64);
    expect(steps[0]?.entropy).not.toBe(steps[1]?.entropy);
    expect(steps[0]?.now).toBe(1_000_000);
  });

  test("takes all inputs that wait, up to 64 and to a message's length", async () => {
    const { runtime, steps } = run(() => idle);
    runtime.start(CONDITIONS);
    for (let n = 0; n < 70; n++) runtime.tellChanged("/r", [`${n}`]);
    for (let n = 0; n < 3; n++) runtime.tellChanged("/r", ["x".repeat(200_000)]);
    await eventually(() => expect(steps.flatMap(({ inputs }) => inputs).length).toBe(75));
    expect(steps.map(({ inputs }) => inputs.length)).toEqual([64, 10, 1]);
  });

  test("is told of anywhere when no message can hold the folders that changed", async () => {
    const { runtime, inputs } = run(() => idle);
    runtime.start(CONDITIONS);
    const folders = Array.from({ length: 500 }, (_, n) => "é".repeat(200) + n);
    runtime.tellChanged("/r", folders);
    runtime.tellChanged("/r", folders.slice(0, 400));
    await eventually(() => expect(inputs().length).toBe(4));
    expect(inputs().slice(2)).toEqual([
      { kind: "changed", root: "/r", folders: null },
      { kind: "changed", root: "/r", folders: folders.slice(0, 400) },
    ]);
  });

  test("is not made for an ask that no message can hold, now or after a fault", async () => {
    const { runtime, inputs } = run((step, _store, life) => {
      if (life === 1 && hasAsk(step)) return { fault: { code: "c", message: "" } };
      return { effects: hasAsk(step) ? [showResult(1)] : [] };
    });
    runtime.start(CONDITIONS);
    const ask = { kind: "add-root", name: "n", locator: "/r", excludes: ["x".repeat(524_288)] } as const;
    await expect(runtime.ask(ask)).rejects.toThrow("shorter");
    await runtime.ask({ kind: "rotate" });
    expect(inputs().flatMap((input) => (input.kind === "ask" ? [input.ask.kind] : []))).toEqual(["rotate", "rotate"]);
  });

  test("comes again, with nothing new, when there is more (H-4)", async () => {
    let left = 3;
    const { runtime, steps } = run(() => ({ more: left-- > 0 }));
    runtime.start(CONDITIONS);
    await eventually(() => expect(steps.length).toBe(4));
    expect(steps[3]?.inputs).toEqual([]);
  });

  test("is committed before its effects begin, and undone when it faults", async () => {
    const rows = (store: StorePort): number =>
      JSON.parse(store.all('{"sql":"SELECT count(*) FROM sqlite_schema","params":[]}')).rows[0][0];
    const counts: number[] = [];
    const { runtime, faults } = run((step, store, life) => {
      counts.push(rows(store));
      if (life > 1) return { effects: hasAsk(step) ? [showResult(2)] : [] };
      store.run(`{"sql":"CREATE TABLE t${counts.length} (a)","params":[]}`);
      return counts.length === 1
        ? { effects: [{ kind: "request", id: 1 }] }
        : { fault: { code: "invariant", message: "m" } };
    });
    runtime.start(CONDITIONS);
    await runtime.ask({ kind: "rotate" });
    expect(counts.slice(0, 3)).toEqual([0, 1, 1]);
    expect(faults).toEqual([{ code: "invariant", message: "m" }]);
  });
});

describe("an effect (H-3, H-6)", () => {
  const answerOf = (inputs: readonly Input[], effect: number): Answer | undefined => {
    const input = inputs.find((candidate) => candidate.kind === "answer" && candidate.effect === effect);
    return input?.kind === "answer" ? input.answer : undefined;
  };

  function runOne(effect: object, carryOut: CarryOut) {
    return run((step) => ({ effects: step.inputs.some(({ kind }) => kind === "started") ? [effect] : [] }), carryOut);
  }

  test.each([
    ["its own", async () => ({ kind: "done", bytes: "AA==" }) as const, { kind: "done", bytes: "AA==" }],
    [
      "too large",
      async () => ({ kind: "done", bytes: "A".repeat(393_217) }) as const,
      { kind: "failed", reason: "host-answer-too-large" },
    ],
    ["an exception", () => Promise.reject(new Error("x")), { kind: "failed", reason: "host-error" }],
    ["cancelled", () => Promise.reject(new CancelledEffect("x")), { kind: "cancelled" }],
  ])("is answered once: %s", async (_what, carryOut, expected) => {
    const { runtime, inputs } = runOne({ kind: "secret", id: 7 }, carryOut);
    runtime.start(CONDITIONS);
    await eventually(() => expect(answerOf(inputs(), 7)).toEqual(expected));
  });

  test("that is a wake comes at its time, and a new one replaces it", async () => {
    const { runtime, clock, inputs, steps } = run((step) => {
      if (!step.inputs.some(({ kind }) => kind === "started")) return idle;
      return {
        effects: [
          { kind: "wake", id: 1, atMs: 1_000_500 },
          { kind: "wake", id: 2, atMs: 1_002_000 },
        ],
      };
    });
    runtime.start(CONDITIONS);
    await eventually(() => expect(steps.length).toBe(1));
    clock.turn(1_999);
    clock.turn(2);
    await eventually(() => expect(answerOf(inputs(), 2)).toEqual({ kind: "woken" }));
    expect(answerOf(inputs(), 1)).toBeUndefined();
  });

  test("is stopped by a cancel, and then answers", async () => {
    const stuck: CarryOut = (_effect, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new CancelledEffect("x"))));
    const { runtime, inputs, steps } = run((step) => {
      if (hasAsk(step)) return { effects: [{ kind: "cancel", id: 3, effect: 2 }] };
      return { effects: step.inputs.some(({ kind }) => kind === "started") ? [{ kind: "scan", id: 2 }] : [] };
    }, stuck);
    runtime.start(CONDITIONS);
    await eventually(() => expect(steps.length).toBe(1));
    runtime.ask({ kind: "rotate" }).catch(() => {});
    await eventually(() => expect(answerOf(inputs(), 2)).toEqual({ kind: "cancelled" }));
  });

  test("of an engine that was dropped is cancelled, and its answer goes nowhere", async () => {
    const signals: AbortSignal[] = [];
    const finish: ((answer: Answer) => void)[] = [];
    const waiting: CarryOut = (_effect: Effect, signal) => {
      signals.push(signal);
      return new Promise((resolve) => finish.push(resolve));
    };
    const { runtime, steps, inputs } = run((step, _store, life) => {
      if (life === 1 && hasAsk(step)) return { fault: { code: "c", message: "" } };
      return { effects: step.inputs.some(({ kind }) => kind === "started") ? [{ kind: "scan", id: life }] : [] };
    }, waiting);
    runtime.start(CONDITIONS);
    await eventually(() => expect(signals.length).toBe(1));
    runtime.ask({ kind: "rotate" }).catch(() => {});
    await eventually(() => expect(signals.length).toBe(2));
    expect(signals[0]?.aborted).toBe(true);
    finish[0]?.({ kind: "woken" });
    finish[1]?.({ kind: "woken" });
    await eventually(() => expect(kinds(steps.at(-1)?.inputs ?? [])).toEqual(["answer"]));
    expect(answerOf(inputs(), 1)).toBeUndefined();
    expect(answerOf(inputs(), 2)).toEqual({ kind: "woken" });
  });
});

describe("faults (H-3)", () => {
  test("lead to a new engine that hears `started`, the last conditions, changes and open asks", async () => {
    const { runtime, steps } = run((step, _store, life) => {
      if (life === 1 && hasAsk(step)) throw new Error("thrown by the engine");
      return { effects: hasAsk(step) ? [showResult(1)] : [] };
    });
    runtime.start(CONDITIONS);
    runtime.setConditions({ ...CONDITIONS, charging: false });
    runtime.tellChanged("/r", null);
    await runtime.ask({ kind: "rotate" });
    const last = steps.at(-1)?.inputs ?? [];
    expect(kinds(last)).toEqual(["started", "conditions", "changed", "ask"]);
    expect(last[1]).toMatchObject({ charging: false });
  });

  test("lose no stop: it is asked again, behind what it is to stop (H-11)", async () => {
    const { runtime, steps } = run((step, _store, life) => {
      const isStop = step.inputs.some((input) => input.kind === "ask" && input.ask.kind === "stop");
      if (!isStop) return idle;
      if (life === 1) return { fault: { code: "c", message: "" } };
      return { effects: [{ kind: "show", id: 1, view: { ...RESULT, ask: "stop" } }, showResult(2)] };
    });
    runtime.start(CONDITIONS);
    const asked = runtime.ask({ kind: "rotate" });
    await eventually(() => expect(steps.length).toBe(1));
    runtime.requestStop();
    expect(await asked).toEqual(RESULT);
    const asks = steps.at(-1)?.inputs.flatMap((input) => (input.kind === "ask" ? [input.ask.kind] : []));
    expect(asks).toEqual(["rotate", "stop"]);
  });

  test("stop the work at the third within ten minutes", async () => {
    const { runtime, faults } = run(() => ({ fault: { code: "again", message: "m" } }));
    runtime.start(CONDITIONS);
    await expect(runtime.ask({ kind: "rotate" })).rejects.toThrow(RuntimeStopped);
    expect(faults.length).toBe(3);
    await expect(runtime.ask({ kind: "rotate" })).rejects.toThrow("again: m");
  });

  test.each([
    ["ten minutes apart", 600_000],
    ["from before the clock was set back by a day", -86_400_000],
  ])("that are %s do not", async (_which, ms) => {
    const { runtime, clock, faults, steps } = run((step, _store, life) => {
      const isChange = step.inputs.some((input) => input.kind === "changed" && input.root === `/${life}`);
      return isChange ? { fault: { code: "c", message: "" } } : { effects: hasAsk(step) ? [showResult(1)] : [] };
    });
    runtime.start(CONDITIONS);
    for (let life = 1; life <= 5; life++) {
      runtime.tellChanged(`/${life}`, null);
      await eventually(() => expect(faults.length).toBe(life));
      await eventually(() => expect(steps.at(-1)?.inputs[0]?.kind).toBe("started"));
      clock.turn(ms);
    }
    expect(await runtime.ask({ kind: "rotate" })).toEqual(RESULT);
  });
});
