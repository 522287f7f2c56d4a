// The role `restore`: opening a vault on any machine, listing it, and getting it back (docs/host-api.md §4). Rule: asks
// are answered one after the other; each ends in one result, and what was begun goes on in a later process.
//
//   open-vault ─▶ session, names, dedup key ─▶ list, restore: index up to date ─▶ listing, or a run

import type { Ask } from "../border/asks.ts";
import type { FailureCode } from "../border/reasons.ts";
import { INFO } from "../crypto/vault-keys.ts";
import { CoffreError } from "../errors.ts";
import { noteEvidence, parseEvidence } from "../evidence/evidence-text.ts";
import type { DeviceId } from "../ids.ts";
import { deriveNames, openDeviceNames, tellApart } from "../keys/device-names.ts";
import { deriveSlot, SLOT } from "../keys/slots.ts";
import { type OwnerAsk, type OwnerEnd, owned } from "../owner/owner-asks.ts";
import { failureOf } from "../peer/failures.ts";
import type { Context } from "../runtime/context.ts";
import type { Flow } from "../runtime/flow.ts";
import { type HeldVault, holdAgainstEvidence, tellEvidence } from "../vault/held-vault.ts";
import { unlock } from "../vault/unlock.ts";
import { drill } from "./drill.ts";
import type { ExportAsk } from "./export/export-job.ts";
import { VaultExport } from "./export/export-run.ts";
import { reportRecords } from "./finish/completion.ts";
import { viewProgress } from "./index/device-list.ts";
import { readIndex } from "./index/index-reader.ts";
import { KeyRing } from "./index/key-ring.ts";
import { rememberVault } from "./index/known-vault.ts";
import { list } from "./index/listing.ts";
import { shutOutOf } from "./index/shut-out.ts";
import { type RestoreAsk, readJob, takeJob } from "./job.ts";
import { RestoreRun } from "./run.ts";
import { Session } from "./session.ts";
import { hasDamage } from "./tables/damage-rows.ts";

type AskOfRestore =
  | (Ask & { readonly kind: "open-vault" | "devices" | "list" | "restore" | "drill" | "export" })
  | OwnerAsk;

/** An open vault, and whether its index is up to date. */
interface Reader {
  readonly acceptsOlder: boolean;
  readonly held: HeldVault;
  readonly session: Session;
  readonly keys: KeyRing;
  readonly names: ReadonlyMap<DeviceId, string>;
  /** How the index was read, null before it was. */
  read: "without-revoked" | "with-revoked" | null;
}

