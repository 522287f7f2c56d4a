// `coffre passphrase`: another passphrase for the vault. No blob is touched: the vault's secret gets another wrap.

import type { Command } from "commander";
import type { RunCommand } from "../command-run.ts";
import { helpText } from "../help-text.ts";
import { withHome } from "../home-session.ts";
import { say } from "../language.ts";
import { chooseNewPassphrase, withOwnVault } from "../owner-session.ts";
import { ACCEPT_OLDER, type VaultOptions } from "../restore-session.ts";
import { addServerOptions, addWordsOptions } from "../server-options.ts";

interface PassphraseChange extends VaultOptions {
  readonly newPassphraseFile?: string;
}

/** Adds the command to the program. */
export function addPassphrase(program: Command, run: RunCommand): void {
  const command = program
    .command("passphrase")
    .description("Choose another passphrase for the vault. Needs the present one, or the recovery words.")
    .option("--new-passphrase-file <file>", "read the new passphrase from a file; else it is asked for, twice")
    .option("--accept-older", ACCEPT_OLDER);
  addServerOptions(addWordsOptions(command), "from-home")
    .addHelpText(
      "after",
      helpText(`
Files stay as they are: the vault's secret is sealed anew under the new passphrase. Broken off in the middle, either the old
or the new one opens the vault. The recovery words stay. Whoever has a copy of the server's data from before, or an export,
can go on guessing the old one: it opens what it opened.

Example:
  coffre passphrase`),
    )
    .action(async (options: PassphraseChange) => {
      await run(command, async (frame) => {
        const newPassphrases = chooseNewPassphrase(frame, options.newPassphraseFile);
        const result = await withOwnVault(
          frame,
          options,
          async (session) => {
            await session.must({ kind: "change-passphrase" });
            return { exitCode: 0, fields: { outcome: "ok" } };
          },
          { newPassphrases },
        );
        // F-40: what is sealed from now on lies under a secret that nobody saw before.
        if (frame.home.readPairing() !== null) await withHome(frame, (session) => session.must({ kind: "rotate" }));
        frame.output.line(say("factor", "passphrase-changed"));
        frame.output.line(say("factor", "old-wrap"));
        return result;
      });
    });
}
