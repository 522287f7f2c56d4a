// Changing a vault, from any machine: what the owner's commands have in common. Rule: they work in a folder of their own that is
// gone afterwards, and ask for everything before anything is changed.

import { rmSync } from "node:fs";
import type { CommandFrame, CommandResult } from "./command-run.ts";
import { makeIndexFolder } from "./commands/ls.ts";
import { Home } from "./home.ts";
import { NO_PASSPHRASE, PassphrasePrompt, type PassphraseSource, PassphraseText } from "./host/passphrase-source.ts";
import { type OpenedBy, type VaultOptions, withVault } from "./restore-session.ts";
import { readSecretFile } from "./secret-input.ts";
import type { Session } from "./session.ts";

/** Opens the vault that the options name, and runs `work`; its index is this process's alone. */
export async function withOwnVault(
  frame: CommandFrame,
  options: VaultOptions,
  work: (session: Session) => Promise<CommandResult>,
  opened: OpenedBy = {},
): Promise<CommandResult> {
  const folder = makeIndexFolder();
  const clean = (): void => rmSync(folder, { recursive: true, force: true });
  process.once("exit", clean);
  try {
    return await withVault(frame, options, new Home(folder, true), () => {}, work, null, opened);
  } finally {
    process.off("exit", clean);
    clean();
  }
}

/** Where a new passphrase comes from: a file, or the terminal. */
export function chooseNewPassphrase({ output }: CommandFrame, file: string | undefined): PassphraseSource {
  if (file !== undefined) return new PassphraseText(readSecretFile(file, "passphrase"));
  if (!output.terminal.canAsk) return NO_PASSPHRASE;
  return new PassphrasePrompt(output.terminal.prompt, () => output.interrupt());
}
