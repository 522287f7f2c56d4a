// What this machine has seen of vaults, kept in its home (docs/host-api.md §4, `evidence` and `learn`). Rule: readers work
// elsewhere, so they are handed what the home knows, and the home is told what they saw; the texts are the engine's.

import { createEngine } from "coffre-engine";
import { CommandFailed } from "./command-end.ts";
import type { Home } from "./home.ts";
import { SYSTEM_CLOCK } from "./host/clock.ts";
import { Runtime } from "./host/runtime.ts";
import { Store } from "./host/store.ts";
import { readHome } from "./session.ts";

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
  const runtime = new Runtime({
    createEngine,
    store,
    clock: SYSTEM_CLOCK,
    started: null,
    carryOut: async () => ({ kind: "failed", reason: "host-unsupported" }),
    onView: () => {},
    onWatch: () => {},
    onFault: () => {},
  });
  try {
    const result = await runtime.ask({ kind: "learn", known });
    return result.kind === "result" && result.outcome === "ok";
  } catch {
    return false;
  } finally {
    runtime.stop(new CommandFailed("user-stopped", ""));
    store.close();
  }
}
