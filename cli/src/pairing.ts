// What `init` and `join` have in common. Rule: a home that is paired stays as it is.

import type { Ask } from "coffre-engine";
import { CommandFailed } from "./command-end.ts";
import type { Home, Pairing } from "./home.ts";
import { failedWith, type Session } from "./session.ts";

/** Pairs the home by `ask`, and writes down with whom. */
export async function pair(session: Session, home: Home, pairing: Pairing, ask: Ask): Promise<void> {
  const status = await session.ask({ kind: "status" });
  if (status.kind === "status" && status.paired) throw failedWith("user-already-paired");
  // Written first: a process that ends after the server made the vault must still know where it is.
  home.writePairing(pairing);
  try {
    await session.must(ask);
  } catch (error) {
    if (error instanceof CommandFailed && error.code !== "user-stopped") home.removePairing();
    throw error;
  }
}
