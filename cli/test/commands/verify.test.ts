// Verifying at the command line. Rule: what is said names the share that was covered, and when.

import { expect, test } from "vitest";
import { findAlarms } from "../../src/commands/status.ts";
import { makeFolder, write } from "../host/scratch.ts";
import { pairHome, runCoffre } from "./run-coffre.ts";

test("coffre verify and coffre drill say what share they covered, and status says when", async () => {
  const { home, passphraseFile } = await pairHome();
  const source = makeFolder();
  write(source, "f", "x");
  expect((await runCoffre("--home", home, "verify")).out).toMatch(/nothing to ask about/);
  await runCoffre("--home", home, "add", source, "--name", "s");
  await runCoffre("--home", home, "backup");
  expect((await runCoffre("--home", home, "status")).out).toContain("coffre verify");
  const verified = await runCoffre("--home", home, "verify", "--all");
  expect(verified.exitCode).toBe(0);
  expect(verified.out).toContain("1 of 1 blob asked about");
  expect(verified.out).toContain("100 of 100 cases");
  expect((await runCoffre("--home", home, "status")).out).toMatch(/Last checked 20.*: 1 of 1 blob, all there/);
  const { summary } = await runCoffre("--home", home, "--json", "status");
  expect(summary).toMatchObject({ verified: { kind: "audit", blobs: 1, bad: 0 }, alarms: [] });
  expect((await runCoffre("--home", home, "status", "--alarm-days", "0")).exitCode).toBe(2);
  const drilled = await runCoffre("--home", home, "drill", "--passphrase-file", passphraseFile);
  expect(drilled.out).toContain("1 of 1 file fetched, opened and found whole.");
  expect((await runCoffre("--home", home, "status")).out).toMatch(
    /Last drill 20.*: 1 of 1 file restored and compared, 0 bad/,
  );
});

test("an alarm is raised once nothing was fully synced, or checked, for so many days", () => {
  const day = 86_400_000;
  const status = { lastReceipt: { number: 1, timeMs: 0 }, lastSyncedAtMs: 5 * day, verified: null, drilled: null };
  const at = (days: number, more: object = {}) => findAlarms({ ...status, ...more } as never, 3, days * day);
  expect(at(7.9)).toEqual([]);
  expect(at(8)).toEqual([{ kind: "synced", days: 3 }]);
  const verified = { kind: "audit", atMs: 2 * day, blobs: 1, of: 1, bad: 0 };
  expect(at(6, { verified })).toEqual([{ kind: "verified", days: 4 }]);
  expect(at(6, { verified, drilled: { ...verified, atMs: 5 * day } })).toEqual([]);
  expect(at(9, { lastReceipt: null })).toEqual([]);
});
