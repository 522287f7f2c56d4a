// The scripted host over a tiny engine: steps, crashes, faults, traces. Rule: what is tested here is the host's contract
// of docs/host-api.md 1 to 3, not the engine.

import { describe, expect, test } from "vitest";
import type { Input } from "../../../engine/src/border/inputs.ts";
import type { HostChoice } from "../../scripted-host/host-setup.ts";
import { bundleInContext, bundleInQuickJs } from "../../scripted-host/script-engines.ts";
import type { ScriptedHost } from "../../scripted-host/scripted-host.ts";
import { SERVER_URL, VirtualWorld } from "../../scripted-host/virtual-world.ts";
import { FAKE_BUNDLE, issue, makeFakeEngine } from "./fake-engine.ts";

interface Seen {
  readonly kind?: unknown;
  readonly bytes?: unknown;
}

const SERVER = { url: SERVER_URL };

function startHost(choice: Partial<HostChoice> = {}): ScriptedHost {
  const host = new VirtualWorld().addHost({ makeEngine: makeFakeEngine, ...choice });
  host.start();
  return host;
}

/** The answers that the engine saw, in order, by the number of their effect. */
function answersOf(host: ScriptedHost): readonly { effect: number; answer: Seen }[] {
  return host.views
    .map((view) => view as unknown as { kind: string; effect: number; answer: Seen })
    .filter(({ kind }) => kind === "answered");
}

function countOf(host: ScriptedHost): unknown {
  return host.store.query("SELECT count(*) AS count FROM seen").map(({ count }) => count)[0];
}

describe("steps", () => {
  test("the first step is told started and the conditions", () => {
    const host = startHost();
    expect(host.runUntilIdle()).toBe("idle");
    expect(host.store.query("SELECT text FROM seen").map(({ text }) => text)).toEqual(["started", "conditions"]);
  });

  test("each effect is answered once, and a wake at its time", () => {
    const host = startHost();
    const atMs = host.clock.nowMs + 5_000;
    host.tell(
      issue(
        { kind: "secret", op: "make", slot: "device.seed", storage: "device" },
        { kind: "request", server: SERVER, method: "GET", path: "/.well-known/coffre", timeoutMs: 1_000 },
        { kind: "wake", atMs },
      ),
    );
    host.runUntilIdle();
    expect(answersOf(host).map(({ answer }) => answer.kind)).toEqual(["done", "response"]);
    expect(host.wakeAtMs).toBe(atMs);
    host.runFor(5_000);
    expect(answersOf(host).at(-1)?.answer).toEqual({ kind: "woken" });
  });

  test("a cancelled effect is answered cancelled and does not end otherwise", () => {
    const host = startHost();
    host.tell(issue({ kind: "request", server: SERVER, method: "GET", path: "/.well-known/coffre", timeoutMs: 1_000 }));
    host.step();
    const effect = host.effectsUnderWay[0]?.id ?? 0;
    host.tell(issue({ kind: "cancel", effect }));
    host.runFor(10_000);
    expect(answersOf(host).map(({ answer }) => answer)).toEqual([{ kind: "cancelled" }]);
  });

  test("a loop without an end fails the test", () => {
    const endless = { handle: () => JSON.stringify({ effects: [], more: true }) };
    const host = startHost({ makeEngine: () => endless });
    expect(() => host.runUntilIdle(1_000)).toThrow("still busy after 1000 steps");
  });
});

describe("crashes", () => {
  test("before the commit nothing happened", () => {
    const host = startHost();
    host.crashAt({ kind: "before-commit", step: 0 });
    expect(host.runUntilIdle()).toBe("down");
    expect(host.store.query("SELECT name FROM sqlite_master")).toEqual([]);
    expect(host.views).toEqual([]);
  });

  test("after the commit the Store has it and no effect was begun", () => {
    const host = startHost();
    host.runUntilIdle();
    host.tell(issue({ kind: "secret", op: "make", slot: "a", storage: "device" }));
    host.crashAt({ kind: "after-commit", step: host.steps });
    expect(host.runUntilIdle()).toBe("down");
    expect(countOf(host)).toBe(3);
    expect(host.ground.slots.names("device")).toEqual([]);
  });

  test("after an effect it is done and its answer is lost", () => {
    const host = startHost();
    host.tell(
      issue(
        { kind: "secret", op: "make", slot: "a", storage: "device" },
        { kind: "secret", op: "make", slot: "b", storage: "memory" },
        { kind: "secret", op: "make", slot: "c", storage: "device" },
      ),
    );
    host.crashAt({ kind: "after-effect", effect: 1 });
    expect(host.runUntilIdle()).toBe("down");
    expect(host.ground.slots.names("device")).toEqual(["a"]);
    expect(host.ground.slots.names("memory")).toEqual([]);
    expect(answersOf(host)).toEqual([]);
    host.start();
    expect(host.runUntilIdle()).toBe("idle");
    expect(answersOf(host)).toEqual([]);
  });

  test("what was on its way when the process ended still reaches the server", () => {
    const world = new VirtualWorld();
    const host = world.addHost({ makeEngine: makeFakeEngine });
    const seen: string[] = [];
    world.server.refuse = ({ path }) => {
      seen.push(path);
      return null;
    };
    host.start();
    host.tell(issue({ kind: "request", server: SERVER, method: "GET", path: "/.well-known/coffre", timeoutMs: 1_000 }));
    host.step();
    host.step();
    host.crash();
    world.clock.advance(2_000);
    expect(seen).toEqual(["/.well-known/coffre"]);
  });
});

