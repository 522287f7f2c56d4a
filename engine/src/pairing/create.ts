// Making a vault (docs/protocol.md P-20). Rule: whatever is sent is frozen first, so that a crash anywhere leaves either
// nothing or an account that the same ask finds again.
//
//   server key ─▶ V, R, device seeds ─▶ passphrase ─▶ wraps, names ─▶ draft frozen ─▶ POST ─▶ paired, words shown
//                                                                        ▲                        │
//                                        the same ask after a crash ─────┘       slots erased, draft dropped

import type { Ask } from "../border/asks.ts";
import { fromBase64, toBase64 } from "../bytes.ts";
import { sha256 } from "../crypto/hash.ts";
import { deriveVaultKeys, INFO } from "../crypto/vault-keys.ts";
import { wordsFromKey } from "../crypto/words.ts";
import { CoffreError } from "../errors.ts";
import { noteServer, noteStructure } from "../evidence/seen.ts";
import { recoveryWrapContext, wrapContext } from "../format/contexts.ts";
import { encodeRoster } from "../format/roster.ts";
import { signPayload } from "../format/signed.ts";
import { encodeVaultObject, NEW_VAULT_KDF, saltText } from "../format/vault-object.ts";
import type { Digest, VaultId } from "../ids.ts";
import { digestOf } from "../ids.ts";
import { deriveNames, fitDeviceName, sealDeviceName } from "../keys/device-names.ts";
import { deriveBytes, deriveSlot, makeSlot, readSlot, SLOT } from "../keys/slots.ts";
import { Connection } from "../peer/connection.ts";
import { Refused } from "../peer/failures.ts";
import type { Context } from "../runtime/context.ts";
import { type Flow, perform } from "../runtime/flow.ts";
import { getSetting, putSetting } from "../store/settings.ts";
import { askServerKey, requireLogin, stretch } from "../vault/unlock.ts";
import { certifyDevice, makeDeviceKeys } from "./device-keys.ts";
import {
  type CreateDraft,
  eraseDevice,
  eraseSecrets,
  isDraftOf,
  pairingOf,
  putDraft,
  readDraft,
  serverKeyOf,
} from "./draft.ts";

type CreateAsk = Ask & { readonly kind: "create" };

const SALT_BYTES = 16;

/** Makes the vault, pairs this machine and shows the words. Errors as `failureOf` knows them. */
export function* create(ctx: Context, ask: CreateAsk): Flow<void> {
  const login = requireLogin(ask.login);
  const line = new Connection(ctx, ask.server);
  const draft = yield* findDraft(ctx, line, ask, login);
  if (getSetting(ctx.store, "pairing") === null) {
    yield* post(ctx, line, draft, ask.invitation);
    putSetting(ctx.store, "pairing", { ...draft.pairing, server: ask.server });
    noteVault(ctx, draft);
  }
  yield* showWords(ctx);
  yield* eraseSecrets();
  putDraft(ctx.store, null);
}

function* findDraft(ctx: Context, line: Connection, ask: CreateAsk, login: string): Flow<CreateDraft> {
  const found = readDraft(ctx.store);
  if (found !== null && isDraftOf(found, ask.server, login)) return found;
  if (getSetting(ctx.store, "pairing") !== null) {
    throw new CoffreError("user-already-paired", "this machine already belongs to a vault");
  }
  const serverKey = yield* askServerKey(line);
  // What an ask for another vault left behind must not become part of this one.
  putDraft(ctx.store, null);
  yield* eraseSecrets();
  yield* eraseDevice();
  const draft = yield* makeDraft(ctx, ask, login, serverKey);
  putDraft(ctx.store, draft);
  return draft;
}

