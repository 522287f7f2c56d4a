// A vault on a server of its own, driven by the command `coffre` as its owner would. Rule: every command must end well, or
// the caller reads one sentence about which did not and why.

import { randomInt } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Usage } from "../../conformance-tests/end-to-end/child.ts";
import { type ClientEnd, type ClientEvent, runClient } from "../../conformance-tests/end-to-end/client-process.ts";
import { type ServerProcess, startServer } from "../../conformance-tests/end-to-end/server-process.ts";
import { lastLine, Sentence } from "./sentence.ts";

export const LOGIN = "demo";
const LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";

export type RestoreSetup = {
  readonly target: string;
  readonly paths?: readonly string[];
  readonly key?: "passphrase" | "words";
  readonly onEvent?: (event: ClientEvent) => void;
};

/** What stands before the command lines, for those who trace them. */
export type VaultSetup = {
  readonly beforeServer?: readonly string[];
  /** Asked for each command of the paired machine. */
  readonly beforeClient?: () => readonly string[];
};

export class Vault {
  readonly server: ServerProcess;
  readonly data: string;
  readonly #folder: string;
  readonly #passphraseFile: string;
  readonly #wordsFile: string;
  readonly #setup: VaultSetup;
  #homes = 1;

  private constructor(folder: string, server: ServerProcess, setup: VaultSetup) {
    this.#setup = setup;
    this.#folder = folder;
    this.server = server;
    this.data = join(folder, "server");
    this.#passphraseFile = join(folder, "passphrase");
    this.#wordsFile = join(folder, "words");
  }

  /** Starts a server in `folder` and makes a vault on it, with a passphrase and words in files of their owner. */
  static async create(folder: string, setup: VaultSetup = {}): Promise<Vault> {
    const before = setup.beforeServer ?? [];
    const server = await startServer({ data: join(folder, "server"), usageFile: join(folder, "server-usage"), before });
    const vault = new Vault(folder, server, setup);
    writeFileSync(vault.#passphraseFile, `${makePassphrase()}\n`, { mode: 0o600 });
    const end = await vault.run(["init", "--server", server.url, "--login", LOGIN, ...vault.#passphrase]);
    const words = end.events.map((event) => event["recoveryWords"]).find((each) => typeof each === "string");
    if (words === undefined) throw new Sentence("coffre init showed no recovery words");
    writeFileSync(vault.#wordsFile, `${words}\n`, { mode: 0o600 });
    return vault;
  }

  /** Runs a command of the paired machine. */
  run(args: readonly string[], onEvent?: (event: ClientEvent) => void): Promise<ClientEnd> {
    return this.#run(["--home", this.home, "--json", ...args], onEvent);
  }

  /** Backs up; files that wait for a reason are no failure. */
  backUp(onEvent: (event: ClientEvent) => void): Promise<ClientEnd> {
    return this.#run(["--home", this.home, "--json", "backup"], onEvent, [0, 3]);
  }

  /** Where the paired machine keeps its keys and its database, which names its files in clear. */
  get home(): string {
    return this.#home(0);
  }

  /** Restores as a machine that has nothing but the server's address, the login, and the passphrase or the words. */
  restore({ target, paths = [], key = "passphrase", onEvent }: RestoreSetup): Promise<ClientEnd> {
    const secret = key === "passphrase" ? this.#passphrase : ["--recovery-file", this.#wordsFile];
    const place = ["--server", this.server.url, "--login", LOGIN, "--to", target];
    this.#homes += 1;
    const home = this.#home(this.#homes);
    return this.#run(["--home", home, "--json", "restore", ...place, ...secret, ...paths], onEvent);
  }

  /** Stops the server; its data is complete then. */
  async stop(): Promise<Usage | null> {
    const { code, stderr } = await this.server.stop();
    if (code !== 0) throw new Sentence(`the server ended with ${code}: ${lastLine(stderr)}`);
    return this.server.readUsage();
  }

  get #passphrase(): readonly string[] {
    return ["--passphrase-file", this.#passphraseFile];
  }

  #home(number: number): string {
    const home = join(this.#folder, `home-${number}`);
    mkdirSync(home, { recursive: true, mode: 0o700 });
    return home;
  }

  async #run(
    args: readonly string[],
    onEvent?: (event: ClientEvent) => void,
    good: readonly (number | null)[] = [0],
  ): Promise<ClientEnd> {
    const usageFile = join(this.#folder, "client-usage");
    const before = this.#setup.beforeClient?.() ?? [];
    const end = await runClient(args, { usageFile, before, ...(onEvent === undefined ? {} : { onEvent }) });
    if (!good.includes(end.code)) {
      const how = end.signal === null ? `exit code ${end.code}` : `signal ${end.signal}`;
      throw new Sentence(`coffre ${args[3]} ended with ${how}: ${describeEnd(end)}`);
    }
    return end;
  }
}

/** The sentence of a command that failed: with `--json` it stands in the summary. */
function describeEnd({ summary, stderr }: ClientEnd): string {
  const { message } = summary;
  return typeof message === "string" ? message : lastLine(stderr);
}

function makePassphrase(): string {
  const group = (): string => Array.from({ length: 5 }, () => LETTERS[randomInt(LETTERS.length)]).join("");
  return Array.from({ length: 5 }, group).join("-");
}
