// The host on the JVM in the portability suite. Rule: a host passes when no check fails, and when none was left out that this
// machine can make.

import { describe, expect, test } from "vitest";
import { type Outcome, runSuite } from "../host/suite.ts";
import { findJvmProgram } from "./jvm-program.ts";

const MIB = 1_048_576;
/** Five times what two busy cores take. */
const TIMEOUT_MS = 600_000;

const jvm = findJvmProgram();

async function runChecks(only: string, ...options: readonly string[]): Promise<readonly Outcome[]> {
  const { outcomes } = await runSuite({
    command: [...(jvm?.adapter ?? []), ...options],
    only,
    largeBytes: 192 * MIB,
    growthBytes: 64 * MIB,
    checkMs: 60_000,
  });
  return outcomes;
}

describe.skipIf(jvm === null)("the host on the JVM", () => {
  test("passes every check with the JDK's cryptography", { timeout: TIMEOUT_MS }, async () => {
    const outcomes = await runChecks("");
    expect(outcomes.filter(({ state }) => state === "failed")).toEqual([]);
    expect(outcomes.filter(({ state }) => state === "left out")).toEqual([]);
  });

  test("passes the checks of the byte plane with Conscrypt's", { timeout: TIMEOUT_MS }, async () => {
    const outcomes = await runChecks("the vectors say", "conscrypt");
    expect(outcomes.filter(({ state }) => state !== "passed")).toEqual([]);
    expect(outcomes.length).toBeGreaterThan(5);
  });
});
