// One opening of a vault, from the sign-in to the lock. Rule: screens read the state and call methods; nothing of a vault is kept
// anywhere but here and in the worker, and a lock lets go of both.

import type { Ask, DamageView, DeviceProgress, ListingEntry, View } from "coffre-engine";
import { PlaceNumbers } from "./place-numbers.ts";
import { SaveJob, type SaveState, type SaveWish } from "./save-job.ts";
import { addEntries, type Folder, makeVault } from "./tree.ts";
import { CallFailed, WorkerClient } from "./worker-client.ts";

/** Why a vault was locked; null: nobody has opened one yet. */
export type LockReason =
  | { readonly kind: "asked" | "idle" }
  | { readonly kind: "failed"; readonly code: string }
  | null;

export type SessionState =
  | {
      readonly kind: "locked";
      readonly why: LockReason;
      /** Why it was not opened, and the login that was typed, so that only the rest must be typed again. */
      readonly failure: { readonly code: string; readonly login: string } | null;
    }
  | { readonly kind: "opening"; readonly stage: "stretching" | "opening" | "reading" }
  | {
      readonly kind: "open";
      readonly vault: Folder;
      /** The time that is looked at; null: now. */
      readonly atMs: number | null;
      readonly isReading: boolean;
      readonly damage: readonly DamageView[];
      readonly hasStorage: boolean;
      readonly save: SaveState | null;
    };

/** What an authenticator needs, and the codes that replace it, one use each. */
export interface SecondFactor {
  readonly secret: string;
  readonly recoveryCodes: readonly string[];
}

export interface Credentials {
  readonly login: string;
  readonly passphrase?: string;
  readonly words?: string;
  /** Of the second factor. */
  readonly code?: string;
}

const IDLE_MS = 15 * 60_000;
const LOOK_MS = 15_000;
/** The login holds, and a code is wanted. */
export const NEEDS_CODE = "user-second-factor-required";
/** The most damage that is named. */
const MOST_DAMAGE = 200;

export class Session {
  #state: SessionState = { kind: "locked", why: null, failure: null };
  readonly #listeners = new Set<() => void>();
  #client: WorkerClient | null = null;
  #hasStorage = true;
  /** What addresses name. */
  readonly places = new PlaceNumbers();
  /** What was typed for a login that wants a code too; forgotten with the next one. */
  #halfway: Credentials | null = null;
  #lastInputMs = Date.now();
  #jobs: SaveJob[] = [];
  #previews: Promise<unknown> = Promise.resolve();

