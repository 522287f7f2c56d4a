// The Node host as an adapter of the portability suite (docs/host-suite.md). Rule: what comes in is carried out by the real
// runtime, Store and workshop; nothing is added to an answer, and nothing taken away.
//
// In the engine's place stands a queue: what the suite sends is what the next step gives, and what a step is handed is said.

import { join } from "node:path";
import { createInterface } from "node:readline";
import { PassThrough, type Readable } from "node:stream";
import type { Effect, Engine, Input } from "coffre-engine";
import { toAsciiJson } from "coffre-engine";
import { SYSTEM_CLOCK } from "./host/clock.ts";
import { Watch } from "./host/effects/watch.ts";
import { makeFolders } from "./host/made-folders.ts";
import { PassphrasePrompt } from "./host/passphrase-source.ts";
import { Runtime } from "./host/runtime.ts";
import { Store } from "./host/store.ts";
import type { Prompt } from "./host/typed-line.ts";
import { Workshop } from "./host/workshop.ts";
import { VERSION } from "./version.ts";

/** What the suite says, a line each. */
type Order =
  | { readonly begin: { readonly protocol: number; readonly home: string } }
  | { readonly effects: readonly Effect[] }
  | { readonly step: StoreStep }
  | { readonly person: { readonly types: readonly (string | null)[] } };

/** One transaction of the Store: its calls, and how it ends when none of them fails. */
interface StoreStep {
  readonly id: number;
  readonly calls: readonly StoreCall[];
  readonly end: "commit" | "rollback";
}

type StoreCall = { readonly storeRun: unknown } | { readonly storeRunMany: unknown } | { readonly storeAll: unknown };

const CONDITIONS = { network: "unmetered", charging: true, utcOffsetMinutes: 0 } as const;

/** A host whose home is one folder, and who says what it has to say through `tell`. */
class HostAdapter {
  readonly #tell: (line: unknown) => void;
  readonly #store: Store;
  readonly #workshop: Workshop;
  readonly #watch: Watch;
  readonly #runtime: Runtime;
  readonly #person = new Person();
  #queue: Effect[] = [];

  constructor(home: string, tell: (line: unknown) => void) {
    this.#tell = tell;
    makeFolders(home, 0o700);
    this.#store = Store.open(join(home, "engine.sqlite"));
    this.#workshop = new Workshop(join(home, "keys.json"), new PassphrasePrompt(this.#person.prompt));
    this.#watch = new Watch({
      onChanged: (root, folders) => this.#runtime.tellChanged(root, folders),
      onUnwatched: (root, unwatched) => this.#runtime.tell({ kind: "unwatched", root, unwatched }),
    });
    this.#runtime = new Runtime({
      createEngine: () => this.#engine,
      store: this.#store,
      clock: SYSTEM_CLOCK,
      started: null,
      carryOut: this.#workshop.carryOut,
      onView: () => {},
      onWatch: (roots) => this.#watch.set(roots),
      onFault: ({ code, message }) => process.stderr.write(`${code}: ${message}\n`),
    });
    this.#runtime.start(CONDITIONS);
  }

  /** Does what a line says. */
  take(order: Order): void {
    if ("effects" in order) {
      this.#queue.push(...order.effects);
      // A step needs an input; this one is for nobody.
      this.#runtime.setConditions(CONDITIONS);
    } else if ("step" in order) this.#tell(this.#runStep(order.step));
    else if ("person" in order) this.#person.types(order.person.types);
  }

  close(): void {
    this.#runtime.stop(new Error("the suite has ended"));
    this.#watch.close();
    this.#workshop.close();
    this.#store.close();
  }

  readonly #engine: Engine = {
    handle: (text) => {
      const { inputs }: { inputs: Input[] } = JSON.parse(text);
      for (const input of inputs) if (input.kind !== "conditions") this.#tell({ input });
      const effects = this.#queue;
      this.#queue = [];
      return toAsciiJson({ effects, more: false });
    },
  };

  #runStep({ id, calls, end }: StoreStep): unknown {
    const answers: unknown[] = [];
    this.#store.begin();
    try {
      for (const call of calls) answers.push(JSON.parse(this.#callStore(call)));
      if (end === "rollback") return { step: id, answers, committed: false };
      this.#store.commit();
      return { step: id, answers, committed: true };
    } catch {
      return { step: id, answers, committed: false };
    } finally {
      this.#store.rollback();
    }
  }

  #callStore(call: StoreCall): string {
    const { port } = this.#store;
    if ("storeRun" in call) return port.run(toAsciiJson(call.storeRun));
    if ("storeRunMany" in call) return port.runMany(toAsciiJson(call.storeRunMany));
    return port.all(toAsciiJson(call.storeAll));
  }
}

/** Somebody at a terminal, who types what the suite says at each question; the last again for all that follow. */
class Person {
  #texts: readonly (string | null)[] = [null];
  readonly #input = new PassThrough();
  readonly prompt: Prompt = {
    input: this.#input,
    show: (text) => {
      if (text.endsWith(": ")) this.#type();
    },
  };

  types(texts: readonly (string | null)[]): void {
    this.#texts = texts;
  }

  #type(): void {
    const [text = null, ...rest] = this.#texts;
    if (rest.length > 0) this.#texts = rest;
    this.#input.write(text === null ? "\u0003" : `${text}\r`);
  }
}

/** Serves the suite until its lines end. */
async function serveSuite(input: Readable, tell: (line: unknown) => void): Promise<void> {
  let adapter: HostAdapter | null = null;
  for await (const line of createInterface({ input })) {
    const order: Order = JSON.parse(line);
    if ("begin" in order) {
      adapter = new HostAdapter(order.begin.home, tell);
      const host = `coffre ${VERSION} on Node ${process.versions.node}`;
      tell({ ready: { protocol: 1, host, pid: process.pid, lacks: [] } });
    } else adapter?.take(order);
  }
  adapter?.close();
}

if (import.meta.main) {
  await serveSuite(process.stdin, (line) => process.stdout.write(`${toAsciiJson(line)}\n`));
}
