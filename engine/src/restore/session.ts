// The session of a person who restores: a token of scope `full` that is renewed when it ends (docs/protocol.md P-22).
// Rule: whoever asks over a session never sees `unauthorized`, unless a fresh token is refused too.

import { CoffreError } from "../errors.ts";
import type { Connection, Question } from "../peer/connection.ts";
import { Refused } from "../peer/failures.ts";
import type { Flow } from "../runtime/flow.ts";
import { openSession } from "../vault/session.ts";
import type { OpenVault } from "../vault/unlock.ts";

/** How often in a row a fresh token may be refused. */
const MAX_RENEWALS = 3;

export class Session {
  readonly vault: OpenVault;
  readonly line: Connection;
  #token: string;
  #renewals = 0;

  constructor(vault: OpenVault) {
    this.vault = vault;
    this.line = vault.line;
    this.#token = vault.bundle.token;
  }

  /** What goes into `Authorization`. */
  get token(): string {
    return this.#token;
  }

  /** Says that the server took the token. */
  accepted(): void {
    this.#renewals = 0;
  }

  /** The body of a GET. Errors as `Connection.ask`, but for `unauthorized`. */
  get(path: string): Flow<string | null> {
    return this.send({ method: "GET", path });
  }

  /** The body of a success. Errors as `Session.get`. */
  *send(question: Question): Flow<string | null> {
    for (;;) {
      try {
        const body = yield* this.line.ask({ ...question, bearer: this.#token });
        this.accepted();
        return body;
      } catch (error) {
        if (!(error instanceof Refused) || error.problem !== "unauthorized") throw error;
        yield* this.renew();
      }
    }
  }

  /** Asks whether the server answers at all. Errors as `Session.get`. */
  *check(): Flow<void> {
    yield* this.get("/v1/vault");
  }

  /** Logs in again with what still lies in the memory slots. */
  *renew(): Flow<void> {
    this.#renewals += 1;
    if (this.#renewals > MAX_RENEWALS) throw new CoffreError("peer-refused", "fresh tokens are refused");
    const bundle = yield* openSession(this.line, this.vault.login);
    this.#token = bundle.token;
  }
}
