// The worker of the engine as the page sees it. Rule: one worker for each opening of a vault; when it ends, so does everything
// that it held.

import type { Ask, View } from "coffre-engine";
import type { Call, CallMessage, Reply, WorkerMessage } from "../host/messages.ts";
import { trustedScript } from "../host/trusted-script.ts";
import workerUrl from "../host/worker.ts?worker&url";
import { readLocalToken } from "./local-token.ts";

type Ended = Extract<Reply, { kind: "ended" }>["ended"];

/** A call that the worker could not answer. */
export class CallFailed extends Error {
  override readonly name = "CallFailed";
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

export interface WorkerEvents {
  readonly onReady: (hasStorage: boolean, elapsedMs: number) => void;
  /** The worker is gone, and with it the vault. */
  readonly onGone: () => void;
}

export class WorkerClient {
  readonly #worker: Worker;
  readonly #calls = new Map<number, { resolve: (reply: Reply) => void; reject: (error: Error) => void }>();
  #count = 0;
  #last: Promise<unknown> = Promise.resolve();
  #hear: (view: View) => void = () => {};

  constructor(events: WorkerEvents) {
    const token = readLocalToken();
    const url = token === null ? workerUrl : `${workerUrl}#${token}`;
    this.#worker = new Worker(trustedScript(url), { type: "module" });
    this.#worker.onmessage = ({ data }: MessageEvent<WorkerMessage>) => this.#receive(data, events);
    this.#worker.onerror = () => {
      this.end();
      events.onGone();
    };
  }

  /**
   * Asks the engine when every ask before has ended, so that what it shows meanwhile (`hear`) is told apart; the view that ends
   * the ask. Throws CallFailed.
   */
  ask(ask: Ask, hear: (view: View) => void = () => {}, passphrase?: string): Promise<Ended> {
    const mine = this.#last.then(() => {
      this.#hear = hear;
      return this.#ask(ask, passphrase);
    });
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  /** Ends the restore under way at its next safe point. */
  stop(): void {
    this.#ask({ kind: "stop" }).catch(() => {});
  }

  async #ask(ask: Ask, passphrase?: string): Promise<Ended> {
    const reply = await this.call({ kind: "ask", ask, ...(passphrase === undefined ? {} : { passphrase }) });
    if (reply.kind !== "ended") throw new CallFailed("host-error");
    return reply.ended;
  }

  /** Throws CallFailed. */
  async call(call: Call): Promise<Reply> {
    const id = ++this.#count;
    const reply = await new Promise<Reply>((resolve, reject) => {
      this.#calls.set(id, { resolve, reject });
      const message: CallMessage = { id, call };
      this.#worker.postMessage(message);
    });
    if (reply.kind === "failed") throw new CallFailed(reply.code);
    return reply;
  }

  end(): void {
    this.#worker.terminate();
    for (const { reject } of this.#calls.values()) reject(new CallFailed("user-stopped"));
    this.#calls.clear();
  }

  #receive(message: WorkerMessage, events: WorkerEvents): void {
    switch (message.kind) {
      case "ready":
        events.onReady(message.hasStorage, message.elapsedMs);
        return;
      case "view":
        this.#hear(message.view);
        return;
      case "fault":
        return;
      case "reply":
        this.#calls.get(message.id)?.resolve(message.reply);
        this.#calls.delete(message.id);
        return;
    }
  }
}
