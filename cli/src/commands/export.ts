// `coffre export`: everything that the server keeps of a vault, in one file.

import { existsSync, realpathSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { Command } from "commander";
import type { Ended } from "../../../host-loop/src/index.ts";
import { CommandFailed, usage } from "../command-end.ts";
import type { CommandFrame, CommandResult, RunCommand } from "../command-run.ts";
import { helpText } from "../help-text.ts";
import { Home } from "../home.ts";
import { locatorOf } from "../host/names.ts";
import { say } from "../language.ts";
import { showBytes, showCount, showName } from "../printable.ts";
import { addVaultAccess, askUntilStopped, showDamage, type VaultOptions, withVault } from "../restore-session.ts";
import { failedWith, type Session } from "../session.ts";
import { failureWords } from "../words.ts";

/** What stands behind the file's name while it grows. */
const OWN_SUFFIX = ".coffre-export";

/** Adds the command to the program. */
export function addExport(program: Command, run: RunCommand): void {
  const command = program
    .command("export")
    .argument("<file>", "the file to make; nothing may stand there")
    .description("Write everything that the server keeps of the vault into one file.");
  addVaultAccess(command)
    .addHelpText(
      "after",
      helpText(`
The file is a tar with a README inside, and needs no server any more: 'coffre open-export' restores from it. Its content is
as encrypted as on the server. It holds the vault's secret, sealed under the passphrase and under the words: whoever has the
file can try to guess the passphrase for as long as they like. It needs the passphrase or the recovery words.
While it grows, it stands in FILE.coffre-export. Interrupted or killed, the same command goes on where it was.
Exit code 0: all written. 3: some of it is damaged or missing on the server, each is listed. 1: it failed.

Examples:
  coffre export /media/disk/vault.tar
  coffre export vault.tar --server https://backup.example.org --login ada --recovery-file words.txt`),
    )
    .action(async (file: string, options: VaultOptions) => {
      await run(command, (frame) => exportVault(frame, options, file));
    });
}

async function exportVault(frame: CommandFrame, options: VaultOptions, file: string): Promise<CommandResult> {
  const place = resolve(file);
  if (existsSync(place)) throw usage(say("export", "exists", { file: showName(file) }));
  const own = new Home(`${place}${OWN_SUFFIX}`);
  const isNew = !existsSync(own.folder);
  const target = locateFolder(dirname(place));
  const work = join(own.make(), "work");
  const ask = { kind: "export", target, name: basename(place), work } as const;
  const clean = (): void => rmSync(own.folder, { recursive: true, force: true });
  let isOpen = false;
  frame.output.note(say("export", "beware"));
  const begin = (session: Session): Promise<Ended> => {
    isOpen = true;
    return askUntilStopped(frame, session, ask);
  };
  const onView = (view: Parameters<Parameters<typeof withVault>[3]>[0]): void => {
    if (view.kind === "damage") showDamage(frame, view.damage);
  };
  const result = await withVault(frame, options, own, onView, begin).finally(() => {
    if (isNew && !isOpen) clean();
  });
  if (result.kind !== "result" || result.ask !== "export") throw failedWith("host-error");
  if (result.outcome === "failed") throw failedWith(result.code);
  clean();
  const { kind: _kind, ask: _ask, ...fields } = result;
  const [records, blobs] = [showCount(result.records, "record"), showCount(result.blobs, "blob")];
  const size = showBytes(result.sizeBytes);
  frame.output.line(say("export", "written", { size, records, blobs, file: showName(file) }));
  if (result.code !== null) frame.output.note(failureWords(result.code));
  return { exitCode: result.outcome === "ok" ? 0 : 3, fields };
}

function locateFolder(folder: string): string {
  try {
    return locatorOf(realpathSync(folder, "buffer"));
  } catch {
    throw new CommandFailed("host-error", say("export", "no-folder", { folder: showName(folder) }));
  }
}
