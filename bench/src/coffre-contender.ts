// Coffre in the race: `coffre` and `coffre-server`, as a person runs them. Rule: nothing is turned off that a release has on.

import { join } from "node:path";
import { type ClientEnd, readCount } from "../../conformance-tests/end-to-end/client-process.ts";
import { measureFolder } from "./canaries.ts";
import type { Contender, Figures } from "./contender.ts";
import type { Input } from "./inputs.ts";
import { readChildrenCpu } from "./measured-command.ts";
import { readProcessUsage } from "./process-usage.ts";
import { Sentence } from "./sentence.ts";
import { Vault, type VaultSetup } from "./vault.ts";

const ROOT = "input";

export class CoffreContender implements Contender {
  readonly name: string;
  readonly promise: string =
    "client: its database in each step; server: every blob and record, before it answers; a restored file, before it is called restored. " +
    "Every byte is verified by keyed digest and AES-GCM, each receipt by its signature.";
  readonly #setup: VaultSetup;
  #vault: Vault | null = null;

  constructor(name = "coffre", setup: VaultSetup = {}) {
    this.name = name;
    this.#setup = setup;
  }

  async begin(folder: string, input: Input): Promise<void> {
    this.#vault = await Vault.create(folder, this.#setup);
    await this.#vault.run(["add", input.folder, "--name", ROOT]);
  }

  async backUp(): Promise<Figures> {
    const figures = await this.#measure((vault) => vault.run(["backup"]));
    return { ...figures, storedBytes: measureFolder(this.#open.data, "blobs") };
  }

  rescan(): Promise<Figures> {
    return this.#measure((vault) => vault.run(["backup"]));
  }

  restore(target: string): Promise<Figures> {
    return this.#measure((vault) => vault.restore({ target }));
  }

  restoredFolder(target: string): string {
    return join(target, ROOT);
  }

  async end(): Promise<void> {
    await this.#vault?.stop();
    this.#vault = null;
  }

  get #open(): Vault {
    if (this.#vault === null) throw new Sentence("expected begin before a course");
    return this.#vault;
  }

  async #measure(run: (vault: Vault) => Promise<ClientEnd>): Promise<Figures> {
    const vault = this.#open;
    const server = readProcessUsage(vault.server.id);
    const cpuBefore = readChildrenCpu();
    const end = await run(vault);
    const after = readProcessUsage(vault.server.id);
    return {
      seconds: end.elapsedMs / 1000,
      clientCpuS: readChildrenCpu() - cpuBefore,
      clientPeakBytes: end.usage?.peakBytes ?? null,
      serverCpuS: after.cpuSeconds - server.cpuSeconds,
      serverPeakBytes: after.peakBytes,
      requests: readCount(end, "requests"),
      storedBytes: null,
    };
  }
}
