// Another passphrase and other words at the command line. Rule: what is shown once was asked back before it counts.

import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFolder, write } from "../host/scratch.ts";
import { pairHome, runAtTerminal, runCoffre } from "./run-coffre.ts";

test("coffre passphrase and coffre recovery --new replace what opens the vault", async () => {
  const { home, url, passphraseFile } = await pairHome();
  const source = makeFolder();
  write(source, "f", "x");
  await runCoffre("--home", home, "add", source, "--name", "s");
  await runCoffre("--home", home, "backup");
  const newFile = write(makeFolder(), "new", "another good passphrase\n");
  const old = ["--passphrase-file", passphraseFile];
  const changed = await runCoffre("--home", home, "passphrase", ...old, "--new-passphrase-file", newFile);
  expect(changed.exitCode).toBe(0);
  expect(changed.out).toContain("export");
  expect((await runCoffre("--home", home, "--json", "ls", ...old)).summary).toMatchObject({
    code: "user-login-refused",
  });
  const renewed = await runCoffre("--home", home, "--json", "recovery", "--new", "--passphrase-file", newFile);
  expect(renewed.summary).toMatchObject({ exitCode: 0 });
  const words = write(makeFolder(), "words", String(renewed.summary["recoveryWords"]));
  const target = join(makeFolder(), "back");
  const elsewhere = ["--home", join(makeFolder(), "home"), "restore", "--to", target];
  const restored = await runCoffre(...elsewhere, "--server", url, "--login", "ada", "--recovery-file", words);
  expect(restored.exitCode).toBe(0);
  // Words that were not written down change nothing.
  const answers = ["another good passphrase\r", "zoo\r", "zoo\r", "zoo\r"];
  const seen = await runAtTerminal(answers, "--home", home, "recovery", "--new");
  expect(seen.exitCode).toBe(1);
  expect((await runCoffre("--home", home, "ls", "--recovery-file", words)).exitCode).toBe(0);
  expect((await runCoffre("--home", home, "recovery", ...old)).exitCode).toBe(2);
});
