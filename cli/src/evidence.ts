// What this machine has seen of vaults, kept in its home (docs/host-api.md §4, `evidence` and `learn`). Rule: readers work
// elsewhere, so they are handed what the home knows, and the home is told what they saw; the texts are the engine's.

import type { Home } from "./home.ts";
import { Store } from "./host/store.ts";
import { askTables, readHome } from "./session.ts";

/** What the home knows of the vaults of a login; null when it is paired, and its database cannot be read. */
export async function recallEvidence(home: Home, login: string): Promise<readonly string[] | null> {
  try {
    const result = await readHome(home, { kind: "evidence", login });
    return result !== null && result.kind === "result" && result.ask === "evidence" ? result.known : [];
  } catch {
    // A home that is damaged keeps nobody from what the vault holds.
    return null;
  }
}

/** Has the home learn what a reader saw, also while another process works with it. False when it could not. */
export async function learnEvidence(home: Home, known: string): Promise<boolean> {
  let store: Store;
  try {
    home.checkComplete();
    home.make();
    store = Store.open(home.database);
  } catch {
    return false;
  }
  try {
    const result = await askTables(store, { kind: "learn", known });
    return result.kind === "result" && result.outcome === "ok";
  } catch {
    return false;
  } finally {
    store.close();
  }
}
