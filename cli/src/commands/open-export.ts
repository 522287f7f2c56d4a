// `coffre open-export`: files back from a file that `coffre export` made, without any server.

import type { Command } from "commander";
import type { CommandFrame, CommandResult, RunCommand } from "../command-run.ts";
import { type ExportFault, ExportFile } from "../export/export-file.ts";
import { answerFrom } from "../export/export-server.ts";
import { helpText } from "../help-text.ts";
import { say } from "../language.ts";
import { showCount, showName } from "../printable.ts";
import { addTimeOption } from "../restore-session.ts";
import { addWordsOptions } from "../server-options.ts";
import { addTargetOptions, type RestoreOptions, restoreVault } from "./restore.ts";

/** Adds the command to the program. */
export function addOpenExport(program: Command, run: RunCommand): void {
  const command = program
    .command("open-export")
    .argument("<file>", "a file that `coffre export` made")
    .argument("[places...]", "ROOT or ROOT/PATH; everything when none is given")
    .description("Get files back from an export, without a server.");
  addWordsOptions(addTimeOption(addTargetOptions(command)))
    .option("--device <name>", "only what that device backed up")
    .option("--with-revoked", "also what devices backed up after they were shut out, marked")
    .option(
      "--passphrase-file <file>",
      "read the passphrase from a file or a pipe, - for standard input (also: COFFRE_PASSPHRASE_FILE); else it is asked for",
    )
    .addHelpText(
      "after",
      helpText(`
It makes every check of a restore from a server, and names whatever in the file was altered or is missing. The passphrase
or the recovery words are those of the time when the file was made. Nothing is sent anywhere.
Exit code 0: all restored, and the file is whole. 3: some files were skipped or failed, or the file is damaged, each is listed. 1: it failed.

Examples:
  coffre open-export /media/disk/vault.tar --to ~/back
  coffre open-export vault.tar Photos/2026 --to ~/back --recovery-file words.txt`),
    )
    .action(async (file: string, places: readonly string[], options: RestoreOptions) => {
      await run(command, (frame) => openExport(frame, options, file, places));
    });
}

async function openExport(
  frame: CommandFrame,
  options: RestoreOptions,
  path: string,
  places: readonly string[],
): Promise<CommandResult> {
  const file = new ExportFile(path, (fault) => showFault(frame, fault));
  try {
    const server = { url: `export:${file.fingerprint}` };
    const filed = { server, login: file.description.login, local: answerFrom(file) };
    const result = await restoreVault(frame, options, places, filed);
    // What a restore of everything did not need of the file: older versions, what fills blobs, this text for people.
    if (places.length === 0) file.checkRest();
    if (file.faults === 0) return result;
    frame.output.line(say("export", "faults", { faults: showCount(file.faults, "fault") }));
    return { exitCode: result.exitCode === 0 ? 3 : result.exitCode, fields: { ...result.fields, faults: file.faults } };
  } finally {
    file.close();
  }
}

function showFault(frame: CommandFrame, fault: ExportFault): void {
  frame.output.item("fault", fault);
  frame.output.note(say("form", "about", { place: showName(fault.member), words: say("export", fault.code) }));
}
