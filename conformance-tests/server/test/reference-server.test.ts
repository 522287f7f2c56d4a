// The suite against the reference server on SQLite.

import { afterAll, beforeAll, expect, test } from "vitest";
import { CHECKS } from "../src/checks/all.ts";
import { formatResult } from "../src/reports/console.ts";
import { type Run, runChecks } from "../src/run.ts";
import { reachTarget } from "../src/wire/target.ts";
import { ReferenceServer } from "./reference-server.ts";

/** A run takes twenty seconds on two idle cores, and longer beside other suites. */
const RUN_MS = 300_000;
const server = new ReferenceServer();
let run: Run;

beforeAll(async () => {
  await server.start();
  const trust = { pin: null, mayInsecureLoopback: false };
  run = await runChecks({
    target: await reachTarget(server.url, trust),
    checks: CHECKS,
    invitations: [],
    commands: { kill: () => server.kill(), restart: () => server.start() },
  });
}, RUN_MS);

afterAll(() => server.remove());

test("the reference server fails no check, and blocks none", () => {
  const bad = run.results.filter(({ state }) => !["pass", "not-applicable"].includes(state));
  expect(bad.map((result) => formatResult(result, server.url))).toEqual([]);
});

test("over plain HTTP with open registration all but the checks of TLS, invitations and closed doors apply", () => {
  const left = run.results.filter(({ state }) => state === "not-applicable").map(({ check }) => check.id);
  expect(left.toSorted()).toEqual([
    "accounts/closed",
    "accounts/invitation-before-login",
    "accounts/invitation-used-up",
    "headers/hsts",
  ]);
});

test("every request names its check", () => {
  for (const { check, exchanges } of run.results) {
    const names = exchanges.map(({ request }) => request.headers["coffre-conformance-check"]);
    expect(new Set(names)).toEqual(new Set(exchanges.length === 0 ? [] : [check.id]));
  }
});
