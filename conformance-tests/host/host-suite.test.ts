// The Node host in the portability suite. Rule: a host passes when no check fails, and when none was left out that this
// machine can make.

import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { runSuite } from "./suite.ts";

const MIB = 1_048_576;
const NODE_ADAPTER = fileURLToPath(new URL("../../cli/src/host-adapter.ts", import.meta.url));

test("the Node host passes every check", async () => {
  const { outcomes } = await runSuite({
    command: [process.execPath, NODE_ADAPTER],
    only: "",
    largeBytes: 192 * MIB,
    growthBytes: 64 * MIB,
    checkMs: 60_000,
  });
  expect(outcomes.filter(({ state }) => state === "failed")).toEqual([]);
  expect(outcomes.filter(({ state }) => state === "left out")).toEqual([]);
});
