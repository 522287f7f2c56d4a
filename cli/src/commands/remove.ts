// `coffre remove`: a folder that is no longer backed up.

import type { Command } from "commander";
import type { RunCommand } from "../command-run.ts";
import { withHome } from "../home-session.ts";
import { say } from "../language.ts";
import { showName } from "../printable.ts";

/** Adds the command to the program. */
export function addRemove(program: Command, run: RunCommand): void {
  const command = program
    .command("remove")
    .argument("<root>", "the folder's name in the vault, as `coffre roots` lists it")
    .description("Stop backing up a folder. What was backed up of it stays in the vault and can be restored.")
    .action(async (name: string) => {
      await run(command, async (frame) => {
        await withHome(frame, async (session) => {
          await session.must({ kind: "remove-root", name });
        });
        frame.output.line(say("folder", "removed", { name: showName(name) }));
        return { exitCode: 0, fields: { outcome: "ok", name } };
      });
    });
}
