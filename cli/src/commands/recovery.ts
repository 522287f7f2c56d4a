// `coffre recovery --new`: other recovery words. Rule: the old ones open the vault until somebody has shown that the new ones were
// written down.

import { randomInt } from "node:crypto";
import type { Command } from "commander";
import { CommandFailed, usage } from "../command-end.ts";
import type { CommandFrame, RunCommand } from "../command-run.ts";
import { helpText } from "../help-text.ts";
import { say } from "../language.ts";
import { withOwnVault } from "../owner-session.ts";
import { askLine } from "../questions.ts";
import { ACCEPT_OLDER, type VaultOptions } from "../restore-session.ts";
import { addServerOptions, addWordsOptions } from "../server-options.ts";
import { rowsOf } from "./init.ts";

const WORDS_ASKED = 3;
const TRIES = 3;

/** Adds the command to the program. */
export function addRecovery(program: Command, run: RunCommand): void {
  const command = program
    .command("recovery")
    .description("Get other recovery words for the vault. Needs the passphrase, or the present words.")
    .option("--new", "make new words; the old ones open the vault no more")
    .option("--accept-older", ACCEPT_OLDER);
  addServerOptions(addWordsOptions(command), "from-home")
    .addHelpText(
      "after",
      helpText(`
The words are shown once, and three of them are asked back before they count. Until then the old ones open the vault.

Example:
  coffre recovery --new`),
    )
    .action(async (options: VaultOptions & { new?: boolean }) => {
      await run(command, async (frame) => {
        if (options.new !== true) throw usage(say("factor", "recovery-needs-new"));
        let recoveryWords = "";
        const onWords = async (words: string): Promise<void> => {
          recoveryWords = words;
          await showAndAsk(frame, words);
        };
        const result = await withOwnVault(
          frame,
          options,
          async (session) => {
            await session.must({ kind: "renew-words" });
            return { exitCode: 0, fields: { outcome: "ok", recoveryWords } };
          },
          { onWords },
        );
        frame.output.line(say("factor", "words-changed"));
        frame.output.line(say("factor", "old-wrap"));
        return result;
      });
    });
}

/** Shows the words, and goes on once three of them were typed; a CommandFailed, with nothing changed, when they are not. */
async function showAndAsk(frame: CommandFrame, words: string): Promise<void> {
  const { output } = frame;
  output.item("words", { recoveryWords: words });
  for (const line of [say("vault", "words-keep"), "", ...rowsOf(words), ""]) output.line(line);
  if (!(await output.terminal.printSurely(""))) throw new CommandFailed("user-words-unseen", say("owner", "stopped"));
  if (!output.terminal.canAsk) return;
  const all = words.split(" ");
  for (const at of pickPlaces(all.length)) {
    for (let tries = 1; ; tries++) {
      const typed = await askLine(frame, say("factor", "word-question", { position: `${at + 1}` }));
      if (typed.toLowerCase() === all[at]) break;
      if (tries === TRIES) throw new CommandFailed("user-stopped", say("factor", "words-not-kept"));
      output.note(say("factor", "word-wrong", { position: `${at + 1}` }));
    }
  }
}

/** Some places, ascending. */
function pickPlaces(count: number): number[] {
  const places = new Set<number>();
  while (places.size < WORDS_ASKED) places.add(randomInt(count));
  return [...places].sort((a, b) => a - b);
}
