// Pairing this machine with a vault that is there (docs/protocol.md P-26). Rule: former devices and revocations are kept
// as they are and as this machine saw them before, and shown before they are signed; a machine that asks twice is one device,
// because its seeds stay in their slots; a name has one device.

import type { Ask } from "../border/asks.ts";
import { toBase64 } from "../bytes.ts";
import { deriveVaultKeys, INFO } from "../crypto/vault-keys.ts";
import { CoffreError } from "../errors.ts";
import { noteStructure } from "../evidence/seen.ts";
import { encodeRoster, MAX_DEVICES, type Roster, type RosterDevice } from "../format/roster.ts";
import { signPayload } from "../format/signed.ts";
import type { DeviceId } from "../ids.ts";
import {
  deriveNames,
  findFreeName,
  fitDeviceName,
  openDeviceNames,
  sealDeviceName,
  tellApart,
  viewDevices,
} from "../keys/device-names.ts";
import { deriveSlot, readSlot, SLOT } from "../keys/slots.ts";
import { Refused } from "../peer/failures.ts";
import type { Context } from "../runtime/context.ts";
import type { Flow } from "../runtime/flow.ts";
import { getSetting, putSetting } from "../store/settings.ts";
import { type HeldVault, holdAgainstEvidence } from "../vault/held-vault.ts";
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
    const added = yield* putRoster(ctx, open, keys, sealedName, tries === TRIES);
    if (added) break;
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

/** False when the roster has changed since it was read, unless this was the last try. */
function* putRoster(
  ctx: Context,
  { line, object, roster, bundle, isRosterRefused }: HeldVault,
  keys: DeviceKeys,
  sealedName: Uint8Array,
  isLast: boolean,
): Flow<boolean> {
  if (roster.devices.length >= MAX_DEVICES)
    throw new CoffreError("user-too-many-devices", "expected room in the roster");
  const secret = yield* readSlot(SLOT.vaultSecret, "memory");
  const { signingSeed, kemSeed } = deriveVaultKeys(secret);
  const device = certifyDevice(object.vault, keys, sealedName, ctx.now, signingSeed);
  const next: Roster = { ...roster, version: roster.version + 1, devices: insertDevice(roster.devices, device) };
  const signed = signPayload("roster", encodeRoster(next), signingSeed);
  for (const bytes of [secret, signingSeed, kemSeed]) bytes.fill(0);
  try {
    yield* line.ask({ method: "PUT", path: "/v1/roster", bearer: bundle.token, json: { roster: toBase64(signed) } });
    noteStructure(ctx.store, object.vault, "roster", signed, "higher");
    return true;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (error.problem === "roster-behind" && !isLast) return false;
    // It went back to before records that a revocation names, or before devices that this one cannot tell it of.
    if (isRosterRefused) throw new CoffreError("peer-went-back", "the server takes no roster that follows the newest");
    throw error;
  }
}

/** Shows the devices and revocations that the next roster will hold beside this machine, before it is signed. */
function* showDevices(ctx: Context, { roster, certificates }: HeldVault): Flow<void> {
  const names = tellApart(yield* openDeviceNames(roster));
  ctx.show({ kind: "devices", devices: viewDevices(roster, certificates, names) });
}

/** The devices with one more, in ascending order of id (F-33). */
function insertDevice(devices: readonly RosterDevice[], device: RosterDevice): RosterDevice[] {
  return [...devices, device].sort((a, b) => (a.device < b.device ? -1 : 1));
}
