// A device's own key pairs (docs/format.md 4): made in slots, public halves computed within a step. Rule: a seed that
// was read is overwritten before the step ends.

import { ed25519PublicKey } from "../crypto/ed25519.ts";
import { kemPublicKey } from "../crypto/hpke.ts";
import { deviceIdOf } from "../crypto/vault-keys.ts";
import { encodeCertificate, type RosterDevice } from "../format/roster.ts";
import { signPayload } from "../format/signed.ts";
import type { DeviceId, VaultId } from "../ids.ts";
import { makeSlot, readSlot, SLOT } from "../keys/slots.ts";
import type { Flow } from "../runtime/flow.ts";

/** The public keys of this device, 32 and 1,216 bytes. */
export interface DeviceKeys {
  readonly device: DeviceId;
  readonly signingKey: Uint8Array;
  readonly kemKey: Uint8Array;
}

/** This device's keys; seeds that are there are kept, so that asking again makes no second device. */
export function* makeDeviceKeys(): Flow<DeviceKeys> {
  yield* makeSlot(SLOT.deviceSign, "device");
  yield* makeSlot(SLOT.deviceKem, "device");
  const signSeed = yield* readSlot(SLOT.deviceSign, "device");
  const signingKey = ed25519PublicKey(signSeed);
  signSeed.fill(0);
  const kemSeed = yield* readSlot(SLOT.deviceKem, "device");
  const kemKey = kemPublicKey(kemSeed);
  kemSeed.fill(0);
  return { device: deviceIdOf(signingKey), signingKey, kemKey };
}

/** This device as the roster has it, certified by the vault's signing seed of 32 bytes. */
export function certifyDevice(
  vault: VaultId,
  keys: DeviceKeys,
  sealedName: Uint8Array,
  createdAtMs: number,
  vaultSeed: Uint8Array,
): RosterDevice {
  const certificate = signPayload("certificate", encodeCertificate({ vault, ...keys, createdAtMs }), vaultSeed);
  return { device: keys.device, certificate, sealedName };
}
