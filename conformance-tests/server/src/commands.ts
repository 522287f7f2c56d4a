// How the caller's server is killed and started. Rule: the commands are the caller's own, given on the command line, and run in
// a shell as they stand.

import { spawn } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { NotApplicable, PrerequisiteFailed } from "./outcome.ts";
import type { Client } from "./wire/client.ts";

export type Commands = {
  /** Ends the server's process at once, as `kill -9` does. */
  readonly kill: (() => Promise<void>) | null;
  /** Starts the server again; alone, it also ends it. */
  readonly restart: (() => Promise<void>) | null;
};

const PATIENCE_MS = 30_000;
const PAUSE_MS = 100;

/** Kills the server, starts it again and waits until it is ready; PrerequisiteFailed when it does not come back. */
export async function killAndRestart(commands: Commands, client: Client): Promise<void> {
  if (commands.restart === null) throw new NotApplicable("needs --restart-cmd, and --kill-cmd unless it kills as well");
  if (commands.kill !== null) await commands.kill();
  await commands.restart();
  for (const startedMs = performance.now(); performance.now() - startedMs < PATIENCE_MS; await wait(PAUSE_MS)) {
    try {
      if ((await client.send("GET", "/health/ready")).status === 200) return;
    } catch {
      // Not there yet.
    }
  }
  throw new PrerequisiteFailed(`the server was not ready ${PATIENCE_MS / 1_000} s after --restart-cmd`);
}

/** Runs a command in a shell; PrerequisiteFailed when it ends with another code than 0. */
export function runCommand(command: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // What the command starts may go on writing: nothing here waits for its output.
  const child = spawn(command, { shell: true, stdio: "ignore" });
  child.on("error", reject);
  child.on("exit", (code) =>
    code === 0 ? resolve() : reject(new PrerequisiteFailed(`a command of the caller ended with ${code}`)),
  );
  return promise;
}
