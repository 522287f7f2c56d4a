// The suite bites. Rule: a host with one mistake fails the check that looks at it, and the same host without it does not.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import type { SpoilName } from "./spoils.ts";
import { runSuite } from "./suite.ts";

const MIB = 1_048_576;
const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const NODE_ADAPTER = [process.execPath, path("../../cli/src/host-adapter.ts")];
/** The mistake that makes a check hang until its time is over. */
const HANGS: SpoilName = "cancels that are lost";
const PROTOCOL_CHECK = "answers each effect once, in ASCII lines of bounded length";

/** Each mistake, the check that is run, and the one that finds the mistake when it is another. */
const FOUND_BY: readonly { readonly name: SpoilName; readonly check: string; readonly finder?: string }[] = [
  { name: "one digit of a digest", check: "hashes files of every edge size, chunk by chunk, and gives their stat" },
  {
    name: "a listing that is called whole",
    check: "goes on behind a name that is gone, and sees what came behind it meanwhile",
  },
  {
    name: "an entry left out",
    check: "lists a tree of awkward names, sizes, times, modes, links and empty folders as the system has it",
  },
  {
    name: "its own folder listed",
    check: "tells of a folder that bears the mark of Coffre's own, and of nothing in it",
  },
  { name: "links followed", check: "follows no link, waits for no pipe, and says of each file why it was not hashed" },
  {
    name: "an error taken for an absence",
    check: "says io of a file that cannot be read, once, and hashes the others",
  },
  {
    name: "changed taken for read",
    check: "says changed of a file that grows, shrinks or is touched while it is read",
  },
  { name: "what is not authentic, opened", check: "opens as the vectors say, and nothing else" },
  {
    name: "another content, opened",
    check: "writes and answers no byte of another content than the context names, however right its seal",
  },
  {
    name: "a SHA-256 that is always right",
    check: "opens each part into the answer, and judges the SHA-256 of the whole",
  },
  {
    name: "a reset called a timeout",
    check: "says reset when a connection breaks off, before the answer or within it, and asks once",
  },
  { name: "a second try after a 503", check: "puts one request on the wire for one 503, and for every other status" },
  {
    name: "an existing file called done",
    check: "refuses what stands there, or replaces files and links, and never a folder",
  },
  { name: "memory slots kept on the device", check: "keeps device slots over a restart, and memory slots not" },
  {
    name: "cancels that are lost",
    check: "ends a request, an upload and a download that are cancelled, and lets go of the server",
  },
  { name: "wakes at once", check: "wakes at a time or after it, and at once for one that is past" },
  {
    name: "a rollback called a commit",
    check: "answers a failure as a value, and commits nothing of the step in which it came",
  },
  { name: "answers given twice", check: "derives keys as the vectors say", finder: PROTOCOL_CHECK },
  { name: "text that is not ASCII", check: "gives status, three headers and the text", finder: PROTOCOL_CHECK },
  { name: "memory that grows", check: "needs no more memory for a large file that never repeats than for a small one" },
];

/** The checks that fail out of those whose sentence is `only`. */
async function failedChecks(command: readonly string[], only: string, checkMs: number): Promise<string[]> {
  const setup = { command, only, largeBytes: 72 * MIB, growthBytes: 64 * MIB, checkMs };
  const { outcomes } = await runSuite(setup);
  return outcomes.filter(({ state }) => state === "failed").map(({ says }) => says);
}

describe("a host with one mistake", () => {
  test.each(FOUND_BY)("$name: fails", async ({ name, check, finder = check }) => {
    const command = [process.execPath, path("spoiling-adapter.ts"), name, "--", ...NODE_ADAPTER];
    expect(await failedChecks(command, check, name === HANGS ? 6_000 : 30_000)).toEqual([finder]);
  });
});

describe("the command line", () => {
  const run = promisify(execFile);
  const suite = path("run.ts");

  /** Runs the suite's command; its exit code and what it printed. */
  async function runCommand(args: readonly string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
    try {
      return { code: 0, ...(await run(process.execPath, [suite, ...args])) };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: unknown; stdout: string; stderr: string };
      return { code, stdout, stderr };
    }
  }

  test("prints help, one line for each check, or JSON", async () => {
    expect(await runCommand(["--help"])).toMatchObject({ code: 0, stdout: expect.stringContaining("--large-mib") });
    const lines = await runCommand(["--only", "derives keys", "--", ...NODE_ADAPTER]);
    expect(lines).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/ok {6}H-26 +derives keys .*\n(?:.*\n)*.*3 passed, 0 failed/),
    });
    const json = await runCommand(["--json", "--only", "derives keys", "--", ...NODE_ADAPTER]);
    expect(JSON.parse(json.stdout)).toMatchObject({ passed: 3, failed: 0, leftOut: 0, checks: { length: 3 } });
  });

  test("ends with 1 when a check failed", async () => {
    const spoiled = [process.execPath, path("spoiling-adapter.ts"), "answers given twice", "--", ...NODE_ADAPTER];
    const { code, stdout } = await runCommand(["--only", "derives keys", "--", ...spoiled]);
    expect([code, stdout]).toEqual([1, expect.stringContaining("FAILED")]);
  });

  test("ends with 2 when there is nothing to test", async () => {
    for (const args of [
      [],
      ["--"],
      ["--no-such-option", "--", "x"],
      ["--large-mib", "0", "--", "x"],
      ["--", "/no/such/program"],
    ]) {
      expect(await runCommand(args)).toMatchObject({ code: 2, stdout: "" });
    }
    expect((await runCommand(["--", process.execPath, "-e", "0"])).code).toBe(2);
  });
});
