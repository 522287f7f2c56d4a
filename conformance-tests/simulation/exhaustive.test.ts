// Every end of three small scenarios. Rule: a file of its own, so that it is played beside the seeds.

import { expect, test } from "vitest";
import { bundleForSimulation } from "./bundle.ts";
import { enginesOf } from "./engines.ts";
import { explore } from "./exhaustive.ts";
import { TRIAL_SCENARIOS } from "./trials.ts";

const PATIENCE = { timeout: 900_000 };

test.each(TRIAL_SCENARIOS)("$name: wherever the process ends, all is synced in the end", PATIENCE, async (scenario) => {
  const { name, calls, plays, states } = explore(scenario, enginesOf(await bundleForSimulation()).alone);
  console.log(`${name}: ${calls} calls, ${plays} plays, ${states} distinct states`);
  expect(calls).toBeLessThanOrEqual(60);
  expect(states).toBeGreaterThan(10);
});
