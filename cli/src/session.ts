// A command's engine, with everything that it works with. Rule: what is opened here is closed here, in the reverse order,
// however the command ends.

import { type Ask, createEngine, type RootView, type ServerAddress, type View } from "coffre-engine";
import { type Ended, RuntimeStopped } from "../../host-loop/src/index.ts";
import { CommandFailed } from "./command-end.ts";
import { storageFailure } from "./failure-text.ts";
import type { Home } from "./home.ts";
import { SYSTEM_CLOCK } from "./host/clock.ts";
import { Watch } from "./host/effects/watch.ts";
import type { LocalServer } from "./host/exchange.ts";
import type { PassphraseSource } from "./host/passphrase-source.ts";
import { Runtime } from "./host/runtime.ts";
import { KeysUnreadable } from "./host/slots.ts";
import { lookCloser } from "./host/storage-trouble.ts";
import { Store } from "./host/store.ts";
import { Workshop } from "./host/workshop.ts";
import { say } from "./language.ts";
import { findWrongScheme } from "./server-probe.ts";
import { VERSION } from "./version.ts";
import { failureWords, isFailureCode } from "./words.ts";

const CONDITIONS_MS = 60_000;
/** The slot that every paired machine has (`engine/src/vault/slots.ts`). */
const DEVICE_KEY = "device-sign";

/** What a session needs to know. */
export interface SessionParts {
  readonly home: Home;
  readonly role: "backup" | "restore";
  readonly passphrases: PassphraseSource;
  readonly onView: (view: View) => void;
  /** Answers in the server's place. */
  readonly local?: LocalServer;
  /** Told of what went wrong inside, in words for a bug report: codes and messages without names. */
  readonly onTrouble: (message: string) => void;
  /** Shows what is shown once. Nothing else happens before it has been shown; where it cannot be, the session ends with that. */
  readonly onWords?: (words: string) => Promise<void>;
}

/** Runs `work` with a running engine over the locked home. */
export async function withSession<T>(parts: SessionParts, work: (session: Session) => Promise<T>): Promise<T> {
  const ownFolder = parts.home.make();
  const lock = parts.home.lock();
  try {
    const session = new Session(parts, ownFolder);
    try {
      if (parts.role === "backup") await session.checkKeys();
      return await work(session);
    } finally {
      session.close();
    }
  } finally {
    lock.release();
  }
}

/** A running engine. */
export class Session {
  readonly #store: Store;
  readonly #workshop: Workshop;
  readonly #watch: Watch;
  readonly #runtime: Runtime;
  readonly #conditionsTimer: NodeJS.Timeout;
  readonly #home: Home;

