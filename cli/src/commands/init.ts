// `coffre init`: a new vault, and this machine as its first device.

import type { Command } from "commander";
import { CommandFailed } from "../command-end.ts";
import { type CommandFrame, type RunCommand, showTrouble, showWork } from "../command-run.ts";
import { helpText } from "../help-text.ts";
import { say } from "../language.ts";
import { pair, WORDS_UNSEEN } from "../pairing.ts";
import { choosePassphrases, type PassphraseOptions } from "../secret-input.ts";
import { addServerOptions, type ServerOptions, wantedPairing } from "../server-options.ts";
import { withSession } from "../session.ts";

interface InitOptions extends ServerOptions, PassphraseOptions {
  readonly invitation?: string;
  readonly deviceName?: string;
}

const WORDS_A_LINE = 6;

/** Adds the command to the program. */
export function addInit(program: Command, run: RunCommand): void {
  const command = program
    .command("init")
    .description("Make a new vault on a server, and pair this machine with it.")
    .option("--invitation <code>", "an invitation from the server's owner, where the server wants one")
    .option("--device-name <name>", "what to call this machine in the vault (default: its host name)");
  addServerOptions(command, "required")
    .addHelpText(
      "after",
      helpText(`
You choose a passphrase, and get 24 recovery words. Either opens the vault; nobody can open it without, neither
the server's owner nor we. Write the words down: they are shown once.

Example:
  coffre init --server https://backup.example.org --login ada --invitation 7QK2-...`),
    )
    .action(async (options: InitOptions) => {
      await run(command, async (frame) => {
        const pairing = wantedPairing(options, options.deviceName);
        const passphrases = choosePassphrases(frame, options);
        let recoveryWords = "";
        const onWords = async (words: string): Promise<void> => {
          recoveryWords = words;
          await showWords(frame, words);
        };
        const onView = (view: Parameters<typeof showWork>[1]): void => showWork(frame, view);
        const onTrouble = (message: string): void => showTrouble(frame, message);
        const parts = { home: frame.home, role: "backup", passphrases, onView, onTrouble, onWords } as const;
        await withSession(parts, async (session) => {
          const { server, login, deviceName } = pairing;
          const invitation = options.invitation === undefined ? {} : { invitation: options.invitation };
          await pair(session, frame.home, pairing, { kind: "create", server, login, deviceName, ...invitation });
        });
        frame.output.line(say("vault", "next"));
        return { exitCode: 0, fields: { outcome: "ok", recoveryWords } };
      });
    });
}

/** Shows the words; a CommandFailed when nobody got them. */
async function showWords({ output }: CommandFrame, recoveryWords: string): Promise<void> {
  output.item("words", { recoveryWords });
  for (const line of sayWords(recoveryWords)) output.line(line);
  if (await output.terminal.printSurely("")) return;
  throw new CommandFailed(WORDS_UNSEEN, say("vault", "words-unseen"));
}

/** The recovery words, and what they are for. */
function sayWords(recoveryWords: string): string[] {
  const rows = rowsOf(recoveryWords);
  return [say("vault", "made"), "", say("vault", "words-keep"), "", ...rows, "", say("vault", "words-warning"), ""];
}

/** The words in lines, each with its number. */
export function rowsOf(recoveryWords: string): string[] {
  const words = recoveryWords.split(" ");
  const rows: string[] = [];
  for (let at = 0; at < words.length; at += WORDS_A_LINE) {
    const row = words
      .slice(at, at + WORDS_A_LINE)
      .map((word, n) => `${String(at + n + 1).padStart(2)} ${word.padEnd(9)}`);
    rows.push(`  ${row.join("")}`.trimEnd());
  }
  return rows;
}
