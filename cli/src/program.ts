// The command line as a whole. Rule: each command is a file of its own; here stands what they share.

import { Command, CommanderError, Option } from "commander";
import type { ExitCode } from "./command-end.ts";
import { makeRunner, type Shell } from "./command-run.ts";
import { addAdd } from "./commands/add.ts";
import { addBackup } from "./commands/backup.ts";
import { addDevices } from "./commands/devices.ts";
import { addDrill } from "./commands/drill.ts";
import { addExclude } from "./commands/exclude.ts";
import { addExport } from "./commands/export.ts";
import { addGone } from "./commands/gone.ts";
import { addInit } from "./commands/init.ts";
import { addJoin } from "./commands/join.ts";
import { addLs } from "./commands/ls.ts";
import { addOpenExport } from "./commands/open-export.ts";
import { addPassphrase } from "./commands/passphrase.ts";
import { addRecovery } from "./commands/recovery.ts";
import { addRemove } from "./commands/remove.ts";
import { addRestore } from "./commands/restore.ts";
import { addRoots } from "./commands/roots.ts";
import { addSecondFactor } from "./commands/second-factor.ts";
import { addServer } from "./commands/server.ts";
import { addStatus } from "./commands/status.ts";
import { addVerify } from "./commands/verify.ts";
import { addVersions } from "./commands/versions.ts";
import { addWeb } from "./commands/web.ts";
import { helpText } from "./help-text.ts";
import { LANGUAGES, type Language, languageOf, speak } from "./language.ts";
import { Output } from "./output.ts";
import { Terminal } from "./terminal.ts";
import { VERSION } from "./version.ts";

const COMMANDS = [
  ...[addInit, addJoin, addDevices, addPassphrase, addRecovery, addSecondFactor, addServer],
  ...[addAdd, addExclude, addRemove, addGone, addRoots],
  ...[addBackup, addStatus, addVerify, addDrill, addLs, addVersions, addRestore, addExport, addOpenExport, addWeb],
];

/** Runs the command line `args` (without the program's name); its exit code. */
export async function runProgram(args: readonly string[], shell: Shell): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const terminal = new Terminal(shell);
  // Programs read codes; whoever shows them the sentences beside may ask for a language.
  speak(args.includes("--json") ? "en" : languageOf(shell.env));
  const run = makeRunner(shell, terminal, (code) => {
    exitCode = code;
  });
  const program = new Command("coffre")
    .description("Back up folders to a server that cannot read them, and get them back.")
    .version(VERSION)
    .option("--home <dir>", "where Coffre keeps its own files (default: $COFFRE_HOME, else ~/.coffre)")
    .option("--json", "print lines of JSON, the last one a summary")
    .addOption(
      new Option("--lang <language>", "speak that language (default: by LC_ALL, LC_MESSAGES, LANG)").choices(LANGUAGES),
    )
    .on("option:lang", (language: Language) => speak(language))
    .configureOutput({
      writeOut: (text) => terminal.print(text),
      writeErr: (text) => terminal.note(text),
      getOutHelpWidth: () => terminal.pageColumns,
      getErrHelpWidth: () => terminal.columns,
    })
    .configureHelp({ showGlobalOptions: true, minWidthToWrap: 20 })
    .showHelpAfterError("(--help shows how it is used)")
    .exitOverride()
    .addHelpText(
      "after",
      helpText(`
Exit codes: 0 all done; 3 done, and some files wait or were not restored, each for a named reason; 2 usage; 1 failed.

First steps:
  coffre init --server https://backup.example.org --login ada
  coffre add ~/Photos
  coffre backup
  coffre status`),
    );
  for (const add of COMMANDS) add(program, run);
  for (const command of program.commands) inheritSettings(command, program);
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    new Output(terminal, { json: args.includes("--json") }).summary(program.name(), 2, {
      outcome: "failed",
      code: "user-usage",
    });
    return 2;
  }
}

/** What `command` and those below it share with the program. */
function inheritSettings(command: Command, program: Command): void {
  command.copyInheritedSettings(program);
  for (const each of command.commands) inheritSettings(each, program);
}
