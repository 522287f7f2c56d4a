// What an operator does from the command line, also beside a running server. Rule: these commands print what they did,
// and nothing that is secret but the code of an invitation.

import type { Command } from "commander";
import { DEFAULT_TERMS } from "../domain/instance.ts";
import { makeInvitation } from "../domain/invitations.ts";
import { type Drivers, withInstance } from "./drivers.ts";
import { dataOption } from "./options.ts";

type DataOptions = { readonly data: string };

/** Adds the operator's commands; `locate` gives a folder's full path. */
export function addOperatorCommands(program: Command, drivers: Drivers, locate: (path: string) => string): void {
  program
    .command("invite")
    .description("print a new invitation, for one account")
    .addOption(dataOption())
    .action((options: DataOptions) =>
      withInstance(drivers, locate(options.data), DEFAULT_TERMS, async (instance) => {
        process.stdout.write(`${await makeInvitation(instance.database, instance.now())}\n`);
      }),
    );
}
