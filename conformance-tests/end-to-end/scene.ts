// What a test of the commands works with: a folder, machines with homes of their own, an owner's passphrase. Rule: a machine
// knows nothing of another; what they have in common lies on the server or in the owner's head.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ClientEnd, ClientProcess, type ClientSetup, runClient } from "./client-process.ts";
import { makeScratchFolder, removeScratchFolder } from "./scratch-folder.ts";

const PASSPHRASE = "seven quiet herons over the ice";

export type Account = { readonly url: string; readonly login: string };

export class Scene {
  readonly folder: string;
  readonly passphraseFile: string;
  readonly wordsFile: string;
  readonly #program: readonly string[] | undefined;
  #strangers = 0;

  /**
   * In the folder `within`, which defaults to the system's folder for temporary files. `program` is the command line of the
   * `coffre` that machines have, by default the Node host's.
   */
  constructor(name: string, within?: string, program?: readonly string[]) {
    this.#program = program;
    this.folder = makeScratchFolder(name, within);
    this.passphraseFile = join(this.folder, "passphrase");
    this.wordsFile = join(this.folder, "words");
    writeFileSync(this.passphraseFile, `${PASSPHRASE}\n`, { mode: 0o600 });
  }

  /** A path in the scene's folder. */
  path(...names: readonly string[]): string {
    return join(this.folder, ...names);
  }

  /** A new folder with these files. */
  source(name: string, files: Readonly<Record<string, string | Buffer>>): string {
    const folder = this.path(name);
    mkdirSync(folder, { recursive: true });
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(join(folder, path, ".."), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    return folder;
  }

  /** A machine that is not paired. */
  machine(name: string): Machine {
    return new Machine(this, this.path(`home of ${name}`), this.#program);
  }

  /** A machine with a new vault and one root, `root`, which is the folder `source`. */
  async pairedMachine(account: Account, source: string): Promise<Machine> {
    const machine = this.machine("the first");
    const init = await machine.run(["init", ...this.as(account), "--device-name", "first"]);
    expectDone("init", init);
    writeFileSync(this.wordsFile, `${init.summary["recoveryWords"]}\n`, { mode: 0o600 });
    expectDone("add", await machine.run(["add", source, "--name", "root"]));
    return machine;
  }

  /** The options that name an account and its passphrase. */
  as({ url, login }: Account): readonly string[] {
    return ["--server", url, "--login", login, "--passphrase-file", this.passphraseFile];
  }

  /** Restores as a machine that was never there; `more` are further options and places. */
  restore(account: Account, to: string, more: readonly string[] = [], setup?: ClientSetup): Promise<ClientEnd> {
    this.#strangers += 1;
    return this.machine(`new machine ${this.#strangers}`).run(
      ["restore", ...this.as(account), "--to", to, ...more],
      setup,
    );
  }

  remove(): void {
    removeScratchFolder(this.folder);
  }
}

export class Machine {
  readonly #scene: Scene;
  readonly home: string;
  readonly #program: readonly string[] | undefined;

  constructor(scene: Scene, home: string, program?: readonly string[]) {
    this.#scene = scene;
    this.home = home;
    this.#program = program;
  }

  /** The same home, as another host's `coffre` works with it. */
  with(program: readonly string[] | undefined): Machine {
    return new Machine(this.#scene, this.home, program);
  }

  /** Runs a command to its end. */
  run(args: readonly string[], setup?: ClientSetup): Promise<ClientEnd> {
    return runClient(this.#args(args), this.#setup(setup));
  }

  /** Starts a command. */
  start(args: readonly string[], setup?: ClientSetup): ClientProcess {
    return new ClientProcess(this.#args(args), this.#setup(setup));
  }

  /** Runs a backup, which must end with everything synced. */
  async backUp(): Promise<ClientEnd> {
    const end = await this.run(["backup"]);
    expectDone("backup", end);
    return end;
  }

  #args(args: readonly string[]): readonly string[] {
    return ["--home", this.home, "--json", ...args];
  }

  #setup(setup: ClientSetup = {}): ClientSetup {
    return { cwd: this.#scene.folder, program: this.#program, ...setup };
  }
}

/** An Error that shows all that the command said, unless it ended with 0. */
export function expectDone(what: string, end: ClientEnd): void {
  if (end.code === 0) return;
  throw new Error(`${what} ended with ${end.signal ?? end.code}: ${end.stdout.slice(-20).join("\n")}\n${end.stderr}`);
}

/** The one sentence that a failed command says. */
export function readSentence(end: ClientEnd): string {
  return String(end.summary["message"] ?? "");
}

/** What a restore says is wrong, as `code path`, in the order of that text. */
export function readDamage(end: ClientEnd): readonly string[] {
  return end.events
    .filter(({ type }) => type === "damage")
    .map((event) => [event["code"], event["path"] ?? event["record"]].filter((part) => part !== undefined).join(" "))
    .sort();
}
