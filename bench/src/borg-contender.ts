// borg into a folder of the same machine: no server, so only its processor time and its size compare. Rule: as it comes.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { measureFolder } from "./canaries.ts";
import type { Contender, Figures } from "./contender.ts";
import type { Input } from "./inputs.ts";
import { runMeasured } from "./measured-command.ts";

export class BorgContender implements Contender {
  readonly name = "borg";
  readonly promise =
    "fsyncs each segment of its repository, and no restored file; chunks are verified by their MAC when they are restored. It has no server here.";
  readonly #borg: readonly string[];
  #folder = "";
  #input = "";
  #archives = 0;

  constructor(borg: readonly string[]) {
    this.#borg = borg;
  }

  async begin(folder: string, input: Input): Promise<void> {
    this.#folder = folder;
    this.#input = input.folder;
    this.#archives = 0;
    await this.#run(["init", "--encryption", "repokey-blake2", this.#repository]);
  }

  async backUp(): Promise<Figures> {
    const figures = await this.#create();
    return { ...figures, storedBytes: measureFolder(this.#folder, "repository") };
  }

  rescan(): Promise<Figures> {
    return this.#create();
  }

  async restore(target: string): Promise<Figures> {
    mkdirSync(target, { recursive: true });
    return this.#figures(await this.#run(["extract", `${this.#repository}::1`], target));
  }

  restoredFolder(target: string): string {
    return join(target, this.#input);
  }

  async end(): Promise<void> {}

  get #repository(): string {
    return join(this.#folder, "repository");
  }

  async #create(): Promise<Figures> {
    this.#archives += 1;
    return this.#figures(await this.#run(["create", `${this.#repository}::${this.#archives}`, this.#input]));
  }

  #run(args: readonly string[], cwd?: string) {
    const environment = {
      BORG_PASSPHRASE: "seven quiet herons over the ice",
      BORG_BASE_DIR: join(this.#folder, "base"),
    };
    return runMeasured([...this.#borg, ...args], environment, cwd);
  }

  #figures({ seconds, cpuSeconds, peakBytes }: { seconds: number; cpuSeconds: number; peakBytes: number }): Figures {
    const nothing = { serverCpuS: null, serverPeakBytes: null, requests: null, storedBytes: null };
    return { seconds, clientCpuS: cpuSeconds, clientPeakBytes: peakBytes, ...nothing };
  }
}
