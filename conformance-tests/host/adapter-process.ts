// The adapter under test: a child process that speaks JSON lines (docs/host-suite.md). Rule: every line is read strictly, and
// whatever the protocol does not allow is remembered as a fault of the adapter.

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Answer, AnsweredKind, Answers, Effect, EffectBody, Input } from "coffre-engine";

/** What a platform may lack; a closed list. */
export const FEATURES = ["ctime", "mode", "links", "names-not-utf8"] as const;
export type Feature = (typeof FEATURES)[number];

/** What an adapter says of itself. */
export interface Ready {
  readonly protocol: 1;
  readonly host: string;
  /** Of the process whose memory is the host's. */
  readonly pid: number;
  readonly lacks: readonly Feature[];
}

export type StoreCall =
  | { readonly storeRun: { readonly sql: string; readonly params: readonly unknown[] } }
  | { readonly storeRunMany: { readonly sql: string; readonly rows: readonly (readonly unknown[])[] } }
  | { readonly storeAll: { readonly sql: string; readonly params: readonly unknown[] } };

export interface StoreReply {
  readonly answers: readonly Readonly<Record<string, unknown>>[];
  readonly committed: boolean;
}

/** Any answer to an effect of kind K. */
export type AnswerTo<K extends EffectBody["kind"]> = K extends AnsweredKind
  ? Answers[K] | Extract<Answer, { kind: "cancelled" | "failed" }>
  : never;

/** How to start an adapter. */
export interface AdapterSetup {
  readonly command: readonly string[];
  readonly home: string;
  /** The longest time that it may take to be ready, and to end. */
  readonly deadlineMs: number;
}

/** The longest message (H-1). */
const MESSAGE_CHARS = 524_288;
const NOT_ASCII = /[^\x20-\x7e]/;
const STDERR_CHARS = 4_000;

type Change = Extract<Input, { kind: "changed" }>;
type Line = { readonly ready: Ready } | { readonly input: Input } | ({ readonly step: number } & StoreReply);

/** What somebody waits for: a line of the adapter, or its end. */
interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/** A running adapter. Ids of effects and steps are never used twice in it. */
export class AdapterProcess {
  /** What it did against the protocol, in words. */
  readonly faults: string[] = [];
  /** The `changed` inputs so far. */
  readonly changes: Change[] = [];
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<string, Waiting>();
  readonly #deadlineMs: number;
  #ready: Ready | null = null;
  #nextId = 1;
  #stderr = "";
  #isOver = false;

