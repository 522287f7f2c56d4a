// Devices at the command line: renamed, and shut out. Rule: whoever is asked is shown what an answer does before it is done.

import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeFolder, write } from "../host/scratch.ts";
import { type PairedHome, pairHome, runAtTerminal, runCoffre } from "./run-coffre.ts";

/** A vault of two machines, each with one file backed up. */
async function twoMachines(): Promise<{ first: PairedHome; second: string; vault: string[] }> {
  const first = await pairHome();
  const second = join(makeFolder(), "home");
  const secret = ["--passphrase-file", first.passphraseFile];
  const join2 = ["join", "--server", first.url, "--login", "ada", "--device-name", "phone", ...secret];
  expect((await runCoffre("--home", second, ...join2)).exitCode).toBe(0);
  for (const [home, name] of [
    [first.home, "mine"],
    [second, "stolen"],
  ] as const) {
    const source = makeFolder();
    write(source, "f", name);
    await runCoffre("--home", home, "add", source, "--name", name);
    expect((await runCoffre("--home", home, "backup")).exitCode).toBe(0);
  }
  return { first, second, vault: ["--home", first.home] };
}

describe("coffre devices revoke", () => {
  test("shuts a machine out, which says so, and what was before its theft is restored whole", async () => {
    const { first, second, vault } = await twoMachines();
    const secret = ["--passphrase-file", first.passphraseFile];
    const revoked = await runCoffre(
      ...vault,
      "--json",
      "devices",
      "revoke",
      "phone",
      "--since",
      "@1",
      "--yes",
      ...secret,
    );
    expect(revoked.summary).toMatchObject({ command: "revoke", exitCode: 0, revokedAfter: 0, files: 1 });
    const refused = await runCoffre("--home", second, "--json", "backup");
    expect(refused.summary).toMatchObject({ exitCode: 1, code: "peer-device-revoked" });
    expect((await runCoffre("--home", second, "status")).out).toMatch(/revoked/);
    const [whole, marked] = [makeFolder(), makeFolder()];
    const restored = await runCoffre(...vault, "--json", "restore", "--to", whole, ...secret);
    expect(restored.summary).toMatchObject({ exitCode: 0, filesRestored: 1 });
    const all = await runCoffre(...vault, "restore", "--to", marked, "--with-revoked", ...secret);
    expect(all.exitCode).toBe(0);
    expect(all.error).toContain("stolen/f");
    expect((await runCoffre(...vault, "backup")).exitCode).toBe(0);
  });

  test("asks since when at a terminal, changes nothing when the person says no, and wants both answers where there is none", async () => {
    const { first, vault } = await twoMachines();
    const secret = "yellow anchor fig tree";
    const seen = await runAtTerminal(
      [`${secret}\r`, "gibberish\r", "now\r", "no\r"],
      ...vault,
      "devices",
      "revoke",
      "phone",
    );
    expect(seen.exitCode).toBe(1);
    expect(seen.screen.join(" ").replace(/\s+/g, " ")).toContain("Revoke phone?");
    const asked = await runCoffre(...vault, "devices", "revoke", "phone", "--passphrase-file", first.passphraseFile);
    expect(asked.exitCode).toBe(2);
    expect(asked.error).toContain("--since");
    const listed = await runAtTerminal([`${secret}\r`], ...vault, "devices");
    expect(listed.screen.join("\n")).not.toContain("revoked");
  });
});

test("coffre devices rename gives another name, also to this machine", async () => {
  const { first, vault } = await twoMachines();
  const secret = ["--passphrase-file", first.passphraseFile];
  expect((await runCoffre(...vault, "devices", "rename", hostname(), "desk", ...secret)).out).toContain("desk");
  expect((await runCoffre(...vault, "status")).out).toContain("desk");
  const { out } = await runCoffre(...vault, "devices", ...secret);
  expect(out).toMatch(/^desk .*\(this machine\)\nphone /m);
});
