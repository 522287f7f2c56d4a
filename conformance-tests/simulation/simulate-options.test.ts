// What can be asked of `npm run simulate`, and what is refused. Rule: a refusal names the option and what it wants.

import { describe, expect, test } from "vitest";
import { OptionError, parseOptions } from "./simulate-options.ts";

describe("the options of simulate", () => {
  test("are a thousand seeds when nothing is said", () => {
    expect(parseOptions([])).toMatchObject({ first: 1, last: 1_000, crypto: null, moves: null, tellsEach: false });
  });

  test("take one seed, a range, moves and a kind of cryptography", () => {
    expect(parseOptions(["--seeds", "7"])).toMatchObject({ first: 7, last: 7, tellsEach: true });
    expect(parseOptions(["--seeds", "7..900", "--crypto", "real"])).toMatchObject({
      first: 7,
      last: 900,
      crypto: "real",
    });
    expect(parseOptions(["--seeds", "7", "--moves", "0,3,12"])).toMatchObject({ moves: [0, 3, 12] });
  });

  test("go on beyond the range for as many minutes as are asked for", () => {
    expect(parseOptions(["--minutes", "5"])).toMatchObject({ minutes: 5, first: 1, last: Number.MAX_SAFE_INTEGER });
  });

  test.each([
    ["--seeds", "9..3"],
    ["--seeds", "-1"],
    ["--seeds", "1.5"],
    ["--minutes", "0"],
    ["--workers", "0"],
    ["--crypto", "none"],
    ["--moves", "1,x", "--seeds", "1"],
    ["--moves", "1"],
    ["--trace"],
    ["--bogus"],
    ["stray"],
  ])("refuse %s %s", (...args) => {
    expect(() => parseOptions(args.filter((arg) => arg !== undefined))).toThrow(OptionError);
  });

  test("are not looked at where help is asked for", () => {
    expect(parseOptions(["--help"])).toBeNull();
  });
});
