// The command line's options.

import { expect, test } from "vitest";
import { HELP, OptionError, parseOptions } from "../src/options.ts";

test("an address alone runs the MUST level", () => {
  const options = parseOptions(["--url", "https://backup.example"]);
  expect([options.task, options.level, options.url?.href]).toEqual(["run", "must", "https://backup.example/"]);
});

test("what cannot be meant is refused", () => {
  const wrong = [
    [],
    ["--url", "backup.example"],
    ["--url", "ftp://backup.example"],
    ["--url", "https://a:b@backup.example"],
    ["--url", "https://backup.example", "--level", "most"],
    ["--url", "https://backup.example", "--section", "four"],
    ["--url", "https://backup.example", "--pin", "00"],
    ["--url", "https://backup.example", "--kill-cmd", "true"],
    ["--url", "https://backup.example", "--unknown"],
  ];
  for (const args of wrong) expect(() => parseOptions(args)).toThrow(OptionError);
});

test("the help names every option and fits a terminal", () => {
  for (const name of [
    "url",
    "pin",
    "level",
    "section",
    "check",
    "list",
    "kill-cmd",
    "restart-cmd",
    "output",
    "quiet",
  ]) {
    expect(HELP).toContain(`--${name}`);
  }
  for (const line of HELP.split("\n")) expect(line.length).toBeLessThanOrEqual(120);
});
