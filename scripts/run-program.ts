// Runs programs of the build. Rule: an end by a signal is a failure.

import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Runs a program in the repository's root, its output going to ours, and returns its exit code; an end by a signal counts as 1. */
export function runProgram(program: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

/** Runs a program to its end, and gives what it said on `stream`. Throws when it fails; all that it said is in the error. */
export function runTool(program: string, args: readonly string[], stream: "stdout" | "stderr" = "stdout"): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: "utf8", maxBuffer: 64 * 1_048_576 });
  if (error !== undefined) throw new Error(`${program} cannot be started`);
  if (status !== 0) throw new Error(`${program} failed:\n${stdout}${stderr}`);
  return stream === "stdout" ? stdout : stderr;
}
