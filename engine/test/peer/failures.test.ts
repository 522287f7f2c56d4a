import { describe, expect, test } from "vitest";
import { FAILURE_CODES } from "../../src/border/reasons.ts";
import { CoffreError, InvariantError } from "../../src/errors.ts";
import { fitDeviceName } from "../../src/keys/device-names.ts";
import { PeerTrouble, trouble } from "../../src/peer/exchange.ts";
import { failureOf, Refused, setbackOf } from "../../src/peer/failures.ts";

describe("the code of a failure", () => {
  test.each([
    [new Refused("login-refused", {}), "user-login-refused"],
    [new Refused("second-factor-required", {}), "user-second-factor-required"],
    [new Refused("login-taken", {}), "user-login-taken"],
    [new Refused("what-nobody-knows", {}), "peer-refused"],
    [new CoffreError("peer-malformed", ""), "peer-not-coffre"],
    [new CoffreError("peer-kdf-refused", ""), "peer-vault-not-authentic"],
    [new CoffreError("host-answer-too-large", ""), "host-error"],
    [new CoffreError("user-words-malformed", ""), "user-words-malformed"],
  ])("%# is one of the closed list", (error, code) => {
    expect(failureOf(error)).toBe(code);
    expect(FAILURE_CODES).toContain(code);
  });

  test.each([new InvariantError("ours"), new CoffreError("host-store-full", ""), new TypeError("ours too")])(
    "is none for our own bugs and the Store's failures: they stop the step (%#)",
    (error) => {
      expect(() => failureOf(error)).toThrow(error);
    },
  );
});

describe("what an error means to a run", () => {
  const busy = trouble("server-busy", "peer-busy", 5);

  test.each([
    [new PeerTrouble(busy), busy],
    [new CoffreError("peer-malformed", ""), trouble("server-error", "peer-not-coffre", null)],
    [new CoffreError("peer-receipt-refused", ""), trouble("server-not-trusted", "peer-not-trusted", null)],
    [new CoffreError("peer-device-revoked", ""), "peer-device-revoked"],
    [new CoffreError("host-slot-absent", ""), "host-error"],
    [new CoffreError("host-cancelled", ""), null],
  ])("%# is trouble that it waits for, the code that ends it, or nothing", (error, setback) => {
    expect(setbackOf(error)).toEqual(setback);
  });

  test.each([new InvariantError("ours"), new CoffreError("host-store-io", "")])(
    "stops the step when it is ours (%#)",
    (error) => {
      expect(() => setbackOf(error)).toThrow(error);
    },
  );
});

describe("a device's name", () => {
  test.each([
    ["phone", "phone"],
    ["", "device"],
    ["\0", "device"],
    ["a\0b", "ab"],
    ["\ud800x", "x"],
    ["a".repeat(64), "a".repeat(64)],
    ["a".repeat(65), "a".repeat(64)],
    ["\u{1F600}".repeat(17), "\u{1F600}".repeat(16)],
  ])("fits its 64 bytes (%#)", (given, fitted) => {
    expect(fitDeviceName(given)).toBe(fitted);
  });
});
