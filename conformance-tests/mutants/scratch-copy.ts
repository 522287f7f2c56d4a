// A copy of the repository in which the engine can be patched and tested. Rule: nothing outside of the copy is written, and
// workspaces of the copy find each other, not the originals.

import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Mutant } from "./mutant.ts";
import { applyPatch } from "./mutant.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** What proves the simulator must not help to decide which mutants count. */
const LEFT_OUT = ["simulation", "golden", "mutants", "test/mutants"];

export class ScratchCopy {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Copies what the last commit holds; packages are linked. */
  static async make(): Promise<ScratchCopy> {
    const folder = await mkdtemp(join(tmpdir(), "coffre-mutants-"));
    const archive = join(folder, "archive.tar");
    await expectSuccess("git", ["archive", "--output", archive, "HEAD"], ROOT);
    await expectSuccess("tar", ["-xf", archive], folder);
    await rm(archive);
    for (const name of LEFT_OUT) await rm(join(folder, "conformance-tests", name), { recursive: true, force: true });
    await linkPackages(join(ROOT, "node_modules"), join(folder, "node_modules"));
    return new ScratchCopy(folder);
  }

  /** Runs `act` while the patches are in the copy, all of them. */
  async patched<T>([mutant, ...others]: readonly Mutant[], act: () => Promise<T>): Promise<T> {
    if (mutant === undefined) return await act();
    const path = join(this.folder, "engine/src", mutant.file);
    const original = await readFile(path, "utf8");
    await writeFile(path, applyPatch(mutant, original));
    try {
      return await this.patched(others, act);
    } finally {
      await writeFile(path, original);
    }
  }

  /** Runs a program of the packages in the copy, and returns its exit code and what it wrote. */
  run(program: string, args: readonly string[]): Promise<{ exitCode: number; output: string }> {
    return runProgram(join(this.folder, "node_modules/.bin", program), args, this.folder);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Links all packages; a relative link, which names a workspace, is copied as it is and so names the copy's. */
async function linkPackages(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const target = entry.isSymbolicLink() ? await readlink(join(from, entry.name)) : join(from, entry.name);
    await symlink(target, join(to, entry.name));
  }
}

async function expectSuccess(program: string, args: readonly string[], cwd: string): Promise<void> {
  const { exitCode, output } = await runProgram(program, args, cwd);
  if (exitCode !== 0) throw new Error(`${program} ended with ${exitCode}: ${output}`);
}

function runProgram(
  program: string,
  args: readonly string[],
  cwd: string,
): Promise<{ exitCode: number; output: string }> {
  return new Promise((resolve, reject) => {
    const path = `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`;
    const child = spawn(program, args, { cwd, env: { ...process.env, PATH: path }, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const take = (text: Buffer): void => {
      output += text.toString("utf8");
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", reject);
    child.on("close", (code) => resolve({ exitCode: code ?? 1, output }));
  });
}