  constructor() {
    setInterval(() => this.#lookAtClock(), LOOK_MS);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly read = (): SessionState => this.#state;

  /** Somebody is there. */
  readonly touch = (): void => {
    this.#lastInputMs = Date.now();
  };

  /** Loads the engine while the login is typed. */
  prepare(): void {
    if (this.#client !== null) return;
    this.#client = new WorkerClient({
      onReady: (hasStorage, elapsedMs) => {
        this.#hasStorage = hasStorage;
        performance.mark("coffre-worker-ready", { detail: elapsedMs });
      },
      onGone: () => this.#fail("host-error"),
    });
  }

  /** Opens a vault and reads what is in it. */
  async open(credentials: Credentials): Promise<void> {
    const { login, passphrase, words, code } = credentials;
    this.#halfway = null;
    this.prepare();
    this.touch();
    this.#set({ kind: "opening", stage: words === undefined ? "stretching" : "opening" });
    try {
      const server = { url: location.origin };
      const ask: Ask = {
        kind: "open-vault",
        server,
        login,
        ...(words === undefined ? {} : { words }),
        ...(code === undefined ? {} : { code }),
      };
      await this.must(ask, () => {}, passphrase);
      performance.mark("coffre-vault-open");
      this.#set({ kind: "opening", stage: "reading" });
      await this.#readVault(null);
      performance.mark("coffre-first-folder");
    } catch (error) {
      if (this.#state.kind !== "opening") return;
      this.#end();
      const failure = { code: codeOf(error), login };
      if (failure.code === NEEDS_CODE) this.#halfway = credentials;
      this.#set({ kind: "locked", why: null, failure });
    }
  }

  /** Goes on with a login that wants a code too; null: no code is at hand. */
  goOn(code: string | null): void {
    const halfway = this.#halfway;
    this.#halfway = null;
    if (halfway !== null && code !== null) void this.open({ ...halfway, code });
    else this.#set({ kind: "locked", why: null, failure: null });
  }

  /** Reads the vault as it was at a time. */
  async lookAt(atMs: number | null): Promise<void> {
    if (this.#state.kind !== "open" || this.#state.isReading) return;
    this.#set({ ...this.#state, isReading: true });
    try {
      await this.#readVault(atMs);
    } catch (error) {
      this.#fail(codeOf(error));
    }
  }

  /** Every version of a file, the newest first. */
  async listVersions({ device, root, path }: ListingEntry): Promise<ListingEntry[]> {
    const found: ListingEntry[] = [];
    await this.must({ kind: "list", device, root, path, versions: "all" }, (view) => {
      if (view.kind === "listing") found.push(...view.entries);
    });
    return found.filter((entry) => entry.path === path).reverse();
  }

  async listDevices(): Promise<readonly DeviceProgress[]> {
    const ended = await this.must({ kind: "devices" });
    return ended.kind === "result" && ended.ask === "devices" ? ended.devices : [];
  }

  /** Begins to enrol a second factor; it counts once it is confirmed. */
  async beginSecondFactor(): Promise<SecondFactor> {
    const ended = await this.must({ kind: "begin-second-factor" });
    if (ended.kind !== "result" || ended.ask !== "begin-second-factor" || ended.secret === undefined) {
      throw new CallFailed("host-error");
    }
    return { secret: ended.secret, recoveryCodes: ended.recoveryCodes ?? [] };
  }

  /** The code of what a call threw. */
  readonly codeOf = codeOf;

  /** Begins to save; one thing at a time. */
  save(wish: SaveWish): void {
    const client = this.#client;
    if (client === null || this.#state.kind !== "open") return;
    if (this.#state.save?.kind === "under-way") return;
    const job = new SaveJob(client, wish, (save) => this.#showSave(job, save));
    this.#jobs.push(job);
    void job.run();
  }

  stopSaving(): void {
    this.#jobs.at(-1)?.stop();
  }

  closeSave(): void {
    if (this.#state.kind === "open") this.#set({ ...this.#state, save: null });
  }

  /** The bytes of one version, for a preview; null when they cannot be had. */
  async fetchBytes(entry: ListingEntry, atMs: number | null): Promise<Blob | null> {
    const client = this.#client;
    if (client === null || this.#state.kind !== "open" || this.#state.save?.kind === "under-way") return null;
    let blob: Blob | null = null;
    const job = new SaveJob(client, { kind: "bytes", entry, atMs, take: (file) => (blob = file) }, () => {});
    await job.run();
    return blob;
  }

  /** One preview after the other, so that what a person asks for is not behind many. */
  queuePreview<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#previews.then(work);
    this.#previews = mine.catch(() => undefined);
    return mine;
  }

  /** Whether a file was handed over a moment ago, which the browser may still be copying. */
  get isHandingOver(): boolean {
    return this.#jobs.some((job) => job.isHandingOver);
  }

  /** Lets go of everything. */
  lock(why: LockReason = { kind: "asked" }): void {
    this.#end();
    this.#set({ kind: "locked", why, failure: null });
  }

  async #readVault(atMs: number | null): Promise<void> {
    const vault = makeVault();
    const damage: DamageView[] = [];
    await this.must({ kind: "list", ...(atMs === null ? {} : { at: atMs }) }, (view) => {
      if (view.kind === "listing") addEntries(vault, view.entries);
      if (view.kind === "damage" && damage.length < MOST_DAMAGE) damage.push(...view.damage);
    });
    const before = this.#state.kind === "open" ? this.#state.save : null;
    this.places.moveTo(vault);
    const hasStorage = this.#hasStorage;
    this.#set({ kind: "open", vault, atMs, isReading: false, damage, hasStorage, save: before });
  }

  /** Asks, and throws CallFailed with the code of an ask that failed. */
  async must(ask: Ask, hear: (view: View) => void = () => {}, passphrase?: string) {
    const client = this.#client;
    if (client === null) throw new CallFailed("user-stopped");
    const ended = await client.ask(ask, hear, passphrase);
    if (ended.kind === "result" && ended.outcome === "failed") throw new CallFailed(ended.code ?? "host-error");
    return ended;
  }

  #showSave(job: SaveJob, save: SaveState): void {
    if (this.#state.kind === "open" && this.#jobs.at(-1) === job) this.#set({ ...this.#state, save });
  }

  #fail(code: string): void {
    if (this.#state.kind === "locked") return;
    this.lock({ kind: "failed", code });
  }

  /** Keys are overwritten and work files removed; the worker ends when it has done so, or is ended soon. */
  #end(): void {
    const client = this.#client;
    this.#client = null;
    this.#halfway = null;
    this.places.clear();
    for (const job of this.#jobs) job.forget();
    this.#jobs = [];
    if (client === null) return;
    client
      .call({ kind: "lock" })
      .catch(() => {})
      .finally(() => client.end());
  }

  #lookAtClock(): void {
    if (this.#state.kind !== "open" || this.#state.save?.kind === "under-way") return;
    if (Date.now() - this.#lastInputMs > IDLE_MS) this.lock({ kind: "idle" });
  }

  /** A tab that wakes looks at the clock first. */
  readonly wake = (): void => this.#lookAtClock();

  #set(state: SessionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

function codeOf(error: unknown): string {
  return error instanceof CallFailed ? error.code : "host-error";
}
