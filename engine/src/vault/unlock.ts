// Opening a vault with a passphrase or with the words: what `join` and `open-vault` begin with. Rule: V lies in a memory
// slot when this ends, and everything that is returned was checked against it.
//
//   kdf or server key ─▶ stretched or R ─▶ login key ─▶ start bundle ─▶ unlock key ─▶ V ─▶ F-31 and the roster

import type { ServerAddress } from "../border/transfers.ts";
import { toBase64 } from "../bytes.ts";
import { argonSalt, INFO } from "../crypto/vault-keys.ts";
import { keyFromWords } from "../crypto/words.ts";
import { CoffreError } from "../errors.ts";
import { checkServerKey } from "../evidence/seen.ts";
import { type KdfCost, recoveryWrapContext, wrapContext } from "../format/contexts.ts";
import { parseLogin, saltText } from "../format/vault-object.ts";
import { deriveSlot, eraseSlots, readSlot, SLOT } from "../keys/slots.ts";
import { readBody, readKdf, readServerKey, type StartBundle } from "../peer/answers.ts";
import { Connection } from "../peer/connection.ts";
import type { Context } from "../runtime/context.ts";
import { type Flow, perform } from "../runtime/flow.ts";
import { type CheckedVault, checkVault, readUnverified } from "./opened-vault.ts";
import { type Login, openSession } from "./session.ts";

/** A vault that is open: V is in memory slot `vault-secret`, what logs in in `stretched` or `recovery`. */
export interface OpenVault extends CheckedVault {
  readonly line: Connection;
  readonly login: Login;
  readonly bundle: StartBundle;
}

/** What a person gives to open a vault. */
export interface UnlockAsk {
  readonly server: ServerAddress;
  readonly login: string;
  readonly words?: string;
  readonly code?: string;
}

/**
 * Opens a vault. Errors as `failureOf` knows them, `user-login-malformed` and `user-words-malformed` before any request. What
 * the server shows is still to be held against what was seen before (`held-vault.ts`); its key already was.
 */
export function* unlock(ctx: Context, ask: UnlockAsk): Flow<OpenVault> {
  const name = requireLogin(ask.login);
  const recovery = ask.words === undefined ? null : requireWords(ask.words);
  const line = new Connection(ctx, ask.server);
  let login: Login;
  if (recovery === null) {
    const kdf = readKdf(yield* line.ask({ method: "POST", path: "/v1/kdf", json: { login: name } }));
    checkServerKey(ctx.store, ask.server.url, name, kdf.serverKey);
    yield* stretch(name, kdf.salt16, kdf, "existing");
    login = { login: name, serverKey: kdf.serverKey, by: "passphrase" };
  } else {
    yield* perform({ kind: "secret", op: "write", slot: SLOT.recovery, storage: "memory", bytes: recovery });
    const serverKey = yield* askServerKey(line);
    checkServerKey(ctx.store, ask.server.url, name, serverKey);
    login = { login: name, serverKey, by: "words" };
  }
  if (ask.code === undefined) return yield* openWith(line, login);
  // A code serves once: whatever logs in again later has none.
  return { ...(yield* openWith(line, { ...login, code: ask.code })), login };
}

/** The same again with the slots that are still filled: a fresh session, bundle and roster. */
export function* openWith(line: Connection, login: Login): Flow<OpenVault> {
  const bundle = yield* openSession(line, login);
  yield* openWrap(bundle, login);
  const secret = yield* readSlot(SLOT.vaultSecret, "memory");
  const checked = checkVault(bundle, login.login, secret);
  secret.fill(0);
  return { ...checked, line, login, bundle };
}

/** The server's key by its discovery document (P-11); `peer-not-coffre` when it speaks no version of ours. */
export function* askServerKey(line: Connection): Flow<Uint8Array> {
  const body = yield* line.ask({ method: "GET", path: "/.well-known/coffre" });
  const protocols = readBody(body)["protocols"];
  if (!Array.isArray(protocols) || !protocols.includes("1")) {
    throw new CoffreError("peer-not-coffre", "expected a server of protocol 1");
  }
  return readServerKey(body);
}

/** Fills `stretched` from the prompt's passphrase; `user-passphrase-…`. */
export function* stretch(login: string, salt16: Uint8Array, cost: KdfCost, passphrase: "new" | "existing"): Flow<void> {
  const { memoryKiB, passes, lanes } = cost;
  const answer = yield* perform({
    kind: "derive",
    from: { passphrase },
    how: { argon2id: { salt: toBase64(argonSalt(login, salt16)), memoryKiB, passes, lanes } },
    to: { slot: SLOT.stretched, storage: "memory" },
  });
  switch (answer.kind) {
    case "derived":
      return;
    case "weak":
      throw new CoffreError(`user-passphrase-${answer.reason}`, "the passphrase is too easy to guess");
    case "no-passphrase":
    case "absent":
      throw new CoffreError("user-passphrase-missing", "no passphrase was entered");
  }
}

/** The login in lower case; `user-login-malformed`. */
export function requireLogin(text: string): string {
  const login = parseLogin(text);
  if (login === null) throw new CoffreError("user-login-malformed", "expected 3 to 64 of a-z 0-9 . _ @ -");
  return login;
}

function requireWords(words: string): string {
  const reading = keyFromWords(words);
  if (reading.kind !== "key") throw new CoffreError("user-words-malformed", "expected 24 words whose checksum holds");
  const bytes = toBase64(reading.key);
  reading.key.fill(0);
  return bytes;
}

function* openWrap(bundle: StartBundle, { by }: Login): Flow<void> {
  const object = readUnverified(bundle);
  const [from, info] = by === "passphrase" ? [SLOT.stretched, INFO.unlock] : [SLOT.recovery, INFO.recoveryUnlock];
  yield* deriveSlot(from, info, SLOT.unlock, "memory");
  const answer = yield* perform({
    kind: "open",
    slot: SLOT.unlock,
    context:
      by === "passphrase"
        ? wrapContext(object.vault, object.kdf, saltText(object.salt16))
        : recoveryWrapContext(object.vault),
    bytes: toBase64(by === "passphrase" ? object.wrap : object.recoveryWrap),
    toSlot: { slot: SLOT.vaultSecret, storage: "memory" },
  });
  yield* eraseSlots([SLOT.unlock], "memory");
  if (answer.kind !== "opened") {
    throw new CoffreError("peer-vault-not-authentic", "the login was right, and the wrap does not open");
  }
}
