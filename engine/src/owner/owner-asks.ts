// The asks of an owner who has opened the vault and changes it (docs/host-api.md §4). Rule: each may be asked again after a lost
// answer or a kill, and then ends as it would have.

import type { Ask } from "../border/asks.ts";
import type { Result } from "../border/results.ts";
import type { ShutOutView } from "../border/views.ts";
import type { DeviceId } from "../ids.ts";
import { countAbove, lastBefore, readDays, rowOf } from "../restore/tables/index-rows.ts";
import { sumAbove } from "../restore/tables/version-rows.ts";
import type { Context } from "../runtime/context.ts";
import type { Flow } from "../runtime/flow.ts";
import type { Store } from "../store/store.ts";
import type { HeldVault } from "../vault/held-vault.ts";
import { findDevice, renameDevice, revokeDevice } from "./devices.ts";
import { beginSecondFactor, confirmSecondFactor, removeSecondFactor } from "./second-factor.ts";
import { changePassphrase, renewWords } from "./wraps.ts";

type DeviceAsk = Ask & { readonly kind: "rename-device" | "revoke-device" | "shut-out" };
type KeyAsk = Ask & { readonly kind: "change-passphrase" | "renew-words" };
type FactorAsk = Ask & { readonly kind: "begin-second-factor" | "confirm-second-factor" | "remove-second-factor" };
export type OwnerAsk = DeviceAsk | KeyAsk | FactorAsk;

/** The vault, and the names by which its devices are told apart. */
export interface Owned {
  readonly held: HeldVault;
  readonly names: ReadonlyMap<DeviceId, string>;
}

/** How an ask ended; `held` is the vault as it is now, null when nothing of it changed. */
export interface OwnerEnd {
  readonly held: HeldVault | null;
  readonly result: Result;
}

/** Days that are offered as answers to "since when". */
const MOST_DAYS = 30;

const OK = { kind: "result", outcome: "ok", code: null } as const;

/** Carries an ask out; needs V and `names` in memory slots. Errors as `failureOf` knows them. */
export function* owned(ctx: Context, owned: Owned, ask: OwnerAsk): Flow<OwnerEnd> {
  const { held } = owned;
  switch (ask.kind) {
    case "rename-device":
    case "revoke-device":
    case "shut-out":
      return yield* ofDevice(ctx, owned, ask);
    case "change-passphrase":
      return { held: yield* changePassphrase(ctx, held), result: { ...OK, ask: ask.kind } };
    case "renew-words":
      return { held: yield* renewWords(ctx, held), result: { ...OK, ask: ask.kind } };
    case "begin-second-factor":
      return { held: null, result: { ...OK, ask: ask.kind, ...(yield* beginSecondFactor(held)) } };
    case "confirm-second-factor":
      yield* confirmSecondFactor(held, ask.code);
      return { held: null, result: { ...OK, ask: ask.kind } };
    case "remove-second-factor":
      yield* removeSecondFactor(held);
      return { held: null, result: { ...OK, ask: ask.kind } };
  }
}

function* ofDevice(ctx: Context, { held, names }: Owned, ask: DeviceAsk): Flow<OwnerEnd> {
  const device = findDevice(names, ask.device);
  const name = names.get(device) ?? ask.device;
  switch (ask.kind) {
    case "rename-device": {
      const renamed = yield* renameDevice(ctx, held, device, ask.name);
      return { held: renamed.held, result: { ...OK, ask: ask.kind, device, deviceName: renamed.name } };
    }
    case "revoke-device": {
      const revoked = yield* revokeDevice(ctx, held, { device, name }, ask);
      return { held: revoked.held, result: { ...OK, ask: ask.kind, device, revokedAfter: revoked.last.number } };
    }
    case "shut-out":
      return {
        held: null,
        result: { ...OK, ask: ask.kind, choices: viewChoices(ctx.store, device, ask.since ?? null) },
      };
  }
}

/** What a revocation would shut out, for a time, or for the beginnings of the days on which the device recorded something. */
function viewChoices(store: Store, device: DeviceId, since: number | null): ShutOutView[] {
  const row = rowOf(store, device);
  if (row === null) return [];
  if (since !== null) return [viewChoice(store, row, since, lastBefore(store, row, since)?.number ?? 0)];
  return readDays(store, row, MOST_DAYS).map(({ firstMs, first }) => viewChoice(store, row, firstMs, first - 1));
}

function viewChoice(store: Store, row: number, sinceMs: number, lastNumber: number): ShutOutView {
  return { sinceMs, lastNumber, records: countAbove(store, row, lastNumber), ...sumAbove(store, row, lastNumber) };
}
