// The second factor of a vault's logins (docs/protocol.md P-25): enrolled, confirmed by a first code, removed. Rule: each request bears a
// statement that the vault signs now, by the server's clock, since this machine's may be wrong.

import { toBase64 } from "../bytes.ts";
import { deriveVaultKeys } from "../crypto/vault-keys.ts";
import { CoffreError } from "../errors.ts";
import { encodeCbor } from "../format/cbor.ts";
import { idBytes } from "../format/id-bytes.ts";
import { signPayload } from "../format/signed.ts";
import { readSlot, SLOT } from "../keys/slots.ts";
import { type Enrolment, readEnrolment, readServerTime } from "../peer/answers.ts";
import { Refused } from "../peer/failures.ts";
import type { Flow } from "../runtime/flow.ts";
import type { HeldVault } from "../vault/held-vault.ts";

const ACTION = { remove: 0, enrol: 1 } as const;
const PATH = "/v1/second-factor";

/** Begins: what an authenticator needs, and the codes that replace it. Nothing is asked for at a login until it is confirmed. */
export function* beginSecondFactor(held: HeldVault): Flow<Enrolment> {
  const statement = yield* signStatement(held, ACTION.enrol);
  const { line, bundle } = held;
  return readEnrolment(yield* line.ask({ method: "PUT", path: PATH, bearer: bundle.token, json: { statement } }));
}

/** Confirms it with a code of the authenticator. `user-code-refused`. */
export function* confirmSecondFactor(held: HeldVault, code: string): Flow<void> {
  const statement = yield* signStatement(held, ACTION.enrol);
  const { line, bundle } = held;
  try {
    yield* line.ask({ method: "PUT", path: PATH, bearer: bundle.token, json: { statement, code } });
  } catch (error) {
    if (!(error instanceof Refused) || error.problem !== "login-refused") throw error;
    throw new CoffreError("user-code-refused", "the code is not the authenticator's");
  }
}

/** Removes it; there being none is fine. */
export function* removeSecondFactor(held: HeldVault): Flow<void> {
  const statement = yield* signStatement(held, ACTION.remove);
  const { line, bundle } = held;
  yield* line.ask({ method: "DELETE", path: PATH, bearer: bundle.token, json: { statement } });
}

function* signStatement({ line, object }: HeldVault, action: number): Flow<string> {
  const timeMs = readServerTime(yield* line.ask({ method: "GET", path: "/.well-known/coffre" }));
  const secret = yield* readSlot(SLOT.vaultSecret, "memory");
  const { signingSeed, kemSeed } = deriveVaultKeys(secret);
  const signed = signPayload("second-factor", encodeCbor([1, idBytes(object.vault), action, timeMs]), signingSeed);
  for (const bytes of [secret, signingSeed, kemSeed]) bytes.fill(0);
  return toBase64(signed);
}
