// The vault that the index is of, from one process to the next. Rule: another vault, or another server, begins with empty
// tables; whether what the server shows is older than what was seen, `vault/held-vault.ts` decides.

import type { Store } from "../../store/store.ts";
import type { OpenVault } from "../../vault/unlock.ts";
import { putRestoring, readRestoring } from "../job.ts";
import { clearIndex } from "../tables/index-rows.ts";
import { clearRestore } from "../tables/restored-files.ts";

/** Takes a vault that was just opened. */
export function rememberVault(store: Store, { object, line }: OpenVault): void {
  const known = readRestoring(store);
  const { vault } = object;
  const server = line.server.url;
  const isKnown = known !== null && known.vault === vault && known.server === server;
  if (!isKnown) {
    clearRestore(store);
    clearIndex(store);
  }
  putRestoring(store, { server, vault, job: isKnown ? known.job : null });
}
