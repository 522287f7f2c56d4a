// One mutant against checks of the suite. Rule: the server is a process with the fault in it, and ends with the trial.

import { fileURLToPath } from "node:url";
import { CHECKS } from "../src/checks/all.ts";
import { runChecks } from "../src/run.ts";
import { reachTarget } from "../src/wire/target.ts";
import { ReferenceServer } from "../test/reference-server.ts";
import type { ServerMutant } from "./mutant.ts";

const LOADER = fileURLToPath(new URL("loader.ts", import.meta.url));

/** The ids of the checks that failed or warned, in the order of the suite; `isWhole` runs all of them. */
export async function tryMutant(mutant: ServerMutant, isWhole: boolean): Promise<readonly string[]> {
  const server = new ReferenceServer({ before: ["--import", LOADER], environment: { SERVER_MUTANT: mutant.name } });
  const families = new Set(mutant.checks.map(familyOf));
  const mayKill = isWhole || mutant.needsKill === true;
  const checks = CHECKS.filter(
    ({ id, command }) => isWhole || (families.has(familyOf(id)) && (mayKill || command !== "kill")),
  );
  try {
    await server.start();
    const { results } = await runChecks({
      target: await reachTarget(server.url, { pin: null, mayInsecureLoopback: false }),
      checks,
      invitations: [],
      commands: mayKill ? { kill: () => server.kill(), restart: () => server.start() } : { kill: null, restart: null },
    });
    return results.filter(({ state }) => /^(?:fail|warn|suite-error)$/.test(state)).map(({ check }) => check.id);
  } finally {
    await server.remove();
  }
}

/** What must fail for the mutant in such a trial. */
export function expectedOf(mutant: ServerMutant, isWhole: boolean): readonly string[] {
  const killing = new Set(CHECKS.filter(({ command }) => command === "kill").map(({ id }) => id));
  const expected = new Set(mutant.checks.filter((id) => isWhole || mutant.needsKill === true || !killing.has(id)));
  return CHECKS.map(({ id }) => id).filter((id) => expected.has(id));
}

function familyOf(id: string): string {
  return id.slice(0, id.indexOf("/"));
}
