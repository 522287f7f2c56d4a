// restic against `rclone serve restic`, the peer that Coffre is held against. Rule: both as they come, with a cache of its own
// for each repository.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Child } from "../../conformance-tests/end-to-end/child.ts";
import { measureFolder } from "./canaries.ts";
import type { Contender, Figures } from "./contender.ts";
import type { Input } from "./inputs.ts";
import { runMeasured } from "./measured-command.ts";
import { readProcessUsage } from "./process-usage.ts";
import { Sentence } from "./sentence.ts";

const SERVING = /Serving restic REST API on \[?(http:[^\s\]]+)/;

/** The command lines of both programs. */
export type ResticPrograms = { readonly restic: readonly string[]; readonly rclone: readonly string[] };

export class ResticContender implements Contender {
  readonly name = "restic";
  readonly promise =
    "client: no fsync; server: none of its own. Blobs are verified by their MAC and SHA-256 when they are restored; nothing signs that " +
    "the server has them.";
  readonly #programs: ResticPrograms;
  #server: Child | null = null;
  #folder = "";
  #input = "";
  #url = "";

  constructor(programs: ResticPrograms) {
    this.#programs = programs;
  }

  async begin(folder: string, input: Input): Promise<void> {
    this.#folder = folder;
    this.#input = input.folder;
    mkdirSync(join(folder, "repository"));
    const said: string[] = [];
    const [command = "rclone", ...before] = this.#programs.rclone;
    // It says where it listens on standard error, which a shell makes its output.
    const line = `exec ${[command, ...before].join(" ")} serve restic --addr 127.0.0.1:0 "$1" 2>&1`;
    const server = new Child({ program: ["sh"], args: ["-c", line, "sh", join(folder, "repository")] });
    this.#server = server;
    said.push(await server.line("it served", (text) => SERVING.test(text)));
    this.#url = SERVING.exec(said[0] ?? "")?.[1] ?? "";
    await this.#run(["init"]);
  }

  async backUp(): Promise<Figures> {
    const figures = await this.#measure(["backup", this.#input]);
    return { ...figures, storedBytes: measureFolder(this.#folder, "repository") };
  }

  rescan(): Promise<Figures> {
    return this.#measure(["backup", this.#input]);
  }

  restore(target: string): Promise<Figures> {
    return this.#measure(["restore", "latest", "--target", target]);
  }

  restoredFolder(target: string): string {
    return join(target, this.#input);
  }

  async end(): Promise<void> {
    await this.#server?.stop();
    this.#server = null;
  }

  #run(args: readonly string[]) {
    return runMeasured([...this.#programs.restic, "--quiet", ...args], {
      RESTIC_REPOSITORY: `rest:${this.#url}`,
      RESTIC_PASSWORD: "seven quiet herons over the ice",
      RESTIC_CACHE_DIR: join(this.#folder, "cache"),
    });
  }

  async #measure(args: readonly string[]): Promise<Figures> {
    const { id } = this.#server ?? {};
    if (id === undefined) throw new Sentence("expected begin before a course");
    const before = readProcessUsage(id);
    const { seconds, cpuSeconds, peakBytes } = await this.#run(args);
    const after = readProcessUsage(id);
    return {
      seconds,
      clientCpuS: cpuSeconds,
      clientPeakBytes: peakBytes,
      serverCpuS: after.cpuSeconds - before.cpuSeconds,
      serverPeakBytes: after.peakBytes,
      requests: null,
      storedBytes: null,
    };
  }
}