  constructor({ home, role, passphrases, onView, onTrouble, onWords, local }: SessionParts, ownFolder: string) {
    this.#home = home;
    this.#workshop = openWorkshop(home, passphrases, local ?? null);
    home.checkComplete();
    this.#store = home.isPassing ? Store.openPassing() : Store.open(home.database);
    this.#watch = new Watch({
      onChanged: (root, folders) => this.#runtime.tellChanged(root, folders),
      onUnwatched: (root, unwatched) => this.#runtime.tell({ kind: "unwatched", root, unwatched }),
    });
    this.#runtime = new Runtime({
      createEngine,
      store: this.#store,
      clock: SYSTEM_CLOCK,
      started: { kind: "started", role, ownFolders: [ownFolder], software: `coffre/${VERSION}` },
      carryOut: this.#workshop.carryOut,
      onView: (view) => (view.kind === "words" ? onWords?.(view.words) : onView(view)),
      onWatch: (roots) => this.#watch.set(roots),
      onFault: ({ code, message }) => {
        // What the disk is in is told once, at the end.
        if (this.#store.trouble === null) onTrouble(`${code}: ${message}`);
      },
    });
    this.#runtime.start(readConditions());
    let offset = readConditions().utcOffsetMinutes;
    this.#conditionsTimer = setInterval(() => {
      const conditions = readConditions();
      if (conditions.utcOffsetMinutes !== offset) this.#runtime.setConditions(conditions);
      offset = conditions.utcOffsetMinutes;
    }, CONDITIONS_MS);
    this.#conditionsTimer.unref();
  }

  /** Asks, and gives the view that ends the ask. */
  async ask(ask: Ask): Promise<Ended> {
    return await orFailure(this.#runtime.ask(ask), this.#store, this.#home);
  }

  /** Throws a CommandFailed when this machine is paired, and its keys are gone. */
  async checkKeys(): Promise<void> {
    const status = await this.ask({ kind: "status" });
    if (status.kind !== "status" || !status.paired || this.#workshop.slots.find(DEVICE_KEY) !== null) return;
    throw new CommandFailed("host-error", say("home", "keys-gone"));
  }

  /** Asks, and throws a CommandFailed when the ask failed. */
  async must(ask: Ask): Promise<Ended> {
    const ended = await this.ask(ask);
    if (ended.kind !== "result" || ended.outcome !== "failed") return ended;
    throw "server" in ask ? await failedAtServer(ended.code, ask.server) : failedWith(ended.code);
  }

  /** The folders that are backed up. */
  async roots(): Promise<readonly RootView[]> {
    const result = await this.must({ kind: "roots" });
    return result.kind === "result" && result.ask === "roots" ? result.roots : [];
  }

  /** Says that something changed in these folders of a root. */
  tellChanged(root: string, folders: readonly string[]): void {
    this.#runtime.tellChanged(root, folders);
  }

  /** Has the engine end what it does at the next safe point. */
  requestStop(): void {
    this.#runtime.requestStop();
  }

  close(): void {
    clearInterval(this.#conditionsTimer);
    this.#runtime.stop(new CommandFailed("user-stopped", failureWords("user-stopped")));
    this.#watch.close();
    this.#workshop.close();
    this.#store.close();
  }
}

/** Asks for what needs no write, without locking the home, also while another process works with it; null when it has no database. */
export async function readHome(
  home: Home,
  ask: Ask & { kind: "status" | "roots" | "evidence" },
): Promise<Ended | null> {
  home.checkComplete();
  const store = Store.openToRead(home.database);
  if (store === null) return null;
  try {
    return await orFailure(askTables(store, ask), store, home);
  } finally {
    store.close();
  }
}

/** Why a home says of no vault that it is paired with it: there is none, or the file that names it is gone. */
export async function describeUnpaired(home: Home): Promise<CommandFailed> {
  const status = await readHome(home, { kind: "status" });
  if (status?.kind !== "status" || !status.paired) return failedWith("user-not-paired");
  return new CommandFailed("host-home-damaged", say("home", "pairing-gone"));
}

/** Asks an engine that has these tables and nothing else: no effect is carried out. */
export async function askTables(store: Store, ask: Ask): Promise<Ended> {
  const runtime = new Runtime({
    createEngine,
    store,
    clock: SYSTEM_CLOCK,
    started: null,
    carryOut: async () => ({ kind: "failed", reason: "host-unsupported" }),
    onView: () => {},
    onWatch: () => {},
    onFault: () => {},
  });
  try {
    return await runtime.ask(ask);
  } finally {
    runtime.stop(new Error("asked"));
  }
}

/** The same for an ask about a server, which is looked at: `http` and `https` are often taken for one another. */
export async function failedAtServer(code: string | null, server: ServerAddress): Promise<CommandFailed> {
  const words = code === "peer-tls" || code === "peer-unreachable" ? await findWrongScheme(server) : null;
  return words === null ? failedWith(code) : new CommandFailed(code ?? "host-error", words);
}

/** The failure of a command whose ask ended with `code`. */
export function failedWith(code: string | null): CommandFailed {
  return new CommandFailed(code ?? "host-error", failureWords(code ?? "host-error"));
}

async function orFailure(ended: Promise<Ended>, store: Store, home: Home): Promise<Ended> {
  try {
    return await ended;
  } catch (error) {
    if (!(error instanceof RuntimeStopped)) throw error;
    if (store.trouble !== null) throw storageFailure(lookCloser(store.trouble, home.folder), home.folder);
    const { code, message } = error.fault;
    if (isFailureCode(code)) throw failedWith(code);
    throw new CommandFailed(code, say("trouble", "same-fault", { code, message }));
  }
}

function openWorkshop(home: Home, passphrases: PassphraseSource, local: LocalServer | null): Workshop {
  try {
    return new Workshop(home.keys, passphrases, local);
  } catch (error) {
    if (!(error instanceof KeysUnreadable)) throw error;
    throw new CommandFailed("host-error", say("home", "keys-damaged"));
  }
}

function readConditions() {
  return { network: "unmetered", charging: true, utcOffsetMinutes: -new Date().getTimezoneOffset() } as const;
}
