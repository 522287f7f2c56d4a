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

export type OwnerAsk = Ask & { readonly kind: "rename-device" | "revoke-device" | "shut-out" };

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

/** Carries an ask out; needs V and `names` in memory slots. Errors as `failureOf` knows them, and `user-device-unknown`. */
export function* owned(ctx: Context, { held, names }: Owned, ask: OwnerAsk): Flow<OwnerEnd> {
  const device = findDevice(names, ask.device);
  const name = names.get(device) ?? ask.device;
  const ok = { kind: "result", outcome: "ok", code: null } as const;
  switch (ask.kind) {
    case "rename-device": {
      const renamed = yield* renameDevice(ctx, held, device, ask.name);
      return { held: renamed.held, result: { ...ok, ask: ask.kind, device, deviceName: renamed.name } };
    }
    case "revoke-device": {
      const revoked = yield* revokeDevice(ctx, held, { device, name }, ask);
      return { held: revoked.held, result: { ...ok, ask: ask.kind, device, revokedAfter: revoked.last.number } };
    }
    case "shut-out":
      return {
        held: null,
        result: { ...ok, ask: ask.kind, choices: viewChoices(ctx.store, device, ask.since ?? null) },
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
