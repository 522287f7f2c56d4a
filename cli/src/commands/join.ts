// `coffre join`: this machine as a further device of a vault.

import type { Command } from "commander";
import { type RunCommand, showTrouble, showWork } from "../command-run.ts";
import { NO_PASSPHRASE } from "../host/passphrase-source.ts";
import { pair } from "../pairing.ts";
import { choosePassphrases, chooseWords, type PassphraseOptions, type WordsOptions } from "../secret-input.ts";
import { addServerOptions, addWordsOptions, type ServerOptions, wantedPairing } from "../server-options.ts";
import { withSession } from "../session.ts";

interface JoinOptions extends ServerOptions, PassphraseOptions, WordsOptions {
  readonly deviceName?: string;
}

/** Adds the command to the program. */
export function addJoin(program: Command, run: RunCommand): void {
  const command = program
    .command("join")
    .description("Pair this machine with a vault that you have, as a further device.")
    .option("--device-name <name>", "what to call this machine in the vault (default: its host name)");
  addServerOptions(addWordsOptions(command), "required")
    .addHelpText(
      "after",
      `
Example:
  coffre join --server https://backup.example.org --login ada`,
    )
    .action(async (options: JoinOptions) => {
      await run(command, async (frame) => {
        const pairing = wantedPairing(options, options.deviceName);
        const words = await chooseWords(frame, options);
        const passphrases = words.words === undefined ? choosePassphrases(frame, options) : NO_PASSPHRASE;
        const onView = (view: Parameters<typeof showWork>[1]): void => showWork(frame, view);
        const onTrouble = (message: string): void => showTrouble(frame, message);
        await withSession({ home: frame.home, role: "backup", passphrases, onView, onTrouble }, async (session) => {
          const { server, login, deviceName } = pairing;
          await pair(session, frame.home, pairing, { kind: "join", server, login, deviceName, ...words });
        });
        frame.output.line("This machine is paired with the vault.");
        frame.output.line("Next: `coffre add PATH` for each folder, then `coffre backup`.");
        return { exitCode: 0, fields: { outcome: "ok" } };
      });
    });
}
