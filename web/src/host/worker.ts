// The host in a browser: the engine, its database, keys and effects in one worker (docs/host-api.md). Rule: nothing is kept; when
// the page locks or goes, keys, rows and work files go with it.

import type { Answer, Effect } from "coffre-engine";
import { type Clock, Runtime, RuntimeStopped } from "../../../host-loop/src/index.ts";
import { deriveSecret } from "./effects/derive.ts";
import { downloadParts } from "./effects/download.ts";
import { finishFiles, hashFiles, scanPlace } from "./effects/files.ts";
import { keepSecret, openLiteral, sealLiteral } from "./effects/keys.ts";
import { sendRequest } from "./effects/request.ts";
import { EngineScript } from "./engine-script.ts";
import type { Call, CallMessage, Reply, WorkerMessage } from "./messages.ts";
import { Basket, PickedFolder, Places } from "./places.ts";
import { Slots, UnsupportedEffect } from "./slots.ts";
import { faultCodeOf, Store } from "./store.ts";
import { WorkFolder } from "./work-folder.ts";
import { writeZip, ZipFailed } from "./zip.ts";

const SOFTWARE = "coffre-web/0.1.0";
const LONGEST_TIMER_MS = 15_000;

const CLOCK: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => Math.floor(performance.now()),
  callAt: (atMs, call) => {
    let timer: ReturnType<typeof setTimeout>;
    const endMs = performance.now() + atMs - Date.now();
    const arm = (): void => {
      const remainingMs = Math.min(atMs - Date.now(), endMs - performance.now());
      timer = remainingMs <= 0 ? setTimeout(call, 0) : setTimeout(arm, Math.min(remainingMs, LONGEST_TIMER_MS));
    };
    arm();
    return () => clearTimeout(timer);
  },
};

/** The host of this tab. */
class Host {
  readonly #slots = new Slots();
  readonly #places = new Places();
  readonly #work: WorkFolder | null;
  readonly #store: Store;
  readonly #runtime: Runtime;
  #typed: string | null = null;

  constructor(script: EngineScript, store: Store, work: WorkFolder | null) {
    this.#store = store;
    this.#work = work;
    this.#runtime = new Runtime({
      createEngine: script.create,
      store,
      clock: CLOCK,
      entropy: (sizeBytes) => crypto.getRandomValues(new Uint8Array(sizeBytes)).toBase64(),
      schedule,
      faultCodeOf,
      started: { kind: "started", role: "restore", ownFolders: [], software: SOFTWARE },
      carryOut: this.#carryOut,
      onView: (view) => tell({ kind: "view", view }),
      onWatch: () => {},
      onFault: ({ code }) => tell({ kind: "fault", code }),
    });
    const utcOffsetMinutes = -new Date().getTimezoneOffset();
    this.#runtime.start({ network: "unmetered", charging: true, utcOffsetMinutes });
  }

  /** Does what the page asks. */
  async answer(call: Call): Promise<Reply> {
    switch (call.kind) {
      case "ask":
        this.#typed = call.passphrase ?? null;
        try {
          return { kind: "ended", ended: await this.#runtime.ask(call.ask) };
        } finally {
          this.#typed = null;
        }
      case "open-basket":
        return { kind: "locator", locator: this.#places.open(call.as, new Basket()) };
      case "open-folder":
        return { kind: "locator", locator: this.#places.open("folder", new PickedFolder(call.folder)) };
      case "take-files":
        return { kind: "files", files: this.#basket(call.locator).files };
      case "take-zip":
        return {
          kind: "files",
          files: [await writeZip(this.#requireWork(), this.#basket(call.locator), call.locator)],
        };
      case "close-place":
        await this.#basket(call.locator).empty(this.#requireWork());
        this.#places.close(call.locator);
        return { kind: "done" };
      case "lock":
        await this.#lock();
        return { kind: "done" };
    }
  }

  async #lock(): Promise<void> {
    this.#runtime.stop(new Error("locked"));
    this.#slots.close();
    this.#typed = null;
    try {
      await this.#work?.erase();
    } finally {
      this.#store.close();
    }
  }

  readonly #carryOut = async (effect: Effect, signal: AbortSignal): Promise<Answer> => {
    try {
      return await this.#dispatch(effect, signal);
    } catch (error) {
      if (error instanceof UnsupportedEffect) return { kind: "failed", reason: "host-unsupported" };
      throw error;
    }
  };

  async #dispatch(effect: Effect, signal: AbortSignal): Promise<Answer> {
    switch (effect.kind) {
      case "request":
        return await sendRequest(effect, signal);
      case "derive":
        return await deriveSecret(this.#slots, () => this.#typed, effect);
      case "secret":
        return keepSecret(this.#slots, effect);
      case "seal":
        return await sealLiteral(this.#slots, effect);
      case "open":
        return await openLiteral(this.#slots, effect);
      case "download":
        return await downloadParts({ slots: this.#slots, work: this.#work }, effect, signal);
      case "scan":
        return await scanPlace(this.#files(), effect);
      case "hash":
        return await hashFiles(this.#files(), effect, signal);
      case "finish-file":
        return await finishFiles(this.#files(), effect, signal);
      // A browser backs nothing up yet; the loop itself carries out the others.
      case "upload":
      case "wake":
      case "show":
      case "watch":
      case "cancel":
        return { kind: "failed", reason: "host-unsupported" };
    }
    effect satisfies never;
    return { kind: "failed", reason: "host-unsupported" };
  }

  #files() {
    return { slots: this.#slots, work: this.#requireWork(), places: this.#places };
  }

  #requireWork(): WorkFolder {
    if (this.#work === null) throw new UnsupportedEffect("this browser keeps no files");
    return this.#work;
  }

  #basket(locator: string): Basket {
    const place = this.#places.find(locator);
    if (!(place instanceof Basket)) throw new Error("expected the locator of an open basket");
    return place;
  }
}

/** Calls soon, behind what is under way: a message to ourselves is not slowed down as timers are. */
const pipe = new MessageChannel();
const waiting: (() => void)[] = [];
pipe.port1.onmessage = () => waiting.shift()?.();

function schedule(call: () => void): void {
  waiting.push(call);
  pipe.port2.postMessage(null);
}

function tell(message: WorkerMessage): void {
  self.postMessage(message);
}

async function openHost(): Promise<Host> {
  const script = new EngineScript();
  const [store, work] = await Promise.all([Store.open(), WorkFolder.open(), script.load()]);
  tell({ kind: "ready", hasStorage: work !== null, elapsedMs: Math.round(performance.now()) });
  return new Host(script, store, work);
}

/** The code of what went wrong with a call. */
function codeOf(error: unknown): string {
  if (error instanceof RuntimeStopped) return error.fault.code;
  return error instanceof ZipFailed && error.failure === "no-space" ? "host-no-space" : "host-error";
}

const opening = openHost();

self.onmessage = async ({ data: { id, call } }: MessageEvent<CallMessage>) => {
  let reply: Reply;
  try {
    reply = await (await opening).answer(call);
  } catch (error) {
    reply = { kind: "failed", code: codeOf(error) };
  }
  tell({ kind: "reply", id, reply });
};
