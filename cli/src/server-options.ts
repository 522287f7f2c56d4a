// Which server and vault a command speaks to. Rule: from a paired machine the home says it; the command line may say another.

import { hostname } from "node:os";
import type { ServerAddress } from "coffre-engine";
import type { Command } from "commander";
import { usage } from "./command-end.ts";
import type { Home, Pairing } from "./home.ts";
import { say } from "./language.ts";
import { parseServer } from "./option-values.ts";

export interface ServerOptions {
  readonly server?: string;
  readonly login?: string;
  readonly pin?: string;
  readonly allowHttp?: boolean;
}

const DEVICE_NAME_BYTES = 64;

/** Adds `--server`, `--login`, `--pin`, `--allow-http` and `--passphrase-file`. */
export function addServerOptions(command: Command, need: "required" | "from-home"): Command {
  const otherwise = need === "required" ? "" : " (default: the one that this machine is paired with)";
  return command
    .option("--server <url>", `the server's address${otherwise}`)
    .option("--login <name>", `the vault's login${otherwise}`)
    .option(
      "--pin <sha256>",
      "accept exactly the server key with this SHA-256, for servers with a certificate of their own",
    )
    .option("--allow-http", "allow plain http to another machine; others can see then who talks, and how much")
    .option(
      "--passphrase-file <file>",
      "read the passphrase from a file or a pipe, - for standard input (also: COFFRE_PASSPHRASE_FILE); else it is asked for",
    );
}

/** Adds `--recovery-file`, `--recovery-words` and `--code`. */
export function addWordsOptions(command: Command): Command {
  return command
    .option("--recovery-file <file>", "a file with the 24 recovery words, in place of the passphrase")
    .option("--recovery-words", "ask for the 24 recovery words at the terminal, in place of the passphrase")
    .option("--code <code>", "a code of the second factor, where the vault has one; else it is asked for");
}

/** The pairing that `init` and `join` are to make. */
export function wantedPairing(options: ServerOptions, deviceName: string | undefined): Pairing {
  if (options.server === undefined || options.login === undefined) throw usage(say("option", "server-and-login"));
  const server = parseServer(options.server, options.pin, options.allowHttp === true);
  const name = (deviceName ?? hostname()).trim();
  if (name === "" || Buffer.byteLength(name) > DEVICE_NAME_BYTES) throw usage(say("option", "device-name"));
  return { server, login: options.login.toLowerCase(), deviceName: name };
}

/** The vault that `ls` and `restore` are to open. */
export function wantedVault(options: ServerOptions, home: Home): { server: ServerAddress; login: string } {
  const paired = home.readPairing();
  const login = options.login?.toLowerCase() ?? paired?.login;
  if (options.server !== undefined) {
    if (login === undefined) throw usage(say("option", "login"));
    return { server: parseServer(options.server, options.pin, options.allowHttp === true), login };
  }
  if (paired === null || login === undefined) throw usage(say("option", "not-paired"));
  return {
    server: options.pin === undefined ? paired.server : parseServer(paired.server.url, options.pin, true),
    login,
  };
}
