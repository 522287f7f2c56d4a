// Pairing this machine with a vault that is there (docs/protocol.md P-26). Rule: former devices and revocations are kept
// as they are and as this machine saw them before, and shown before they are signed; a machine that asks twice is one device,
// because its seeds stay in their slots; a name has one device.

import type { Ask } from "../border/asks.ts";
import { INFO } from "../crypto/vault-keys.ts";
import { CoffreError } from "../errors.ts";
import { MAX_DEVICES, type Roster, type RosterDevice } from "../format/roster.ts";
import type { DeviceId } from "../ids.ts";
import { deriveNames, findFreeName, fitDeviceName, openDeviceNames, sealDeviceName } from "../keys/device-names.ts";
import { deriveSlot, SLOT } from "../keys/slots.ts";
import type { Context } from "../runtime/context.ts";
import type { Flow } from "../runtime/flow.ts";
import { getSetting, putSetting } from "../store/settings.ts";
import { type HeldVault, holdAgainstEvidence } from "../vault/held-vault.ts";
import { type NextRoster, putRoster, showDevices } from "../vault/roster-change.ts";
import { closeSession } from "../vault/session.ts";
import { openWith, unlock } from "../vault/unlock.ts";
import { certifyDevice, type DeviceKeys, makeDeviceKeys } from "./device-keys.ts";
import { eraseDevice, eraseSecrets, pairingOf, putDraft } from "./draft.ts";

type JoinAsk = Ask & { readonly kind: "join" };

/** How often the roster may change under our hands before we give up. */
const TRIES = 5;

/** Adds this machine to the vault's roster and pairs it. Errors as `failureOf` knows them. */
export function* join(ctx: Context, ask: JoinAsk): Flow<void> {
  if (getSetting(ctx.store, "pairing") !== null) {
    throw new CoffreError("user-already-paired", "this machine already belongs to a vault");
  }
  // What a vault that was never made left behind is not this vault's.
  putDraft(ctx.store, null);
  yield* eraseSecrets();
  const acceptsOlder = ask.acceptOlder === true;
  const opened = yield* unlock(ctx, ask);
  yield* deriveNames();
  let open = yield* holdAgainstEvidence(ctx, opened, acceptsOlder);
  const keys = yield* keysFor(open.roster);
  let name = fitDeviceName(ask.deviceName);
  for (let tries = 1; !isMember(open.roster, keys.device); tries++) {
    yield* showDevices(ctx, open);
    name = findFreeName(ask.deviceName, new Set((yield* openDeviceNames(open.roster)).values()));
    const sealedName = yield* sealDeviceName(open.object.vault, keys.device, name);
    const next = withDevice(ctx, open, keys, sealedName);
    if ((yield* putRoster(ctx, open, next, tries === TRIES)) !== null) break;
    open = yield* holdAgainstEvidence(ctx, yield* openWith(open.line, open.login), acceptsOlder);
  }
  yield* deriveSlot(SLOT.vaultSecret, INFO.dedup, SLOT.dedup, "device");
  const { object, login } = open;
  // A repeated ask finds the name that the first one gave.
  const names = yield* openDeviceNames(open.roster);
  yield* closeSession(open.line, open.bundle.token);
  yield* eraseSecrets();
  putSetting(
    ctx.store,
    "pairing",
    pairingOf({
      ...{ server: ask.server, serverKey: login.serverKey, login: login.login, vault: object.vault },
      ...{ vaultSigningKey: object.signingKey, vaultKemKey: object.kemKey, device: keys.device },
      deviceName: names.get(keys.device) ?? name,
    }),
  );
}

/** This machine's keys; new ones when the vault has revoked those that it has. */
function* keysFor(roster: Roster): Flow<DeviceKeys> {
  const keys = yield* makeDeviceKeys();
  if (!roster.revocations.some(({ device }) => device === keys.device)) return keys;
  yield* eraseDevice();
  return yield* makeDeviceKeys();
}

function isMember(roster: Roster, device: DeviceId): boolean {
  return roster.devices.some((known) => known.device === device);
}

/** The roster with this machine; `user-too-many-devices`. */
function withDevice(ctx: Context, { object, roster }: HeldVault, keys: DeviceKeys, sealedName: Uint8Array): NextRoster {
  if (roster.devices.length >= MAX_DEVICES)
    throw new CoffreError("user-too-many-devices", "expected room in the roster");
  return (vaultSeed) => {
    const device = certifyDevice(object.vault, keys, sealedName, ctx.now, vaultSeed);
    return { ...roster, version: roster.version + 1, devices: insertDevice(roster.devices, device) };
  };
}

/** The devices with one more, in ascending order of id (F-33). */
function insertDevice(devices: readonly RosterDevice[], device: RosterDevice): RosterDevice[] {
  return [...devices, device].sort((a, b) => (a.device < b.device ? -1 : 1));
}
