// A session of a command that changes something in its home. Rule: it asks for no passphrase and talks to nobody unless
// `work` does.

import type { View } from "coffre-engine";
import { type CommandFrame, showTrouble, showWork } from "./command-run.ts";
import { NO_PASSPHRASE } from "./host/passphrase-source.ts";
import { type Session, withSession } from "./session.ts";

/** Runs `work` with the engine on the command's home, showing progress and notices. */
export function withHome<T>(frame: CommandFrame, work: (session: Session) => Promise<T>): Promise<T> {
  const onView = (view: View): void => showWork(frame, view);
  const onTrouble = (message: string): void => showTrouble(frame, message);
  return withSession({ home: frame.home, role: "backup", passphrases: NO_PASSPHRASE, onView, onTrouble }, work);
}