function* makeDraft(ctx: Context, ask: CreateAsk, login: string, serverKey: Uint8Array): Flow<CreateDraft> {
  const salt16 = ctx.entropy.draw(SALT_BYTES);
  yield* stretch(login, salt16, NEW_VAULT_KDF, "new");
  yield* makeSlot(SLOT.vaultSecret, "device");
  yield* makeSlot(SLOT.recovery, "device");
  const { vault, signingKey, kemKey } = yield* readPublicKeys();
  const wraps = yield* wrapSecret(vault, salt16);
  const loginHash = yield* hashLoginKey(SLOT.stretched, INFO.login(serverKey));
  const recoveryLoginHash = yield* hashLoginKey(SLOT.recovery, INFO.recoveryLogin(serverKey));
  yield* deriveSlot(SLOT.vaultSecret, INFO.dedup, SLOT.dedup, "device");
  yield* deriveNames();
  const keys = yield* makeDeviceKeys();
  const deviceName = fitDeviceName(ask.deviceName);
  const sealedName = yield* sealDeviceName(vault, keys.device, deviceName);

  const secret = yield* readSlot(SLOT.vaultSecret, "device");
  const { signingSeed, kemSeed } = deriveVaultKeys(secret);
  const payload = encodeVaultObject({
    ...{ vault, number: 1, login, loginHash, recoveryLoginHash, kdf: NEW_VAULT_KDF, salt16 },
    ...{ ...wraps, signingKey, kemKey, generation: 0 },
  });
  const vaultObject = signPayload("vault-object", payload, signingSeed);
  const device = certifyDevice(vault, keys, sealedName, ctx.now, signingSeed);
  const roster = encodeRoster({ vault, version: 1, devices: [device], revocations: [] });
  const signedRoster = signPayload("roster", roster, signingSeed);
  for (const bytes of [secret, signingSeed, kemSeed]) bytes.fill(0);
  return {
    vaultObject: toBase64(vaultObject),
    roster: toBase64(signedRoster),
    pairing: pairingOf({
      ...{ server: ask.server, serverKey, login, vault, vaultSigningKey: signingKey, vaultKemKey: kemKey },
      ...{ device: keys.device, deviceName },
    }),
  };
}

function* readPublicKeys(): Flow<{ vault: VaultId; signingKey: Uint8Array; kemKey: Uint8Array }> {
  const secret = yield* readSlot(SLOT.vaultSecret, "device");
  const { vault, signingKey, kemKey, signingSeed, kemSeed } = deriveVaultKeys(secret);
  for (const bytes of [secret, signingSeed, kemSeed]) bytes.fill(0);
  return { vault, signingKey, kemKey };
}

function* wrapSecret(vault: VaultId, salt16: Uint8Array): Flow<{ wrap: Uint8Array; recoveryWrap: Uint8Array }> {
  yield* deriveSlot(SLOT.stretched, INFO.unlock, SLOT.unlock, "memory");
  const wrap = yield* sealSecret(SLOT.unlock, wrapContext(vault, NEW_VAULT_KDF, saltText(salt16)));
  yield* deriveSlot(SLOT.recovery, INFO.recoveryUnlock, SLOT.recoveryUnlock, "memory");
  const recoveryWrap = yield* sealSecret(SLOT.recoveryUnlock, recoveryWrapContext(vault));
  return { wrap, recoveryWrap };
}

function* sealSecret(slot: string, context: string): Flow<Uint8Array> {
  const answer = yield* perform({ kind: "seal", slot, context, fromSlot: SLOT.vaultSecret });
  if (answer.kind !== "sealed") throw new CoffreError("host-slot-absent", "expected the vault secret");
  return fromBase64(answer.bytes);
}

function* hashLoginKey(slot: string, info: string): Flow<Digest> {
  const key = yield* deriveBytes(slot, info);
  const hash = digestOf(sha256(key));
  key.fill(0);
  return hash;
}

/** Sends the draft. A refusal that no repetition changes drops it with all its keys; trouble leaves it for the next ask. */
function* post(ctx: Context, line: Connection, draft: CreateDraft, invitation: string | undefined): Flow<void> {
  const { vaultObject, roster, pairing } = draft;
  const json = { login: pairing.login, vaultObject, roster, ...(invitation === undefined ? {} : { invitation }) };
  try {
    yield* line.ask({ method: "POST", path: "/v1/accounts", json });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    putDraft(ctx.store, null);
    yield* eraseSecrets();
    yield* eraseDevice();
    throw error;
  }
}

/** The vault as this machine saw it first: what any server shows of it later is held against this. */
function noteVault({ store }: Context, { pairing, vaultObject, roster }: CreateDraft): void {
  const { vault, login, server } = pairing;
  noteServer(store, vault, { url: server.url, login, key: serverKeyOf(pairing) });
  noteStructure(store, vault, "object", fromBase64(vaultObject), "instead");
  noteStructure(store, vault, "roster", fromBase64(roster), "instead");
}

/** Shows R as words, unless it was erased: then it had been shown before. */
function* showWords(ctx: Context): Flow<void> {
  const answer = yield* perform({ kind: "secret", op: "read", slot: SLOT.recovery, storage: "device" });
  if (answer.kind !== "done" || answer.bytes === undefined) return;
  const key = fromBase64(answer.bytes);
  ctx.show({ kind: "words", words: wordsFromKey(key) });
  key.fill(0);
}
