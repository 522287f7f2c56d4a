// Output that nobody reads. Rule: what was asked for is done all the same, or the exit code says that it was not.

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeFolder, write } from "../host/scratch.ts";
import { pairHome, runCoffre, spawnCoffre, startServer } from "./run-coffre.ts";

const PASSPHRASE = "yellow anchor fig tree\n";

/** Runs the program with a standard output that nobody reads from the beginning; its exit code and what it said besides. */
async function runUnread(...args: string[]): Promise<{ exitCode: number | null; error: string }> {
  const child = spawnCoffre(...args);
  child.stdout?.destroy();
  let error = "";
  child.stderr?.on("data", (bytes) => (error += String(bytes)));
  const [exitCode] = await once(child, "close");
  return { exitCode, error };
}

describe("without a reader of its output", () => {
  test("`backup` goes on to the end, and `ls` ends as a shell expects of who has nobody to tell", async () => {
    const { home, passphraseFile } = await pairHome();
    const source = makeFolder();
    write(source, "f", "x");
    await runCoffre("--home", home, "add", source, "--name", "s");
    for (const json of [[], ["--json"]]) {
      expect(await runUnread("--home", home, ...json, "backup")).toMatchObject({ exitCode: 0 });
    }
    expect((await runCoffre("--home", home, "--json", "status")).summary).toMatchObject({ filesSynced: 1 });
    const to = join(makeFolder(), "to");
    await runUnread("--home", home, "restore", "--to", to, "--passphrase-file", passphraseFile);
    expect(readFileSync(join(to, "s/f"), "utf8")).toBe("x");
    expect(await runUnread("--home", home, "ls", "--passphrase-file", passphraseFile)).toMatchObject({ exitCode: 141 });
  });

  test.each([["in words"], ["--json"]])(
    "`init` fails %s, and shows the same words when it is run again",
    async (how) => {
      const url = await startServer();
      const home = join(makeFolder(), "home");
      const passphraseFile = write(makeFolder(), "passphrase", PASSPHRASE);
      const init = ["init", "--server", url, "--login", "ada", "--passphrase-file", passphraseFile];
      const unread = await runUnread("--home", home, ...(how === "--json" ? [how] : []), ...init);
      expect(unread.exitCode).toBe(1);
      if (how !== "--json") expect(unread.error).toContain("run the same command again");
      const again = await runCoffre("--home", home, "--json", ...init);
      expect(again.exitCode).toBe(0);
      const words = String(again.summary["recoveryWords"]);
      expect(words.split(" ").length).toBe(24);
      const file = write(makeFolder(), "words", words);
      expect((await runCoffre("--home", home, "--json", "ls", "--recovery-file", file)).exitCode).toBe(0);
      expect((await runCoffre("--home", home, "--json", ...init)).summary).toMatchObject({
        code: "user-already-paired",
      });
    },
  );
});
