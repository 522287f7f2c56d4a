// Where the engine runs: as its source in Node, as the bundle in a bare context of Node, as the bundle in QuickJS.
// Rule: all three are the same interface, texts in and texts out, and hold nothing that outlives `dispose`.

import { createContext, Script } from "node:vm";
import { getQuickJS, type QuickJSHandle, type QuickJSWASMModule } from "quickjs-emscripten";
import type { StorePort } from "./memory-store.ts";

/** A running engine: `handle` is one step. */
export interface ScriptEngine {
  handle(text: string): string;
  dispose?(): void;
  /** What the engine's own heap holds, where that can be told. */
  usedBytes?(): number;
}

/** Starts an engine over a Store. The engine's own `createEngine` is one. */
export type EngineFactory = (store: StorePort) => ScriptEngine;

/** H-5: what a phone gives the engine. */
const MEMORY_BYTES = 64 * 1_048_576;
const STEP_MS = 10_000;
/** Far below H-5: WebAssembly recurses on Node's own stack of 1 MiB, and with 192 KiB here that ends first. */
const STACK_BYTES = 128 * 1_024;

/** Runs a bundle in a context that has nothing but the language and the three Store calls. */
export function bundleInContext(bundle: string): EngineFactory {
  const script = new Script(bundle, { filename: "engine.js" });
  return (store) => {
    const context = createContext({ storeRun: store.run, storeRunMany: store.runMany, storeAll: store.all });
    script.runInContext(context, { timeout: STEP_MS });
    const { handle } = context as { readonly handle?: unknown };
    if (typeof handle !== "function") throw new Error("the bundle has no top-level handle");
    return { handle: (text) => handle(text) as string };
  };
}

/** Functions, texts in and texts out, that a bundle finds on its global object besides the Store's. */
export type Powers = Readonly<Record<string, (text: string) => string>>;

/** Runs a bundle in QuickJS, each engine in a runtime of its own. */
export async function bundleInQuickJs(bundle: string, powers: Powers = {}): Promise<EngineFactory> {
  const quickJs = await getQuickJS();
  return (store) => new QuickJsEngine(quickJs, bundle, store, powers);
}

class QuickJsEngine implements ScriptEngine {
  readonly #runtime;
  readonly #context;
  readonly #handle: QuickJSHandle;
  #deadlineMs = Number.POSITIVE_INFINITY;
  /** A limit was broken in the middle of something: QuickJS cannot free such a runtime, so it is left alone. */
  #broken = false;

  constructor(quickJs: QuickJSWASMModule, bundle: string, store: StorePort, powers: Powers) {
    this.#runtime = quickJs.newRuntime();
    this.#runtime.setMemoryLimit(MEMORY_BYTES);
    this.#runtime.setMaxStackSize(STACK_BYTES);
    this.#runtime.setInterruptHandler(() => performance.now() > this.#deadlineMs);
    this.#context = this.#runtime.newContext();
    this.#provide("storeRun", store.run);
    this.#provide("storeRunMany", store.runMany);
    this.#provide("storeAll", store.all);
    for (const [name, power] of Object.entries(powers)) this.#provide(name, power);
    const evaluated = this.#context.evalCode(bundle, "engine.js", { type: "global" });
    this.#context.unwrapResult(evaluated).dispose();
    this.#handle = this.#context.getProp(this.#context.global, "handle");
    if (this.#context.typeof(this.#handle) !== "function") throw new Error("the bundle has no top-level handle");
  }

  handle(text: string): string {
    this.#deadlineMs = performance.now() + STEP_MS;
    const context = this.#context;
    const argument = context.newString(text);
    try {
      const result = context.unwrapResult(context.callFunction(this.#handle, context.undefined, argument));
      const out = context.getString(result);
      result.dispose();
      return out;
    } catch (error) {
      this.#broken = true;
      throw error;
    } finally {
      argument.dispose();
      this.#deadlineMs = Number.POSITIVE_INFINITY;
    }
  }

  usedBytes(): number {
    const usage = this.#runtime.computeMemoryUsage();
    const { memory_used_size: bytes } = this.#context.dump(usage) as { readonly memory_used_size: number };
    usage.dispose();
    return bytes;
  }

  dispose(): void {
    if (this.#broken) return;
    this.#handle.dispose();
    this.#context.dispose();
    this.#runtime.dispose();
  }

  #provide(name: string, call: (text: string) => string): void {
    const context = this.#context;
    const provided = context.newFunction(name, (text) => context.newString(call(context.getString(text))));
    context.setProp(context.global, name, provided);
    provided.dispose();
  }
}
