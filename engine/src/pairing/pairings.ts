// The asks `create`, `join` and `set-server` as the engine routes them (docs/host-api.md §4). Rule: one pairing at a time; every ask
// ends in one result.

import type { Ask } from "../border/asks.ts";
import { failureOf } from "../peer/failures.ts";
import type { Context } from "../runtime/context.ts";
import type { Flow } from "../runtime/flow.ts";
import { getSetting } from "../store/settings.ts";
import { create } from "./create.ts";
import { eraseSecrets, readDraft } from "./draft.ts";
import { join } from "./join.ts";
import { setServer } from "./move.ts";

type PairingAsk = "create" | "join" | "set-server";

export class Pairings {
  readonly #ctx: Context;
  #isBusy = false;

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  create(ask: Ask & { readonly kind: "create" }): void {
    this.#begin("create", create(this.#ctx, ask));
  }

  join(ask: Ask & { readonly kind: "join" }): void {
    this.#begin("join", join(this.#ctx, ask));
  }

  setServer(ask: Ask & { readonly kind: "set-server" }): void {
    this.#begin("set-server", setServer(this.#ctx, ask));
  }

  #begin(ask: PairingAsk, flow: Flow<void>): void {
    if (this.#isBusy) {
      this.#ctx.show({ kind: "result", ask, outcome: "failed", code: "host-error" });
      return;
    }
    this.#isBusy = true;
    this.#ctx.show({ kind: "progress", phase: "pairing", filesDone: 0, filesTotal: 0, bytesDone: 0, bytesTotal: 0 });
    this.#ctx.start(
      flow,
      () => this.#end(ask, null),
      (error) => this.#clean(ask, failureOf(error)),
    );
  }

  /** After a failure: what a frozen draft needs stays in its slots for the next ask, everything else is erased. */
  #clean(ask: PairingAsk, code: string): void {
    if (readDraft(this.#ctx.store) !== null) {
      this.#end(ask, code);
      return;
    }
    this.#ctx.start(
      eraseSecrets(),
      () => this.#end(ask, code),
      (error) => this.#end(ask, failureOf(error)),
    );
  }

  #end(ask: PairingAsk, code: string | null): void {
    this.#isBusy = false;
    const outcome = code === null ? "ok" : "failed";
    const paired = ask === "join" && code === null ? getSetting(this.#ctx.store, "pairing") : null;
    const name = paired === null ? {} : { deviceName: paired.deviceName };
    this.#ctx.show({ kind: "result", ask, outcome, code, ...name });
  }
}
