// New wraps of the vault secret: another passphrase, other recovery words (docs/protocol.md P-24). Rule: the secret stays what it is,
// so no blob is touched; a vault object is put as a whole, with the next number, and the same again when its answer was lost.

import { fromBase64, toBase64 } from "../bytes.ts";
import { sha256 } from "../crypto/hash.ts";
import { deriveVaultKeys, INFO } from "../crypto/vault-keys.ts";
import { wordsFromKey } from "../crypto/words.ts";
import { noteStructure } from "../evidence/seen.ts";
import { recoveryWrapContext, wrapContext } from "../format/contexts.ts";
import { signPayload } from "../format/signed.ts";
import {
  encodeVaultObject,
  NEW_VAULT_KDF,
  saltText,
  type VaultObject,
  vaultObjectTag,
} from "../format/vault-object.ts";
import { type Digest, digestOf } from "../ids.ts";
import { deriveBytes, deriveSlot, eraseSlots, makeSlot, readSlot, SLOT, slotAbsent } from "../keys/slots.ts";
import type { Context } from "../runtime/context.ts";
import { type Flow, perform } from "../runtime/flow.ts";
import type { HeldVault } from "../vault/held-vault.ts";
import { stretch } from "../vault/unlock.ts";

const SALT_BYTES = 16;

type Change =
  | Pick<VaultObject, "loginHash" | "kdf" | "salt16" | "wrap">
  | Pick<VaultObject, "recoveryLoginHash" | "recoveryWrap">;

/** Asks for a new passphrase, and makes it the one that opens the vault. `user-passphrase-…`. */
export function* changePassphrase(ctx: Context, held: HeldVault): Flow<HeldVault> {
  const { vault, login } = held.object;
  const salt16 = ctx.entropy.draw(SALT_BYTES);
  yield* stretch(login, salt16, NEW_VAULT_KDF, "new");
  yield* deriveSlot(SLOT.stretched, INFO.unlock, SLOT.unlock, "memory");
  const wrap = yield* wrapSecret(SLOT.unlock, wrapContext(vault, NEW_VAULT_KDF, saltText(salt16)));
  const loginHash = yield* hashOf(SLOT.stretched, INFO.login(held.login.serverKey));
  return yield* putObject(ctx, held, { loginHash, kdf: NEW_VAULT_KDF, salt16, wrap });
}

/** Makes new words, shows them, and then makes them those that open the vault: whoever never got them keeps the old ones. */
export function* renewWords(ctx: Context, held: HeldVault): Flow<HeldVault> {
  // What was typed may lie there: a slot that is there would be kept.
  yield* eraseSlots([SLOT.recovery], "memory");
  yield* makeSlot(SLOT.recovery, "memory");
  const key = yield* readSlot(SLOT.recovery, "memory");
  ctx.show({ kind: "words", words: wordsFromKey(key) });
  key.fill(0);
  yield* deriveSlot(SLOT.recovery, INFO.recoveryUnlock, SLOT.recoveryUnlock, "memory");
  const recoveryWrap = yield* wrapSecret(SLOT.recoveryUnlock, recoveryWrapContext(held.object.vault));
  const recoveryLoginHash = yield* hashOf(SLOT.recovery, INFO.recoveryLogin(held.login.serverKey));
  return yield* putObject(ctx, held, { recoveryLoginHash, recoveryWrap });
}

function* putObject(ctx: Context, held: HeldVault, change: Change): Flow<HeldVault> {
  const { line, bundle } = held;
  const object = { ...held.object, ...change, number: held.object.number + 1 };
  const secret = yield* readSlot(SLOT.vaultSecret, "memory");
  const { signingSeed, kemSeed } = deriveVaultKeys(secret);
  const signed = signPayload("vault-object", encodeVaultObject(object), signingSeed);
  for (const bytes of [secret, signingSeed, kemSeed]) bytes.fill(0);
  const json = { vaultObject: toBase64(signed), previousTag: bundle.tag };
  yield* line.ask({ method: "PUT", path: "/v1/vault", bearer: bundle.token, json });
  noteStructure(ctx.store, object.vault, "object", signed, "higher");
  yield* eraseSlots([SLOT.unlock, SLOT.recoveryUnlock], "memory");
  return { ...held, object, bundle: { ...bundle, vaultObject: signed, tag: vaultObjectTag(signed) } };
}

function* wrapSecret(slot: string, context: string): Flow<Uint8Array> {
  const answer = yield* perform({ kind: "seal", slot, context, fromSlot: SLOT.vaultSecret });
  if (answer.kind !== "sealed") throw slotAbsent();
  return fromBase64(answer.bytes);
}

function* hashOf(slot: string, info: string): Flow<Digest> {
  const key = yield* deriveBytes(slot, info);
  const hash = digestOf(sha256(key));
  key.fill(0);
  return hash;
}