export class Restore {
  readonly #ctx: Context;
  readonly #queue: AskOfRestore[] = [];
  #current: AskOfRestore | null = null;
  #reader: Reader | null = null;
  #run: RestoreRun | null = null;
  /** Grows with each ask; flows of an earlier one end at their next answer. */
  #generation = 0;

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  ask(ask: AskOfRestore): void {
    this.#queue.push(ask);
    if (this.#current === null) this.#next();
  }

  /** Ends the ask under way and those behind it. */
  stop(): void {
    const current = this.#current;
    this.#queue.length = 0;
    if (current !== null) {
      this.#generation += 1;
      if (this.#run !== null) this.#run.stop();
      else this.#fail(current, "user-stopped");
    }
    this.#ctx.show({ kind: "result", ask: "stop", outcome: "ok", code: null });
  }

  pump(): void {
    this.#run?.pump();
  }

  #next(): void {
    const ask = this.#queue.shift();
    this.#run = null;
    this.#current = ask ?? null;
    if (ask === undefined) return;
    this.#generation += 1;
    const failed = (code: FailureCode): void => this.#fail(ask, code);
    switch (ask.kind) {
      case "open-vault":
        this.#reader = null;
        this.#start(this.#open(ask), () => this.#succeed("open-vault", true), failed);
        return;
      case "devices":
        this.#showDevices();
        return;
      case "list":
        this.#start(this.#list(ask), () => this.#succeed("list", !hasDamage(this.#ctx.store, ask.at)), failed);
        return;
      case "restore":
        this.#start(this.#readIndex(ask.withRevoked === true), () => this.#beginRun(ask), failed);
        return;
      case "drill":
        this.#start(this.#drill(ask), () => this.#next(), failed);
        return;
      case "rename-device":
      case "revoke-device":
      case "shut-out":
      case "change-passphrase":
      case "renew-words":
      case "begin-second-factor":
      case "confirm-second-factor":
      case "remove-second-factor":
        this.#own(ask, failed);
        return;
      case "export":
        this.#start(this.#export(ask), () => this.#next(), failed);
    }
  }

  /** What changes the vault itself: the reader goes on with the vault as it is then. */
  #own(ask: OwnerAsk, failed: (code: FailureCode) => void): void {
    let end: OwnerEnd | null = null;
    const flow = function* (this: Restore): Flow<void> {
      if (ask.kind === "revoke-device" || ask.kind === "shut-out") yield* this.#readIndex(false);
      const { acceptsOlder, held, names } = this.#requireReader();
      end = yield* owned(this.#ctx, { held, names }, ask);
      if (end.held === null) return;
      tellEvidence(this.#ctx, held.object.vault, acceptsOlder);
      yield* this.#read(end.held, acceptsOlder);
    };
    const ended = (): void => {
      if (end !== null) this.#ctx.show(end.result);
      this.#next();
    };
    this.#start(flow.call(this), ended, failed);
  }

  /** Makes a reader of an open vault. */
  *#read(held: HeldVault, acceptsOlder: boolean): Flow<void> {
    const names = tellApart(yield* openDeviceNames(held.roster));
    const session = new Session(held);
    this.#reader = { acceptsOlder, held, session, keys: new KeyRing(this.#ctx.store, session), names, read: null };
  }

  *#export(ask: ExportAsk): Flow<void> {
    const { session, names } = this.#requireReader();
    const run = new VaultExport({ ctx: this.#ctx, session, names, ask });
    yield* run.run();
    yield* reportRecords(this.#ctx);
    const isWhole = !hasDamage(this.#ctx.store);
    const [outcome, code] = isWhole ? (["ok", null] as const) : (["waiting", "peer-damaged"] as const);
    this.#ctx.show({ kind: "result", ask: "export", outcome, code, ...run.takeTotals() });
  }

  *#open(ask: AskOfRestore & { readonly kind: "open-vault" }): Flow<void> {
    const { store } = this.#ctx;
    const acceptsOlder = ask.acceptOlder === true;
    for (const text of ask.known ?? []) noteEvidence(store, parseEvidence(text));
    const opened = yield* unlock(this.#ctx, ask);
    yield* deriveSlot(SLOT.vaultSecret, INFO.dedup, SLOT.dedup, "memory");
    yield* deriveNames();
    const open = yield* holdAgainstEvidence(this.#ctx, opened, acceptsOlder);
    tellEvidence(this.#ctx, open.object.vault, acceptsOlder);
    rememberVault(store, open);
    yield* this.#read(open, acceptsOlder);
  }

  #showDevices(): void {
    const reader = this.#reader;
    const devices = reader === null ? [] : viewProgress(reader.session.vault, reader.names);
    const [outcome, code] = reader === null ? (["failed", "user-not-paired"] as const) : (["ok", null] as const);
    this.#ctx.show({ kind: "result", ask: "devices", outcome, code, devices });
    this.#next();
  }

  *#drill(ask: AskOfRestore & { readonly kind: "drill" }): Flow<void> {
    yield* this.#readIndex(false);
    this.#ctx.show(yield* drill({ ctx: this.#ctx, ...this.#requireReader() }, ask));
  }

  *#list(ask: AskOfRestore & { readonly kind: "list" }): Flow<void> {
    yield* this.#readIndex(ask.withRevoked === true);
    yield* list(this.#ctx, ask, shutOutOf(this.#ctx.store, this.#requireReader().held));
  }

  /** Reads the logs once for each opening, and shows what is wrong with them for each ask. */
  *#readIndex(withRevoked: boolean): Flow<void> {
    const reader = this.#requireReader();
    const wanted = withRevoked ? "with-revoked" : "without-revoked";
    if (reader.read !== wanted) {
      const { session, keys, names, acceptsOlder } = reader;
      this.#ctx.show({
        kind: "progress",
        phase: "reading-index",
        filesDone: 0,
        filesTotal: 0,
        bytesDone: 0,
        bytesTotal: 0,
      });
      const job = readJob(this.#ctx.store);
      const isKept = job !== null && (job.ask.withRevoked === true) === withRevoked;
      yield* readIndex({ ctx: this.#ctx, session, keys, names, isKept, acceptsOlder, withRevoked });
      tellEvidence(this.#ctx, session.vault.object.vault, acceptsOlder);
      reader.read = wanted;
    }
    yield* reportRecords(this.#ctx);
  }

  #requireReader(): Reader {
    if (this.#reader === null) throw new CoffreError("user-not-paired", "expected open-vault before this ask");
    return this.#reader;
  }

  #beginRun(ask: RestoreAsk): void {
    const { session, keys } = this.#requireReader();
    const isResumed = takeJob(this.#ctx.store, ask);
    this.#run = new RestoreRun({
      ctx: this.#ctx,
      session,
      keys,
      ask,
      isResumed,
      start: (flow, ended, failed) => this.#start(flow, ended, failed),
      ended: (result) => {
        this.#generation += 1;
        this.#ctx.show(result);
        this.#next();
      },
    });
    this.#run.begin();
  }

  #start(flow: Flow<void>, ended: () => void, failed: (code: FailureCode) => void): void {
    const generation = this.#generation;
    const isCurrent = (): boolean => generation === this.#generation;
    this.#ctx.start(
      endingWith(flow, isCurrent),
      () => {
        if (isCurrent()) ended();
      },
      (error) => {
        const code = failureOf(error);
        if (isCurrent()) failed(code);
      },
    );
  }

  #succeed(ask: "open-vault" | "list", isWhole: boolean): void {
    const outcome = isWhole ? "ok" : "waiting";
    this.#ctx.show({ kind: "result", ask, outcome, code: isWhole ? null : "peer-damaged" });
    this.#next();
  }

  #fail(ask: AskOfRestore, code: FailureCode): void {
    if (ask.kind === "restore") {
      const none = { filesRestored: 0, bytesRestored: 0, filesFailed: 0, filesSkipped: 0 };
      const requests = this.#reader?.session.line.requests ?? 0;
      this.#ctx.show({ kind: "result", ask: "restore", outcome: "failed", code, ...none, requests });
    } else if (ask.kind === "export") {
      const requests = this.#reader?.session.line.requests ?? 0;
      this.#ctx.show({
        kind: "result",
        ask: "export",
        outcome: "failed",
        code,
        records: 0,
        blobs: 0,
        sizeBytes: 0,
        requests,
      });
    } else if (ask.kind === "devices") {
      this.#ctx.show({ kind: "result", ask: "devices", outcome: "failed", code, devices: [] });
    } else if (ask.kind === "shut-out") {
      this.#ctx.show({ kind: "result", ask: "shut-out", outcome: "failed", code, choices: [] });
    } else if (ask.kind === "drill") {
      const none = { checked: 0, of: 0, bad: 0, differing: 0, files: [], blobs: [] };
      this.#ctx.show({ kind: "result", ask: "drill", outcome: "failed", code, ...none });
    } else if (ask.kind === "begin-second-factor") {
      this.#ctx.show({ kind: "result", ask: ask.kind, outcome: "failed", code });
    } else if (ask.kind === "rename-device" || ask.kind === "revoke-device") {
      this.#ctx.show({ kind: "result", ask: ask.kind, outcome: "failed", code });
    } else {
      this.#ctx.show({ kind: "result", ask: ask.kind, outcome: "failed", code });
    }
    this.#next();
  }
}

/** The flow, which ends at its first answer after its ask has ended. */
function* endingWith(flow: Flow<void>, isCurrent: () => boolean): Flow<void> {
  let step = flow.next(undefined as never);
  while (!step.done) {
    const answer = yield step.value;
    if (!isCurrent()) throw new CoffreError("user-stopped", "the ask has ended");
    step = flow.next(answer);
  }
}
