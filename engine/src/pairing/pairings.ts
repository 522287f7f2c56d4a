// The asks `create` and `join` as the engine routes them (docs/host-api.md §4). Rule: one pairing at a time; every ask
// ends in one result.

import type { Ask } from "../border/inputs.ts";
import type { Context } from "../runtime/context.ts";
import type { Flow } from "../runtime/flow.ts";
import { failureOf } from "../vault/failures.ts";
import { create } from "./create.ts";
import { eraseSecrets, readDraft } from "./draft.ts";
import { join } from "./join.ts";

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

  #begin(ask: "create" | "join", flow: Flow<void>): void {
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
  #clean(ask: "create" | "join", code: string): void {
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

  #end(ask: "create" | "join", code: string | null): void {
    this.#isBusy = false;
    this.#ctx.show({ kind: "result", ask, outcome: code === null ? "ok" : "failed", code });
  }
}