describe("faults", () => {
  const asks: readonly unknown[] = [{ fault: true }, { throws: true }];

  test.each(asks)("a fault rolls the step back and starts a new engine (%j)", (ask) => {
    const host = startHost({ onFault: "recover" });
    host.runUntilIdle();
    host.tell({ kind: "ask", ask } as Input);
    host.runUntilIdle();
    expect(countOf(host)).toBe(4);
    expect(host.faults).toHaveLength(1);
  });

  test("three faults in ten minutes stop the host", () => {
    const host = startHost({ onFault: "recover" });
    for (let count = 0; count < 3; count++) {
      host.tell({ kind: "ask", ask: { fault: true } } as unknown as Input);
      host.runUntilIdle();
    }
    expect(host.isUp).toBe(false);
  });

  test("a Store that is full is a fault, also when the engine does not notice", () => {
    const host = startHost({ onFault: "recover" });
    host.runUntilIdle();
    host.store.faultOf = (call, sql) => (call === "run" && sql.startsWith("INSERT") ? "full" : null);
    host.setConditions({ network: "none" });
    host.step();
    expect(host.faults[0]?.message).toContain("full");
  });
});

describe("traces", () => {
  const effects = [
    { kind: "secret", op: "write", slot: "a", storage: "memory", bytes: "c2VjcmV0" },
    { kind: "derive", from: { slot: "a" }, how: { hkdf: "coffre/1/unlock" }, to: "answer" },
  ] as const;

  test("Node, a bare context and QuickJS give the same trace", async () => {
    const engines = [makeFakeEngine, bundleInContext(FAKE_BUNDLE), await bundleInQuickJs(FAKE_BUNDLE)];
    const digests = engines.map((makeEngine) => {
      const host = startHost({ makeEngine });
      host.tell(issue(...effects));
      host.runUntilIdle();
      const digest = host.trace.digest();
      host.stop();
      return digest;
    });
    expect(new Set(digests).size).toBe(1);
    expect(digests[0]).toMatch(/^[0-9a-f]{64}$/);
  });

  test("secrets show their lengths only", () => {
    const host = startHost({ keepsTrace: true });
    host.tell(issue(effects[1]));
    host.ground.slots.write("a", "memory", Buffer.alloc(32, 7));
    host.runUntilIdle();
    const answer = answersOf(host)[0]?.answer.bytes;
    expect(answer).toHaveLength(44);
    const inputs = host.trace.lines.filter((line) => line.startsWith("in ")).join("\n");
    expect(inputs).toContain('"bytes":"<44>"');
    expect(inputs).not.toContain(String(answer));
  });
});

describe("QuickJS", () => {
  test("an engine that takes too much memory or stack throws, and the host goes on", async () => {
    const bundle = `globalThis.handle = (text) => {
      if (text.includes("fault")) { const deep = (n) => 1 + deep(n + 1); return String(deep(0)); }
      if (text.includes("throws")) { const all = []; for (;;) all.push(new Uint8Array(1000000)); }
      return '{"effects":[],"more":false}';
    };`;
    const host = startHost({ makeEngine: await bundleInQuickJs(bundle), onFault: "recover" });
    host.tell({ kind: "ask", ask: { fault: true } } as unknown as Input);
    host.runUntilIdle();
    host.tell({ kind: "ask", ask: { throws: true } } as unknown as Input);
    host.runUntilIdle();
    expect(host.faults).toHaveLength(2);
    expect(host.isUp).toBe(true);
    host.stop();
  });
});