  private constructor({ command, deadlineMs }: AdapterSetup) {
    this.#deadlineMs = deadlineMs;
    const [program = "", ...args] = command;
    this.#child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
    this.#child.stdin?.on("error", () => {});
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_CHARS);
    });
    if (this.#child.stdout !== null) {
      createInterface({ input: this.#child.stdout }).on("line", (line) => this.#readLine(line));
    }
    this.ended = new Promise((resolve) => {
      this.#child.on("error", (error) => this.#end(resolve, null, error.message));
      this.#child.on("close", (code, signal) => this.#end(resolve, code, `it ended with ${signal ?? code}`));
    });
  }

  /** Starts an adapter and waits until it is ready. */
  static async start(setup: AdapterSetup): Promise<AdapterProcess> {
    const adapter = new AdapterProcess(setup);
    const ready = adapter.#wait<Ready>("ready");
    adapter.#send({ begin: { protocol: 1, home: setup.home } });
    adapter.#ready = await adapter.#orKill(ready);
    const { protocol, pid, lacks } = adapter.#ready;
    if (protocol !== 1 || !Number.isSafeInteger(pid) || !Array.isArray(lacks))
      throw new Error(
        `expected {"ready":{"protocol":1,"host",…,"pid",…,"lacks":[…]}}, got ${JSON.stringify(adapter.#ready)}`,
      );
    const unknown = lacks.filter((lack) => !FEATURES.includes(lack));
    if (unknown.length > 0) throw new Error(`a host may not lack ${unknown.join(", ")}`);
    return adapter;
  }

  get ready(): Ready {
    if (this.#ready === null) throw new Error("the adapter is not ready");
    return this.#ready;
  }

  /** The end of what it wrote to standard error. */
  get stderr(): string {
    return this.#stderr;
  }

  /** Begins anew with what it writes to standard error. */
  forgetStderr(): void {
    this.#stderr = "";
  }

  /** Has an effect carried out; its answer, whatever it is. */
  ask<const E extends EffectBody>(effect: E): Promise<AnswerTo<E["kind"]>> {
    return this.begin(effect).answer;
  }

  /** Has an effect carried out; its id, for a `cancel`, and its answer. */
  begin<const E extends EffectBody>(effect: E): { readonly id: number; readonly answer: Promise<AnswerTo<E["kind"]>> } {
    const [begun] = this.beginAll([effect]);
    if (begun === undefined) throw new Error("expected an effect");
    return begun as { id: number; answer: Promise<AnswerTo<E["kind"]>> };
  }

  /** Has effects carried out that one step gave. */
  beginAll(effects: readonly EffectBody[]): { readonly id: number; readonly answer: Promise<Answer> }[] {
    const begun = effects.map((effect) => {
      const id = this.#nextId++;
      return { effect: { ...effect, id } as Effect, id, answer: this.#wait<Answer>(`effect ${id}`) };
    });
    // An answer that nobody waits for any more, because its check has failed, is nobody's error.
    for (const { answer } of begun) answer.catch(() => {});
    this.#send({ effects: begun.map(({ effect }) => effect) });
    return begun.map(({ id, answer }) => ({ id, answer }));
  }

  /** Has an effect carried out that is not answered: `show`, `watch` or `cancel`. */
  tell(effect: EffectBody & { kind: "show" | "watch" | "cancel" }): void {
    this.#send({ effects: [{ ...effect, id: this.#nextId++ }] });
  }

  /** One transaction of the Store. */
  async step(calls: readonly StoreCall[], end: "commit" | "rollback" = "commit"): Promise<StoreReply> {
    const id = this.#nextId++;
    const reply = this.#wait<StoreReply>(`step ${id}`);
    this.#send({ step: { id, calls, end } });
    return await reply;
  }

  /** What somebody types at the next questions for a passphrase; null breaks off. */
  person(types: readonly (string | null)[]): void {
    this.#send({ person: { types } });
  }

  /** Whether an effect that was begun has no answer yet. */
  isOpen(id: number): boolean {
    return this.#waiting.has(`effect ${id}`);
  }

  /** Ends its input and waits for its end; the exit code. */
  async close(): Promise<number | null> {
    this.#child.stdin?.end();
    return await this.#orKill(this.ended);
  }

  /** Ends the process at once. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.ended;
  }

  /** What `work` gives; whoever takes too long over it is ended. */
  async #orKill<T>(work: Promise<T>): Promise<T> {
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), this.#deadlineMs);
    return await work.finally(() => clearTimeout(timer));
  }

  #send(order: unknown): void {
    this.#child.stdin?.write(`${formatAscii(order)}\n`);
  }

  #wait<T>(what: string): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#isOver) reject(new Error("the adapter has ended"));
      else this.#waiting.set(what, { resolve, reject });
    });
  }

  #readLine(line: string): void {
    if (NOT_ASCII.test(line)) this.faults.push(`a line that is not ASCII: ${excerpt(line)}`);
    let parsed: Line;
    try {
      parsed = JSON.parse(line);
    } catch {
      this.faults.push(`a line that is not JSON: ${excerpt(line)}`);
      return;
    }
    // A step's line holds several messages, the answers of the Store.
    const longest = "step" in parsed ? Math.max(0, ...parsed.answers.map(lengthOf)) : line.length;
    if (longest > MESSAGE_CHARS) this.faults.push(`a message of ${longest} characters`);
    if ("ready" in parsed) this.#settle("ready", parsed.ready);
    else if ("step" in parsed) this.#settle(`step ${parsed.step}`, parsed);
    else if (parsed.input?.kind === "answer") this.#settle(`effect ${parsed.input.effect}`, parsed.input.answer);
    else if (parsed.input?.kind === "changed") this.changes.push(parsed.input);
    else this.faults.push(`a line that means nothing here: ${excerpt(line)}`);
  }

  #settle(what: string, value: unknown): void {
    const waiting = this.#waiting.get(what);
    this.#waiting.delete(what);
    if (waiting === undefined)
      this.faults.push(`a second or unasked answer to ${what}: ${excerpt(JSON.stringify(value))}`);
    else waiting.resolve(value as never);
  }

  #end(resolve: (code: number | null) => void, code: number | null, why: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const { reject } of this.#waiting.values()) reject(new Error(`the adapter answered no more: ${why}`));
    this.#waiting.clear();
    resolve(code);
  }
}

function lengthOf(message: unknown): number {
  return formatAscii(message).length;
}

function excerpt(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}

/** A message as it crosses the border (H-1). */
export function formatAscii(message: unknown): string {
  return JSON.stringify(message).replace(/[\u007f-\uffff]/g, escapeUnit);
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
