// `coffre web`: the web client from this machine's own installation, for a server whose pages one need not trust then.

import { randomBytes } from "node:crypto";
import type { Command } from "commander";
import { CommandFailed, usage } from "../command-end.ts";
import type { RunCommand } from "../command-run.ts";
import { helpText } from "../help-text.ts";
import { Connections } from "../host/connections.ts";
import { errnoOf } from "../host/system-error.ts";
import { withInterrupts } from "../interrupts.ts";
import { say } from "../language.ts";
import { parseServer } from "../option-values.ts";
import { describeUnpaired } from "../session.ts";
import { BUILT_PAGES, BuiltPages } from "../web/built-pages.ts";
import { startLocalServer } from "../web/local-server.ts";
import { failureWords } from "../words.ts";

interface WebOptions {
  readonly server?: string;
  readonly pin?: string;
  readonly allowHttp?: boolean;
  readonly port: string;
}

/** Always the same unless given, so that what a tab left behind is found again. */
const PORT = 8485;
const TOKEN_BYTES = 16;

/** Adds the command to the program. */
export function addWeb(program: Command, run: RunCommand): void {
  const command = program
    .command("web")
    .description("Open the vault in a browser, with pages from this machine instead of the server's.")
    .option("--server <url>", "the server's address (default: the one that this machine is paired with)")
    .option("--pin <sha256>", "accept exactly the server key with this SHA-256")
    .option("--allow-http", "allow plain http to another machine; others can see then who talks, and how much")
    .option("--port <n>", "the port of this machine; 0 takes a free one", String(PORT))
    .addHelpText(
      "after",
      helpText(`
It prints an address for a browser on this machine, and serves until it is ended with Ctrl-C. Nobody else on the network can reach
it. The passphrase is typed into a page that this machine brought, which passes the vault's requests on under the server's pin.

Example:
  coffre web --server https://backup.example.org`),
    )
    .action(async (options: WebOptions) => {
      await run(command, async (frame) => {
        const paired = frame.home.readPairing();
        if (options.server === undefined && paired === null) throw await describeUnpaired(frame.home);
        const server =
          options.server === undefined && paired !== null
            ? paired.server
            : parseServer(options.server ?? "", options.pin, options.allowHttp === true);
        const connections = new Connections();
        const token = randomBytes(TOKEN_BYTES).toString("hex");
        const pages = BuiltPages.open(BUILT_PAGES);
        const onTrouble = (code: string): void => frame.output.note(failureWords(code));
        const parts = { pages, server, connections, token, onTrouble };
        const local = await startLocalServer(parts, parsePort(options.port)).catch((error: unknown) => {
          if (errnoOf(error) !== "EADDRINUSE") throw error;
          throw new CommandFailed("host-error", say("web", "port-taken", { port: options.port }));
        });
        const address = `${local.url}/#local=${token}`;
        frame.output.item("web", { url: address });
        frame.output.line(say("web", "open", { address }));
        let stop = (): void => {};
        const stopped = new Promise<void>((resolve) => {
          stop = resolve;
        });
        await withInterrupts(stop, () => stopped);
        local.server.close();
        local.server.closeAllConnections();
        connections.close();
        return { exitCode: 0, fields: { outcome: "ok" } };
      });
    });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw usage(say("web", "port"));
  return port;
}
