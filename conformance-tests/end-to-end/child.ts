// A process that was started here: its output as lines, its end, what it used. Rule: a process is ended by its own id, and
// nothing waits for time to pass, only for lines and ends.

import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { createInterface } from "node:readline";

/** What a process used until its end. */
export type Usage = { readonly peakBytes: number; readonly cpuSeconds: number };

export type Ended = {
  /** null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly elapsedMs: number;
  readonly stdout: readonly string[];
  readonly stderr: string;
};

export type ChildSetup = {
  readonly args: readonly string[];
  /** A command line that takes the place of this Node; it says nothing of what it used. */
  readonly program?: readonly string[] | undefined;
  /** A command that becomes Node when it has changed what the process may do, such as setpriv(1). */
  readonly before?: readonly string[];
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** A file in which the process says at its end what it used; needed for `readUsage`. */
  readonly usageFile?: string;
  readonly onLine?: (line: string) => void;
};

type Waiting = { readonly matches: (line: string) => boolean; readonly found: (line: string) => void };

const USAGE_REPORT = new URL("usage-report.mjs", import.meta.url).href;
const running = new Set<Child>();

/** The options that a launcher's first line gives to Node when a person runs it: `#!/usr/bin/env -S node --option …`. */
function readNodeOptions(launcher: string): string[] {
  const firstLine = readFileSync(launcher, "utf8").split("\n", 1)[0] ?? "";
  return firstLine.split(" ").filter((word) => word.startsWith("--"));
}

export class Child {
  readonly ended: Promise<Ended>;
  readonly #process: ChildProcess;
  readonly #usageFile: string | null;
  readonly #lines: string[] = [];
  readonly #waiting = new Set<Waiting>();
  #stderr = "";

  /** Starts this Node, or `program`, with `args`, without inheriting settings of Coffre from the environment. */
  constructor({ args, program, before = [], cwd, environment = {}, usageFile, onLine }: ChildSetup) {
    const startedMs = performance.now();
    this.#usageFile = usageFile ?? null;
    const report = usageFile === undefined ? [] : ["--import", USAGE_REPORT];
    const options = args[0]?.endsWith(".mjs") ? readNodeOptions(args[0]) : [];
    const [first = "", ...rest] = [...before, ...(program ?? [process.execPath, ...options, ...report]), ...args];
    this.#process = spawn(first, rest, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...ownEnvironment(), ...environment, ...(usageFile === undefined ? {} : { USAGE_REPORT: usageFile }) },
      ...(cwd === undefined ? {} : { cwd }),
    });
    running.add(this);
    this.#readLines(onLine);
    this.#process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    this.ended = new Promise((resolve, reject) => {
      this.#process.on("error", reject);
      this.#process.on("close", (code, signal) => {
        running.delete(this);
        const elapsedMs = performance.now() - startedMs;
        resolve({ code, signal, elapsedMs, stdout: this.#lines, stderr: this.#stderr });
      });
    });
  }

  /** The process's id; an Error when it could not be started. */
  get id(): number {
    if (this.#process.pid === undefined) throw new Error("the process did not start");
    return this.#process.pid;
  }

  /** The first line on standard output, past or to come, that `matches`; an Error when the process ends without it. */
  async line(what: string, matches: (line: string) => boolean): Promise<string> {
    const past = this.#lines.find(matches);
    if (past !== undefined) return past;
    const coming = new Promise<string>((resolve) => this.#waiting.add({ matches, found: resolve }));
    const ended = this.ended.then(({ code, signal, stderr }) => {
      throw new Error(`the process ended (${signal ?? code}) before ${what}: ${stderr.trim()}`);
    });
    ended.catch(() => undefined);
    return Promise.race([coming, ended]);
  }

  /** Sends a signal and resolves with the end. */
  stop(signal: NodeJS.Signals = "SIGTERM"): Promise<Ended> {
    this.#process.kill(signal);
    return this.ended;
  }

  /** Sends a signal that need not end the process. */
  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** What the process said at its end that it used; null when it did not get to say it. */
  readUsage(): Usage | null {
    if (this.#usageFile === null) return null;
    try {
      return JSON.parse(readFileSync(this.#usageFile, "utf8")) as Usage;
    } catch {
      return null;
    } finally {
      rmSync(this.#usageFile, { force: true });
    }
  }

  #readLines(onLine: ((line: string) => void) | undefined): void {
    if (this.#process.stdout === null) return;
    createInterface({ input: this.#process.stdout, crlfDelay: Number.POSITIVE_INFINITY }).on("line", (line) => {
      this.#lines.push(line);
      onLine?.(line);
      for (const waiting of this.#waiting) {
        if (!waiting.matches(line)) continue;
        this.#waiting.delete(waiting);
        waiting.found(line);
      }
    });
  }
}

/** Ends every process that was started here and still runs; resolves when all have ended. */
export async function stopChildren(): Promise<void> {
  await Promise.all([...running].map((child) => child.stop("SIGKILL")));
}

function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("COFFRE_")));
}
