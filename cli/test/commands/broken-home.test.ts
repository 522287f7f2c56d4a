// A home whose files were damaged. Rule: the sentence names the file, and shows nothing of what is in it.

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeFolder } from "../host/scratch.ts";
import { pairHome, runCoffre } from "./run-coffre.ts";

const PAIRING = '{"server":{"url":"http://127.0.0.1:1"},"login":"ada","deviceName":"first"}';
const KEY = "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IHNlY3I=";

function makeHome(files: Readonly<Record<string, string>>): string {
  const home = join(makeFolder(), "home");
  mkdirSync(home);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(home, name), text);
  return home;
}

test("a home.json that is gone is told as such, and not as a machine without a vault", async () => {
  const { home } = await pairHome();
  rmSync(join(home, "home.json"));
  for (const command of [["status"], ["backup"], ["server", "set", "http://127.0.0.1:1"]]) {
    const { exitCode, summary } = await runCoffre("--home", home, "--json", ...command);
    expect(exitCode).toBe(1);
    expect(summary).toMatchObject({ code: "host-home-damaged", message: expect.stringContaining("home.json") });
  }
});

describe("a damaged home.json", () => {
  test.each([
    "",
    "{}",
    "-0",
    "[]",
    "null",
    '{"server":{},"login":"ada","deviceName":"x"}',
    PAIRING.replace('"ada"', "7"),
  ])("that holds %j is told as such", async (text) => {
    for (const command of ["status", "backup", "ls"]) {
      const { exitCode, summary } = await runCoffre("--home", makeHome({ "home.json": text }), "--json", command);
      expect(exitCode).toBe(1);
      expect(summary).toMatchObject({ code: "host-error", message: expect.stringContaining("home.json") });
    }
  });
});

describe("a damaged keys.json", () => {
  test.each([
    ["cut", `{"form":1,"slots":{"device.sign":"${KEY}"`],
    ["no JSON at all", KEY],
    ["empty", ""],
    ["null", "null"],
    ["of a newer form", `{"form":2,"slots":{"device.sign":"${KEY}"}}`],
    ["without slots", '{"form":1}'],
    ["with a number for a key", '{"form":1,"slots":{"device.sign":7}}'],
    ["with half a key", `{"form":1,"slots":{"device.sign":"${KEY.slice(0, 21)}"}}`],
    ["with something behind a key", `{"form":1,"slots":{"device.sign":"${KEY}!"}}`],
  ])("that is %s is told as such, and nothing of it is shown", async (_what, text) => {
    const home = makeHome({ "home.json": PAIRING, "keys.json": text });
    const { exitCode, summary, out, error } = await runCoffre("--home", home, "--json", "backup");
    expect(exitCode).toBe(1);
    expect(summary).toMatchObject({ code: "host-error", message: expect.stringContaining("keys.json") });
    expect(out + error).not.toContain(KEY.slice(0, 4));
  });
});
