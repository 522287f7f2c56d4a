// What `init` and `join` have in common. Rule: a home that is paired stays as it is.

import type { Ask } from "coffre-engine";
import type { Ended } from "../../host-loop/src/index.ts";
import { CommandFailed } from "./command-end.ts";
import type { Home, Pairing } from "./home.ts";
import type { Session } from "./session.ts";

/** The words could not be shown: the vault is there, and the same command shows them. */
export const WORDS_UNSEEN = "user-words-unseen";

/** After these the same command goes on where this one ended. */
const GOES_ON: ReadonlySet<string> = new Set(["user-stopped", WORDS_UNSEEN]);

/** Pairs the home by `ask`, and writes down with whom. */
export async function pair(session: Session, home: Home, pairing: Pairing, ask: Ask): Promise<Ended> {
  const status = await session.ask({ kind: "status" });
  if (status.kind === "status" && status.paired) {
    // The engine refuses, unless it made this very vault and nobody has seen its words yet.
    return await session.must(ask);
  }
  // Written first: a process that ends after the server made the vault must still know where it is.
  home.writePairing(pairing);
  try {
    return await session.must(ask);
  } catch (error) {
    if (error instanceof CommandFailed && !GOES_ON.has(error.code)) home.removePairing();
    throw error;
  }
}
