// The vault that the index is of, from one process to the next (docs/format.md F-32). Rule: another vault begins with
// empty tables; an older state of the same vault, or another key of its server, is refused.

import { toBase64 } from "../bytes.ts";
import { CoffreError } from "../errors.ts";
import type { Store } from "../store/store.ts";
import type { OpenVault } from "../vault/unlock.ts";
import { putRestoring, type Restoring, readRestoring } from "./job.ts";
import { clearIndex } from "./schema.ts";

/** Takes a vault that was just opened. `peer-key-changed`, `peer-vault-not-authentic`, `peer-roster-not-authentic`. */
export function rememberVault(store: Store, open: OpenVault): void {
  const known = readRestoring(store);
  const { object, roster, line, login } = open;
  const next: Restoring = {
    server: line.server.url,
    login: login.login,
    serverKey: toBase64(login.serverKey),
    vault: object.vault,
    objectNumber: object.number,
    rosterVersion: roster.version,
    job: null,
  };
  if (known === null || known.vault !== next.vault || known.server !== next.server) {
    clearIndex(store);
    putRestoring(store, next);
    return;
  }
  if (known.serverKey !== next.serverKey) {
    throw new CoffreError("peer-key-changed", "expected the key that signed this server's receipts before");
  }
  if (next.objectNumber < known.objectNumber) {
    throw new CoffreError("peer-vault-not-authentic", "the server gave an older vault object than before");
  }
  if (next.rosterVersion < known.rosterVersion) {
    throw new CoffreError("peer-roster-not-authentic", "the server gave an older roster than before");
  }
  putRestoring(store, { ...next, job: known.job });
}
