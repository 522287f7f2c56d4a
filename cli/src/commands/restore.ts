// `coffre restore`: files back from the vault, below a folder.

import { existsSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { ExistingRule, View } from "coffre-engine";
import { type Command, Option } from "commander";
import type { Ended } from "../../../host-loop/src/index.ts";
import { CommandFailed } from "../command-end.ts";
import type { CommandFrame, CommandResult, RunCommand } from "../command-run.ts";
import { helpText } from "../help-text.ts";
import { Home } from "../home.ts";
import { makeFolders } from "../host/made-folders.ts";
import { locatorOf } from "../host/names.ts";
import { storageTroubleOf } from "../host/storage-trouble.ts";
import { say } from "../language.ts";
import { parsePlace } from "../place-text.ts";
import { showBytes, showCount, showName } from "../printable.ts";
import {
  addTimeOption,
  addVaultOptions,
  askUntilStopped,
  chosenVersions,
  type FiledVault,
  showDamage,
  type VaultOptions,
  withVault,
} from "../restore-session.ts";
import { failedWith, type Session } from "../session.ts";
import { failureWords } from "../words.ts";

/** Options of commands that restore. */
export interface RestoreOptions extends VaultOptions {
  readonly to: string;
  readonly existing: ExistingRule;
}

/** What a restore keeps in its target until everything succeeded, so that the same command goes on where it was. */
const OWN_FOLDER = ".coffre-restore";
/** Ends of a restore that had nothing to begin with. */
const NOTHING_TO_RESTORE: ReadonlySet<string> = new Set([
  "user-path-unknown",
  "user-device-unknown",
  "user-vault-empty",
]);

/** Adds the command to the program. */
export function addRestore(program: Command, run: RunCommand): void {
  const command = program
    .command("restore")
    .argument("[places...]", "ROOT or ROOT/PATH, as `coffre ls` shows them; everything when none is given")
    .description("Get files back from the vault, on this machine or any other.");
  addVaultOptions(addTimeOption(addTargetOptions(command)))
    .addHelpText(
      "after",
      helpText(`
Files come to DIR/ROOT/PATH (DIR/DEVICE/ROOT/PATH where two roots are called alike). Nothing is written outside
DIR. Setuid and setgid bits do not come back. It needs the passphrase or the recovery words. Interrupted or killed, the same command goes on where it was.
Exit code 0: all restored. 3: some files were skipped or failed, each is listed. 1: it failed.

Examples:
  coffre restore --to ~/back
  coffre restore --to ~/back Photos/2026 --at '2026-03-01 12:00' --existing rename
  coffre restore --to ~/back --server https://backup.example.org --login ada --recovery-file words.txt`),
    )
    .action(async (places: readonly string[], options: RestoreOptions) => {
      await run(command, (frame) => restoreVault(frame, options, places, null));
    });
}

/** Adds the options that say where to, and what to do there. */
export function addTargetOptions(command: Command): Command {
  return command
    .requiredOption("--to <dir>", "the folder to fill; it is made when it is missing")
    .addOption(
      new Option("--existing <rule>", "what to do where something of the same name is there")
        .choices(["skip", "rename", "replace"])
        .default("skip"),
    );
}

/** Restores `places` out of the vault that the options name, or out of the one in a file. */
export async function restoreVault(
  frame: CommandFrame,
  options: RestoreOptions,
  places: readonly string[],
  filed: FiledVault | null,
): Promise<CommandResult> {
  const versions = chosenVersions(options);
  const selections = places.map(parsePlace);
  const target = makeTarget(options.to);
  const own = new Home(join(options.to, OWN_FOLDER));
  const isNew = !existsSync(own.folder);
  const work = join(makeOwn(own, options.to), "work");
  const ask = { kind: "restore", target, work, ...versions, selections, existing: options.existing } as const;
  let isOpen = false;
  const clean = (): void => rmSync(own.folder, { recursive: true, force: true });
  const begin = (session: Session): Promise<Ended> => {
    isOpen = true;
    return askUntilStopped(frame, session, ask);
  };
  const result = await withVault(frame, options, own, showFiles(frame), begin, filed).finally(() => {
    if (isNew && !isOpen) clean();
  });
  if (result.kind !== "result" || result.ask !== "restore") throw failedWith("host-error");
  const isUnasked = NOTHING_TO_RESTORE.has(result.code ?? "");
  if (result.outcome === "failed" ? isNew && isUnasked : result.filesFailed === 0) clean();
  if (NOTHING_TO_RESTORE.has(result.code ?? "")) throw failedWith(result.code);
  return finish(frame, result, options.to);
}

type RestoreResult = Extract<View, { kind: "result"; ask: "restore" }>;

function finish(frame: CommandFrame, result: RestoreResult, to: string): CommandResult {
  const { kind: _kind, ask: _ask, ...fields } = result;
  const { filesRestored, bytesRestored, filesFailed, filesSkipped, outcome } = result;
  const [size, folder] = [showBytes(bytesRestored), showName(to)];
  frame.output.line(say("restore", "restored", { files: showCount(filesRestored, "file"), size, folder }));
  if (filesSkipped > 0) frame.output.line(say("restore", "skipped", { files: showCount(filesSkipped, "file") }));
  if (filesFailed > 0) frame.output.line(say("restore", "failed", { files: showCount(filesFailed, "file") }));
  if (outcome === "failed") {
    frame.output.failure(failureWords(result.code ?? "host-error"));
    return { exitCode: 1, fields: { ...fields, message: failureWords(result.code ?? "host-error") } };
  }
  if (outcome === "waiting" && result.code !== null) frame.output.note(failureWords(result.code ?? "host-error"));
  return { exitCode: outcome === "ok" ? 0 : 3, fields };
}

/** Lists what could not be restored, as it becomes known. */
function showFiles(frame: CommandFrame): (view: View) => void {
  return (view) => {
    if (view.kind === "damage") showDamage(frame, view.damage);
  };
}

/** Makes Coffre's own folder in the target; what keeps it from being made is the target's. */
function makeOwn(own: Home, to: string): string {
  try {
    makeFolders(own.folder, 0o700);
  } catch (error) {
    if (storageTroubleOf(error) !== "full") throw unusable(to);
  }
  return own.make();
}

/** The locator of the folder to fill. */
function makeTarget(to: string): string {
  try {
    makeFolders(to);
    return locatorOf(realpathSync(to, "buffer"));
  } catch {
    throw unusable(to);
  }
}

function unusable(to: string): CommandFailed {
  return new CommandFailed("host-error", say("trouble", "target-folder", { folder: showName(to) }));
}
