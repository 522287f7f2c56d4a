// The command `coffre-server` as a process of its own. Rule: tests read what a person would: its lines and exit code.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));

export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };
export type LogLine = Record<string, unknown> & { readonly msg: string };

/** Runs a command to its end. */
export async function runCommand(...args: readonly string[]): Promise<Ended> {
  const process = new ServerProcess(...args);
  return process.ended;
}

/** A command that runs. */
export class ServerProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout = "";
  stderr = "";

  constructor(...args: readonly string[]) {
    this.child = spawn(process.execPath, [MAIN, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    this.child.stdout?.on("data", (piece) => {
      this.stdout += String(piece);
    });
    this.child.stderr?.on("data", (piece) => {
      this.stderr += String(piece);
    });
    this.ended = once(this.child, "close").then(([code]) => ({ code, stdout: this.stdout, stderr: this.stderr }));
  }

  /** The first log line with this message; rejects when the process ends before. */
  async waitFor(message: string): Promise<LogLine> {
    let hasEnded = false;
    this.ended.then(() => {
      hasEnded = true;
    });
    for (;;) {
      const line = this.lines.find((found) => found.msg === message);
      if (line !== undefined) return line;
      if (hasEnded) throw new Error(`the process ended before "${message}": ${this.stderr}`);
      await Promise.race([once(this.child.stdout as NodeJS.EventEmitter, "data"), this.ended]);
    }
  }

  get lines(): LogLine[] {
    return this.stdout
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as LogLine);
  }

  async end(signal: NodeJS.Signals = "SIGTERM"): Promise<Ended> {
    this.child.kill(signal);
    return this.ended;
  }
}
