// `coffre server`: where the vault of this machine is kept.

import type { Command } from "commander";
import type { RunCommand } from "../command-run.ts";
import { helpText } from "../help-text.ts";
import { withHome } from "../home-session.ts";
import { say } from "../language.ts";
import { parseServer } from "../option-values.ts";
import { describeUnpaired } from "../session.ts";

interface SetOptions {
  readonly pin?: string;
  readonly allowHttp?: boolean;
}

/** Adds the command to the program. */
export function addServer(program: Command, run: RunCommand): void {
  const server = program.command("server").description("Say where the vault of this machine is kept.");
  const command = server
    .command("set")
    .argument("<url>", "the server's new address")
    .description("Give this machine another address, or another pin, of the server that it is paired with.")
    .option("--pin <sha256>", "accept exactly the server key with this SHA-256; without it, system trust")
    .option("--allow-http", "allow plain http to another machine; others can see then who talks, and how much")
    .addHelpText(
      "after",
      helpText(`
The new address is asked first whether it is the same server, with the same keys and data; until that holds the old one stays.

Example:
  coffre server set https://backup.example.org`),
    )
    .action(async (url: string, options: SetOptions) => {
      await run(command, async (frame) => {
        const address = parseServer(url, options.pin, options.allowHttp === true);
        const pairing = frame.home.readPairing();
        if (pairing === null) throw await describeUnpaired(frame.home);
        await withHome(frame, async (session) => {
          await session.must({ kind: "set-server", server: address });
          frame.home.writePairing({ ...pairing, server: address });
        });
        const key = address.pin === undefined ? "server-set" : "server-set-pinned";
        frame.output.line(say("vault", key, { server: address.url }));
        return { exitCode: 0, fields: { outcome: "ok", server: address.url, before: pairing.server.url } };
      });
    });
}
