// The engine as a host sees it: one text in, one transaction, one text out (docs/host-api.md §1).
// Rule: this file routes; whoever decides anything lives below it.

import { Backup } from "./backup/backup.ts";
import { toAsciiJson } from "./border/ascii-json.ts";
import type { Ask } from "./border/asks.ts";
import type { Input } from "./border/inputs.ts";
import { readStep } from "./border/read-step.ts";
import { CoffreError, InvariantError } from "./errors.ts";
import { learn, recall } from "./evidence/home-evidence.ts";
import { Pairings } from "./pairing/pairings.ts";
import { Restore } from "./restore/restore.ts";
import { Context } from "./runtime/context.ts";
import { hasSchema, migrate } from "./store/schema.ts";
import type { StorePort } from "./store/store.ts";
import { Store } from "./store/store.ts";

export interface Engine {
  /** One step: `StepInput` as ASCII JSON in, effects as ASCII JSON out; a fault is a value. */
  handle(text: string): string;
}

/** An engine over a Store; it remembers nothing that the Store does not hold, but for what is in flight. */
export function createEngine(port: StorePort): Engine {
  const router = new Router(new Context(new Store(port)));
  return {
    handle(text) {
      try {
        return router.step(text);
      } catch (error) {
        return toAsciiJson({ fault: faultOf(error) });
      }
    },
  };
}

class Router {
  readonly #ctx: Context;
  readonly #backup: Backup;
  readonly #pairings: Pairings;
  readonly #restore: Restore;
  #role: "backup" | "restore" | null = null;

  constructor(ctx: Context) {
    this.#ctx = ctx;
    this.#backup = new Backup(ctx);
    this.#pairings = new Pairings(ctx);
    this.#restore = new Restore(ctx);
  }

  step(text: string): string {
    const step = readStep(text);
    this.#ctx.beginStep(step.now, step.monotonicMs, step.entropy);
    for (const input of step.inputs) this.#take(input);
    if (this.#role === "backup") this.#backup.pump();
    if (this.#role === "restore") this.#restore.pump();
    return this.#ctx.endStep();
  }

  #take(input: Input): void {
    switch (input.kind) {
      case "started":
        migrate(this.#ctx.store);
        this.#role = input.role;
        if (input.role === "backup") this.#backup.started(input.ownFolders);
        return;
      case "answer":
        this.#ctx.answer(input.effect, input.answer);
        return;
      case "changed":
        this.#backup.changed(input.root, input.folders);
        return;
      case "unwatched":
        this.#backup.unwatched(input.root, input.unwatched);
        return;
      case "conditions":
        this.#backup.conditions(input);
        return;
      case "ask":
        this.#ask(input.ask);
        return;
    }
  }

  /** What a home knows, and what it is told: one step each, beside whatever works with the database. */
  #answerEvidence(ask: Ask & { readonly kind: "evidence" | "learn" }): void {
    const { store } = this.#ctx;
    if (ask.kind === "evidence") {
      const known = hasSchema(store) ? recall(store, ask.login) : [];
      this.#ctx.show({ kind: "result", ask: "evidence", outcome: "ok", code: null, known });
      return;
    }
    const code = learn(store, ask.known);
    this.#ctx.show({ kind: "result", ask: "learn", outcome: code === null ? "ok" : "failed", code });
  }

  #ask(ask: Ask): void {
    switch (ask.kind) {
      case "create":
        this.#pairings.create(ask);
        return;
      case "join":
        this.#pairings.join(ask);
        return;
      case "set-server":
        this.#pairings.setServer(ask);
        return;
      case "status":
      case "roots":
        if (!hasSchema(this.#ctx.store)) throw new CoffreError("user-not-paired", "expected a database with tables");
        this.#backup.ask(ask);
        return;
      case "add-root":
      case "remove-root":
      case "believe-gone":
      case "set":
      case "backup":
      case "rotate":
      case "verify":
      case "drilled":
        this.#backup.ask(ask);
        return;
      case "evidence":
      case "learn":
        this.#answerEvidence(ask);
        return;
      case "open-vault":
      case "devices":
      case "list":
      case "restore":
      case "rename-device":
      case "shut-out":
      case "revoke-device":
      case "export":
      case "change-passphrase":
      case "renew-words":
      case "begin-second-factor":
      case "confirm-second-factor":
      case "remove-second-factor":
      case "drill":
        this.#restore.ask(ask);
        return;
      case "stop":
        if (this.#role === "restore") this.#restore.stop();
        else this.#backup.stop(ask.mode ?? null);
        return;
    }
  }
}

function faultOf(error: unknown): { code: string; message: string } {
  if (error instanceof CoffreError) return { code: error.code, message: error.message };
  if (error instanceof InvariantError) return { code: "host-invariant", message: error.message };
  return { code: "host-script", message: error instanceof Error ? error.message : "unknown" };
}
