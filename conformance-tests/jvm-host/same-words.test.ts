// Two programs called `coffre`, one set of words. Rule: what both can be asked, and how both fail, is said to the letter alike. Help
// is not compared: the command on Node has options and commands that the one on the JVM, which is only there for tests, lacks.

import { afterAll, describe, expect, test } from "vitest";
import { stopChildren } from "../end-to-end/child.ts";
import { runClient } from "../end-to-end/client-process.ts";
import { Scene } from "../end-to-end/scene.ts";
import { findJvmProgram } from "./jvm-program.ts";

const jvm = findJvmProgram();
const scene = new Scene("same-words");

afterAll(async () => {
  await stopChildren();
  scene.remove();
});

type Said = { readonly code: number | null; readonly stdout: readonly string[]; readonly stderr: string };

/** What the host of `program` prints and how it ends, without the time that it took. */
async function run(program: readonly string[] | undefined, args: readonly string[]): Promise<Said> {
  const setup = { program, cwd: scene.folder, environment: { TZ: "UTC" } };
  const { code, stdout, stderr } = await runClient(["--home", scene.path("home"), ...args], setup);
  // How often progress is shown is each host's own pace.
  const lines = stdout.filter((line) => !line.startsWith('{"type":"progress"'));
  return { code, stdout: lines.map((line) => line.replace(/"elapsedMs":\d+/, '"elapsedMs":0')), stderr };
}

describe.skipIf(jvm === null)("the command on the JVM says what the command on Node says", () => {
  test.each([
    "--version",
    "nothing",
    "--json nothing",
    "add",
    "add a b",
    "add --name",
    "add ./not-there",
    "--json add ./passphrase",
    "restore",
    "restore --to x --existing y",
    "restore --to x --at yesterday",
    "restore --to x",
    "--json status",
    "status",
    "backup",
    "--json backup --limit-upload slow",
    "init --server example.org",
    "init --server http://example.org --login ada",
    "--json init --server https://example.org/path --login ada",
    "init --server example.org --login ada --pin 12",
    "init --server http://127.0.0.1:9 --login ada --passphrase-file ./passphrase",
    "--json init --server http://127.0.0.1:9 --login A --passphrase-file ./passphrase",
  ])("`coffre %s`", { timeout: 120_000 }, async (line) => {
    const args = line.split(" ");
    expect(await run(jvm?.coffre, args)).toEqual(await run(undefined, args));
  });
});
