// `coffre remove`: a folder that is no longer backed up.

import type { Command } from "commander";
import { type RunCommand, showTrouble, showWork } from "../command-run.ts";
import { NO_PASSPHRASE } from "../host/passphrase-source.ts";
import { showName } from "../printable.ts";
import { withSession } from "../session.ts";

/** Adds the command to the program. */
export function addRemove(program: Command, run: RunCommand): void {
  const command = program
    .command("remove")
    .argument("<root>", "the folder's name in the vault, as `coffre roots` lists it")
    .description("Stop backing up a folder. What was backed up of it stays in the vault and can be restored.")
    .action(async (name: string) => {
      await run(command, async (frame) => {
        const onView = (view: Parameters<typeof showWork>[1]): void => showWork(frame, view);
        const onTrouble = (message: string): void => showTrouble(frame, message);
        const parts = { home: frame.home, role: "backup", passphrases: NO_PASSPHRASE, onView, onTrouble } as const;
        await withSession(parts, async (session) => {
          await session.must({ kind: "remove-root", name });
        });
        frame.output.line(`Removed ${showName(name)}. What was backed up of it stays in the vault.`);
        return { exitCode: 0, fields: { outcome: "ok", name } };
      });
    });
}
