// `coffre gone`: the owner's word that what is missing was deleted.

import type { Command } from "commander";
import type { RunCommand } from "../command-run.ts";
import { withHome } from "../home-session.ts";
import { say } from "../language.ts";
import { showName } from "../printable.ts";

/** Adds the command to the program. */
export function addGone(program: Command, run: RunCommand): void {
  const command = program
    .command("gone")
    .argument("<root>", "the folder's name in the vault, as `coffre roots` lists it")
    .description("Say that what is missing in a folder was deleted, where a backup does not believe it by itself.")
    .addHelpText(
      "after",
      `
A backup records nothing as gone when a disk is not there, when another one is in its place, or when most files of a
folder are missing at once. It says so, and goes on so until the disk is back or until you say that they are gone.
Every version that was synced stays restorable.`,
    )
    .action(async (name: string) => {
      await run(command, async (frame) => {
        await withHome(frame, async (session) => {
          await session.must({ kind: "believe-gone", name });
        });
        frame.output.line(say("folder", "gone", { name: showName(name) }));
        return { exitCode: 0, fields: { outcome: "ok", name } };
      });
    });
}
