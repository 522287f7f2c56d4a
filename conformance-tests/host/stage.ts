// What checks work with: the adapter, folders, slots and servers. Rule: what a check makes goes away when the check ends.

import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { makeScratchFolder, removeScratchFolder } from "../end-to-end/scratch-folder.ts";
import { AdapterProcess } from "./adapter-process.ts";
import { Unavailable } from "./check.ts";

/** A slot in memory, and the 32 bytes in it. */
export interface FilledSlot {
  readonly slot: string;
  readonly key: Buffer;
}

/** How a run is made. */
export interface StageSetup {
  readonly command: readonly string[];
  /** The size of the large file. */
  readonly largeBytes: number;
  /** By how much the host's memory may grow while it handles that file. */
  readonly growthBytes: number;
  /** The longest time that a check may take, and the adapter for starting and for ending. */
  readonly checkMs: number;
}

/** Takes away what lets the superuser read everything (capabilities(7)). */
const ORDINARY = [
  "setpriv",
  "--bounding-set=-dac_override,-dac_read_search",
  "--inh-caps=-dac_override,-dac_read_search",
];

/** The place where one run of the suite happens. */
export class Stage {
  readonly setup: StageSetup;
  readonly #scratch: string;
  readonly #stopped: AdapterProcess[] = [];
  #running: AdapterProcess | null = null;
  #ordinary: AdapterProcess | null = null;
  #cleanups: (() => unknown)[] = [];
  #number = 0;
  #note: string | null = null;

  constructor(setup: StageSetup) {
    this.setup = setup;
    this.#scratch = makeScratchFolder("host-suite");
  }

  /** The folder that the host may keep its state in. */
  get home(): string {
    return join(this.#scratch, "home");
  }

  /** The adapter that runs. */
  get adapter(): AdapterProcess {
    if (this.#running === null) throw new Error("no adapter runs");
    return this.#running;
  }

  /** Starts the adapter when none runs. */
  async start(): Promise<void> {
    const { command, checkMs } = this.setup;
    this.#running ??= await AdapterProcess.start({ command, home: this.home, deadlineMs: checkMs });
  }

  /** Ends the adapter as a device would that is switched off in order, and starts it over the same home. */
  async restart(): Promise<number | null> {
    const code = await this.adapter.close();
    this.#leave();
    await this.start();
    return code;
  }

  /** Ends the adapter at once, and starts it over the same home. */
  async replace(): Promise<void> {
    await this.adapter.kill();
    this.#leave();
    await this.start();
  }

  /** Ends adapters that may hang, or that have ended, and starts another. */
  async recover(): Promise<void> {
    const ordinary = this.#ordinary;
    this.#ordinary = null;
    if (ordinary !== null) {
      await ordinary.kill();
      this.#stopped.push(ordinary);
    }
    await this.replace();
  }

  /**
   * A second adapter, over a home of its own, that may read no more than an ordinary user. It is started for the first check that
   * needs it, and serves the others too: on some platforms a start takes as long as all that a check asks.
   */
  async ordinary(): Promise<AdapterProcess> {
    if (this.#ordinary !== null) return this.#ordinary;
    const isRoot = process.getuid?.() === 0;
    const command = isRoot ? [...ORDINARY, ...this.setup.command] : this.setup.command;
    if (isRoot && process.platform !== "linux") throw new Unavailable("the superuser may read everything here");
    const home = join(this.#scratch, `ordinary-${++this.#number}`);
    mkdirSync(home);
    this.#ordinary = await AdapterProcess.start({ command, home, deadlineMs: this.setup.checkMs }).catch(
      (error: unknown) => {
        if (!String(error).includes("setpriv ENOENT")) throw error;
        throw new Unavailable("this machine has no setpriv(1), and the superuser may read everything");
      },
    );
    return this.#ordinary;
  }

  /** Calls `cleanup` when the check has ended. */
  defer(cleanup: () => unknown): void {
    this.#cleanups.push(cleanup);
  }

  /** A new, empty folder, removed when the check has ended. */
  folder(): string {
    const folder = join(this.#scratch, `folder-${++this.#number}`);
    mkdirSync(folder);
    chmodSync(folder, 0o755);
    this.defer(() => removeScratchFolder(folder));
    return folder;
  }

  /** A path that nothing has. */
  nothing(): string {
    return join(this.#scratch, `nothing-${++this.#number}`);
  }

  /** Fills a slot in memory, of a name that was not used before. */
  async fillSlot(key: Buffer = randomBytes(32), adapter: AdapterProcess = this.adapter): Promise<FilledSlot> {
    const slot = `suite.slot-${++this.#number}`;
    await adapter.ask({ kind: "secret", op: "write", slot, storage: "memory", bytes: key.toString("base64") });
    return { slot, key };
  }

  /** Has the report say a figure beside the check's sentence. */
  note(text: string): void {
    this.#note = text;
  }

  /** What was noted since the last call, or null. */
  takeNote(): string | null {
    const note = this.#note;
    this.#note = null;
    return note;
  }

  /** Undoes what a check made, the last first. */
  async endCheck(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0).reverse()) await cleanup();
  }

  /** What adapters did against the protocol, up to now. */
  faults(): string[] {
    const running = [this.#running, this.#ordinary].filter((adapter) => adapter !== null);
    return [...this.#stopped, ...running].flatMap(({ faults }) => faults);
  }

  /** Ends the adapters in order and removes every folder; an exit code other than 0, if there is one. */
  async close(): Promise<number | null> {
    try {
      const ordinary = this.#ordinary === null ? 0 : await this.#ordinary.close();
      const code = (await this.#running?.close()) ?? null;
      return code === 0 ? ordinary : code;
    } finally {
      this.#leave();
      removeScratchFolder(this.#scratch);
    }
  }

  #leave(): void {
    if (this.#running !== null) this.#stopped.push(this.#running);
    this.#running = null;
  }
}
