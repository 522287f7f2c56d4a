// Logging in (docs/protocol.md P-21, P-22): from a slot that holds a stretched passphrase or a recovery key to a start
// bundle. Rule: the login key is made anew for each session, leaves in one request and is kept nowhere.

import { toBase64 } from "../bytes.ts";
import { INFO } from "../crypto/vault-keys.ts";
import { deriveBytes, SLOT } from "../keys/slots.ts";
import { readStartBundle, type StartBundle } from "../peer/answers.ts";
import type { Connection } from "../peer/connection.ts";
import { failureOf } from "../peer/failures.ts";
import type { Flow } from "../runtime/flow.ts";

/** Who logs in: `by` says which memory slot is filled, `stretched` or `recovery`. */
export interface Login {
  readonly login: string;
  readonly serverKey: Uint8Array;
  readonly by: "passphrase" | "words";
  /** A code of the second factor, for the first session alone: each serves once. */
  readonly code?: string;
}

/** A session of scope `full`. Throws `Refused` with `login-refused` and its kin. */
export function* openSession(line: Connection, { login, serverKey, by, code }: Login): Flow<StartBundle> {
  const key =
    by === "passphrase"
      ? yield* deriveBytes(SLOT.stretched, INFO.login(serverKey))
      : yield* deriveBytes(SLOT.recovery, INFO.recoveryLogin(serverKey));
  const loginKey = toBase64(key);
  key.fill(0);
  const json = { login, loginKey, ...(code === undefined ? {} : { code }) };
  return readStartBundle(yield* line.ask({ method: "POST", path: "/v1/sessions", json }));
}

/** Ends a session early; nothing depends on it, since tokens end by themselves. */
export function* closeSession(line: Connection, token: string): Flow<void> {
  try {
    yield* line.ask({ method: "DELETE", path: "/v1/sessions", bearer: token });
  } catch (error) {
    // The token lives an hour at the most; only our own bugs and the Store's go on from here.
    failureOf(error);
  }
}
