// What an owner changes about the devices of a vault: names, and who is shut out (docs/format.md F-34, F-35, F-37). Rule: asking
// again is harmless; a revocation that is there is never loosened, only drawn earlier.

import type { Ask } from "../border/asks.ts";
import { CoffreError } from "../errors.ts";
import type { Revocation, Roster } from "../format/roster.ts";
import { type DeviceId, ZERO_DIGEST } from "../ids.ts";
import { findFreeName, openDeviceNames, sealDeviceName } from "../keys/device-names.ts";
import { clearDevice, deviceRow, type LoggedAt, lastBefore } from "../restore/tables/index-rows.ts";
import type { Context } from "../runtime/context.ts";
import type { Flow } from "../runtime/flow.ts";
import type { HeldVault } from "../vault/held-vault.ts";
import { changeRoster } from "../vault/roster-change.ts";

/** The fewest characters of an id that name a device. */
const MIN_ID_CHARS = 8;

/** The device that is called so: by its name, its id, or the beginning of its id. `user-device-unknown`. */
export function findDevice(names: ReadonlyMap<DeviceId, string>, wanted: string): DeviceId {
  const named = [...names].filter(([, name]) => name === wanted);
  const isId = /^[0-9a-f]+$/.test(wanted) && wanted.length >= MIN_ID_CHARS;
  const found = named.length > 0 || !isId ? named : [...names].filter(([device]) => device.startsWith(wanted));
  const [only] = found;
  if (only === undefined || found.length > 1) throw new CoffreError("user-device-unknown", "no such device");
  return only[0];
}

/** Gives a device another name; the one that it has then, with a number where the name was taken. */
export function* renameDevice(
  ctx: Context,
  held: HeldVault,
  device: DeviceId,
  wanted: string,
): Flow<{ held: HeldVault; name: string }> {
  let name = wanted;
  const changed = yield* changeRoster(ctx, held, function* ({ object, roster }) {
    const names = yield* openDeviceNames(roster);
    const present = names.get(device);
    names.delete(device);
    name = findFreeName(wanted, new Set(names.values()));
    if (name === present) return null;
    const sealedName = yield* sealDeviceName(object.vault, device, name);
    const devices = roster.devices.map((each) => (each.device === device ? { ...each, sealedName } : each));
    return () => ({ ...roster, version: roster.version + 1, devices });
  });
  return { held: changed, name };
}

/** A device, and what it is called in the index. */
export interface NamedDevice {
  readonly device: DeviceId;
  readonly name: string;
}

type RevokeAsk = Ask & { readonly kind: "revoke-device" };

/**
 * Shuts a device out: what it recorded from `since` on, or from now on, counts no more. The index holds the device's log, and
 * is to be read again afterwards.
 */
export function* revokeDevice(
  ctx: Context,
  held: HeldVault,
  { device, name }: NamedDevice,
  { since }: RevokeAsk,
): Flow<{ held: HeldVault; last: LoggedAt }> {
  const row = deviceRow(ctx.store, device, name);
  let last: LoggedAt = lastBefore(ctx.store, row, since ?? null) ?? { number: 0, hash: ZERO_DIGEST };
  const changed = yield* changeRoster(ctx, held, function* ({ roster }) {
    const present = roster.revocations.find((revoked) => revoked.device === device);
    if (present !== undefined && present.lastNumber <= last.number) {
      last = { number: present.lastNumber, hash: present.lastHash };
      return null;
    }
    return () => withRevocation(roster, { device, lastNumber: last.number, lastHash: last.hash });
  });
  clearDevice(ctx.store, row);
  return { held: changed, last };
}

function withRevocation(roster: Roster, revocation: Revocation): Roster {
  const others = roster.revocations.filter(({ device }) => device !== revocation.device);
  const revocations = [...others, revocation].sort((a, b) => (a.device < b.device ? -1 : 1));
  return { ...roster, version: roster.version + 1, revocations };
}
