// Servers that make accounts for who was invited, or for nobody: the reference server started so.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CHECKS } from "../src/checks/all.ts";
import { formatResult } from "../src/reports/console.ts";
import { type Result, runChecks } from "../src/run.ts";
import type { Account } from "../src/vault/account.ts";
import { reachTarget, TargetError } from "../src/wire/target.ts";
import { ReferenceServer } from "./reference-server.ts";

const COFFRE = join(import.meta.dirname, "../../../node_modules/.bin/coffre");
const PASSPHRASE = "seven green lanterns over quiet water";
const NO_COMMANDS = { kill: null, restart: null };
const RUN_MS = 300_000;

let server: ReferenceServer;
let folder: string;

beforeEach(() => {
  server = new ReferenceServer();
  folder = mkdtempSync(join(tmpdir(), "coffre-registration-"));
});

afterEach(async () => {
  await server.remove();
  rmSync(folder, { recursive: true, force: true });
});

async function runFamilies(families: RegExp, given: { invitations?: string[]; account?: Account }): Promise<Result[]> {
  const run = await runChecks({
    target: await reachTarget(server.url, { pin: null, mayInsecureLoopback: false }),
    checks: CHECKS.filter(({ id }) => families.test(id)),
    invitations: [],
    commands: NO_COMMANDS,
    ...given,
  });
  return [...run.results];
}

function coffre(home: string, ...command: string[]): string {
  const { status, stdout, stderr } = spawnSync(COFFRE, ["--home", join(folder, home), ...command], {
    encoding: "utf8",
  });
  expect(status, stdout + stderr).toBe(0);
  return stdout;
}

function faultsOf(results: readonly Result[]): string[] {
  return results
    .filter(({ state }) => state !== "pass" && state !== "not-applicable")
    .map((result) => formatResult(result, server.url));
}

test("with invitations all checks of accounts apply, and the last ones only while invitations last", {
  timeout: RUN_MS,
}, async () => {
  await server.start("invitation");
  const invitations = await Promise.all(Array.from({ length: 10 }, () => server.invite()));
  const results = await runFamilies(/^accounts\//, { invitations });
  expect(faultsOf(results)).toEqual([]);
  const left = results.filter(({ state }) => state === "not-applicable").map(({ check }) => check.id);
  expect(left).toEqual(["accounts/closed"]);

  const none = await runFamilies(/^accounts\/create$/, { invitations: [] });
  expect(none.map(({ state, why }) => `${state}: ${why}`)).toEqual([
    "not-applicable: no invitation is left: give more with --invitation",
  ]);
});

test("a closed server is checked over an account of the caller, whose vault is as it was afterwards", {
  timeout: RUN_MS,
}, async () => {
  const place = (name: string) => join(folder, name);
  await server.start("open");
  writeFileSync(place("passphrase"), PASSPHRASE);
  mkdirSync(place("photos"));
  writeFileSync(place("photos/one.jpg"), "one");
  const login = ["--server", server.url.href, "--login", "ada", "--passphrase-file", place("passphrase")];
  coffre("home", "init", ...login);
  coffre("home", "add", place("photos"), "--name", "photos");
  coffre("home", "backup");
  await server.kill();
  await server.start("closed");

  const account = { login: "ada", passphrase: PASSPHRASE };
  const results = await runFamilies(/./, { account });
  expect(faultsOf(results)).toEqual([]);
  const count = (state: string) => results.filter((result) => result.state === state).length;
  expect(count("pass")).toBeGreaterThan(70);
  expect(results.find(({ check }) => check.id === "accounts/closed")?.state).toBe("pass");

  writeFileSync(place("photos/two.jpg"), "two");
  coffre("home", "backup");
  coffre("other", "restore", ...login, "--to", place("restored"));
  expect(readFileSync(place("restored/photos/one.jpg"), "utf8")).toBe("one");
  expect(readFileSync(place("restored/photos/two.jpg"), "utf8")).toBe("two");

  const wrong = runFamilies(/^sessions/, { account: { ...account, passphrase: "another one" } });
  await expect(wrong).rejects.toThrow(TargetError);
});
