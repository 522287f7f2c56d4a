// The caller's own account, for a server that makes none for the suite. Rule: what the suite adds to it is a device of its own,
// revoked at the end with all its records, so that the vault's other devices and its restores stay as they were.

import { expectStatus } from "../expectations.ts";
import { CheckFailed } from "../outcome.ts";
import type { Client } from "../wire/client.ts";
import { TargetError } from "../wire/target.ts";
import {
  deriveLoginKey,
  deriveSigningKey,
  isInRange,
  type KdfParameters,
  openWrap,
  sealDeviceName,
  stretch,
} from "./passphrase-keys.ts";
import { bytesAt, type Gain, growRoster, readPayload } from "./roster.ts";
import { base64, exportKey, hashId, idBytes } from "./signatures.ts";
import { VaultKeys } from "./structures.ts";
import { Vault, type VaultState } from "./vault.ts";

const DEVICE_NAME = "coffre-conformance";

export type Account = { readonly login: string; readonly passphrase: string };

/**
 * Opens the account, pairs a device of the suite with it and stores the envelope of its epoch 1. TargetError when the account
 * cannot be used: another passphrase, a second factor, 64 devices.
 */
export async function openAccount(client: Client, serverKey: Uint8Array, account: Account): Promise<VaultState> {
  try {
    const vault = await unlock(client, serverKey, account);
    await vault.openDevice();
    return vault.state;
  } catch (error) {
    throw asTargetError(error);
  }
}

/** Revokes the suite's device, from its first record on; TargetError when that fails. */
export async function leaveAccount(client: Client, serverKey: Uint8Array, state: VaultState): Promise<void> {
  const vault = new Vault(client, state, serverKey);
  const { device } = vault;
  try {
    const session = expectStatus(await vault.logIn(), 201);
    state.fullToken = session.text("token");
    const item = [idBytes(device.id), 0, new Uint8Array(32)];
    await putGrown(vault, session.bytes("roster"), { kind: "revocation", device: device.id, item });
  } catch (error) {
    throw asTargetError(error);
  }
}

/** Logs in, opens the vault's secret with the passphrase and puts a device of the suite on the roster. */
async function unlock(client: Client, serverKey: Uint8Array, { login, passphrase }: Account): Promise<Vault> {
  const asked = expectStatus(await client.send("POST", "/v1/kdf", { json: { login } }), 200);
  const kdf: KdfParameters = [asked.integer("memoryKiB"), asked.integer("passes"), asked.integer("lanes")];
  if (!isInRange(kdf)) throw new CheckFailed("parameters that clients take", kdf.join(", "));
  const salt16 = asked.bytes("salt16", 16);
  const stretched = stretch(passphrase, login, salt16, kdf);
  const loginKey = deriveLoginKey(stretched, serverKey);
  const json = { login, loginKey: base64(loginKey) };
  const session = expectStatus(await client.send("POST", "/v1/sessions", { json }), 201);

  const id = session.text("vault");
  const object = readPayload(session.bytes("vaultObject"));
  const [wrap, kemKey] = [bytesAt(object, 8), bytesAt(object, 11)];
  const vaultSecret = openWrap(wrap, stretched, id, kdf, salt16);
  if (vaultSecret === null) throw new CheckFailed("a wrap that the passphrase opens", "another one");
  const key = deriveSigningKey(vaultSecret);
  if (hashId(exportKey(key), kemKey) !== id) throw new CheckFailed("the keys of the vault's secret", "other ones");

  const keys = new VaultKeys({ login, key, kemKey, loginKey, salt16 });
  const vault = new Vault(client, { keys, invitation: null, token: "", fullToken: session.text("token") }, serverKey);
  const { device } = vault;
  const item = [keys.certificate(device), sealDeviceName(vaultSecret, id, device.id, DEVICE_NAME)];
  await putGrown(vault, session.bytes("roster"), { kind: "device", device: device.id, item });
  return vault;
}

async function putGrown(vault: Vault, roster: Uint8Array, gain: Gain): Promise<void> {
  const grown = growRoster(roster, vault.keys, gain);
  if (grown === null) throw new CheckFailed("a roster that the vault signed", "another one");
  expectStatus(await vault.putRoster(grown), 200);
}

function asTargetError(error: unknown): unknown {
  return error instanceof CheckFailed
    ? new TargetError(`--login: the account cannot be used: ${error.message}`)
    : error;
}
