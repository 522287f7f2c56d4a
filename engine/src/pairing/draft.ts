// What `create` froze before it was sent, and what a pairing is made of. Rule: the draft holds signed and public bytes
// alone; V and R wait in device slots until the words were shown.

import type { ServerAddress } from "../border/transfers.ts";
import { fromBase64, toBase64 } from "../bytes.ts";
import type { DeviceId, VaultId } from "../ids.ts";
import { eraseSlots, SLOT } from "../keys/slots.ts";
import type { Flow } from "../runtime/flow.ts";
import type { Pairing } from "../store/settings.ts";
import { getSetting, putSetting } from "../store/settings.ts";
import type { Store } from "../store/store.ts";

/** Setting `pairingDraft`: an account about to be made, and the pairing that it will be. Bytes are base64. */
export interface CreateDraft {
  readonly vaultObject: string;
  readonly roster: string;
  readonly pairing: Pairing;
}

/** The frozen draft, or null. */
export function readDraft(store: Store): CreateDraft | null {
  return getSetting(store, "pairingDraft") as CreateDraft | null;
}

/** Freezes or (null) drops the draft. */
export function putDraft(store: Store, draft: CreateDraft | null): void {
  putSetting(store, "pairingDraft", draft);
}

/** Whether a draft was made for this server and login. */
export function isDraftOf(draft: CreateDraft, server: ServerAddress, login: string): boolean {
  return draft.pairing.server.url === server.url && draft.pairing.login === login;
}

/** A pairing from its parts; keys come as bytes. */
export function pairingOf(parts: {
  readonly server: ServerAddress;
  readonly serverKey: Uint8Array;
  readonly login: string;
  readonly vault: VaultId;
  readonly vaultSigningKey: Uint8Array;
  readonly vaultKemKey: Uint8Array;
  readonly device: DeviceId;
  readonly deviceName: string;
}): Pairing {
  return {
    ...parts,
    serverKey: toBase64(parts.serverKey),
    vaultSigningKey: toBase64(parts.vaultSigningKey),
    vaultKemKey: toBase64(parts.vaultKemKey),
  };
}

/** The server's key of a pairing, 32 bytes. */
export function serverKeyOf(pairing: Pairing): Uint8Array {
  return fromBase64(pairing.serverKey);
}

/** Erases what must not outlive pairing (F-15): V, R, the passphrase's keys, the names key. */
export function* eraseSecrets(): Flow<void> {
  yield* eraseSlots([SLOT.recovery, SLOT.vaultSecret], "device");
  yield* eraseSlots(
    [SLOT.stretched, SLOT.unlock, SLOT.recovery, SLOT.recoveryUnlock, SLOT.vaultSecret, SLOT.names],
    "memory",
  );
}

/** Erases what a device of this vault would have kept, when there will be no such device. */
export function* eraseDevice(): Flow<void> {
  yield* eraseSlots([SLOT.deviceSign, SLOT.deviceKem, SLOT.dedup], "device");
}
