// Runs checks against a server. Rule: one check never decides about another; a fault of ours is a suite-error and never the
// server's failure.

import { type Check, sectionOf } from "./check.ts";
import type { Commands } from "./commands.ts";
import { expectStatus } from "./expectations.ts";
import { CheckFailed, NotApplicable, PrerequisiteFailed, type State } from "./outcome.ts";
import { type ServerFacts, Shared, Stage } from "./stage.ts";
import { type Account, leaveAccount, openAccount } from "./vault/account.ts";
import { Client, Connections } from "./wire/client.ts";
import type { Exchange } from "./wire/exchange.ts";
import { type Target, TargetError } from "./wire/target.ts";

/** What became of one check. */
export type Result = {
  readonly check: Check;
  readonly state: State;
  /** Why it is not a pass; null for one. */
  readonly why: string | null;
  readonly expected: string | null;
  readonly came: string | null;
  readonly exchanges: readonly Exchange[];
  readonly elapsedMs: number;
};

export type Run = {
  readonly url: string;
  readonly software: string;
  readonly startedAt: string;
  readonly elapsedMs: number;
  readonly waitedS: number;
  readonly results: readonly Result[];
};

export type RunOptions = {
  readonly target: Target;
  readonly checks: readonly Check[];
  readonly invitations: readonly string[];
  /** An account that is there, for a server that takes no new ones. */
  readonly account?: Account | null;
  readonly commands: Commands;
  readonly onResult?: (result: Result) => void;
};

/** Runs the checks one after the other; TargetError when there is no server of this protocol. */
export async function runChecks(options: RunOptions): Promise<Run> {
  const { target, checks, invitations, account = null, commands, onResult } = options;
  const startedMs = performance.now();
  const startedAt = new Date().toISOString();
  const connections = new Connections(target);
  try {
    const facts = await discover(connections);
    const own = account && (await openAccount(new Client(connections, "sign-in"), facts.serverKey, account));
    const shared = new Shared(connections, facts, { invitations, account: own, commands });
    const results: Result[] = [];
    try {
      for (const check of checks) {
        const result = await runCheck(shared, check);
        results.push(result);
        onResult?.(result);
      }
    } finally {
      await cleanUp(shared);
    }
    return {
      url: target.url.href,
      software: shared.facts.software,
      startedAt,
      elapsedMs: performance.now() - startedMs,
      waitedS: connections.waitedS,
      results,
    };
  } finally {
    connections.close();
  }
}

/** Those checks that level and sections ask for; a section is `3` or `P-31`. */
export function selectChecks(
  checks: readonly Check[],
  level: "must" | "should" | "all",
  sections: readonly string[],
  ids: readonly string[] = [],
): readonly Check[] {
  const keywords = { must: ["MUST"], should: ["MUST", "SHOULD"], all: ["MUST", "SHOULD", "MAY"] }[level];
  return checks.filter(
    ({ id, keyword, requirement }) =>
      keywords.includes(keyword) &&
      (ids.length === 0 || ids.includes(id)) &&
      (sections.length === 0 || sections.includes(requirement) || sections.includes(String(sectionOf(requirement)))),
  );
}

async function discover(connections: Connections): Promise<ServerFacts> {
  try {
    const answer = expectStatus(await new Client(connections, "discovery").send("GET", "/.well-known/coffre"), 200);
    return {
      software: answer.text("software"),
      features: answer.list("features").map(String),
      registration: answer.text("registration"),
      serverKey: answer.bytes("serverKey", 32),
      limits: {
        blobBytes: answer.integer("limits.blobBytes"),
        recordBytes: answer.integer("limits.recordBytes"),
        idsPerQuery: answer.integer("limits.idsPerQuery"),
      },
    };
  } catch (error) {
    if (error instanceof CheckFailed) throw new TargetError(`GET /.well-known/coffre: ${error.message}`);
    throw error;
  }
}

async function runCheck(shared: Shared, check: Check): Promise<Result> {
  const startedMs = performance.now();
  const stage = new Stage(shared, check.id);
  const finish = (state: State, why: string | null, expected: string | null = null, came: string | null = null) => ({
    check,
    state,
    why,
    expected,
    came,
    exchanges: stage.client.exchanges,
    elapsedMs: performance.now() - startedMs,
  });
  if (check.feature !== undefined && !shared.facts.features.includes(check.feature)) {
    return finish("not-applicable", `the server does not announce ${check.feature}`);
  }
  if (check.command === "kill" && shared.commands.restart === null) {
    return finish("not-applicable", "needs --restart-cmd, and --kill-cmd unless it kills as well");
  }
  try {
    await check.run(stage);
    return finish("pass", null);
  } catch (error) {
    if (error instanceof CheckFailed) {
      return finish(check.keyword === "MUST" ? "fail" : "warn", error.message, error.expected, error.came);
    }
    if (error instanceof NotApplicable) return finish("not-applicable", error.message);
    if (error instanceof PrerequisiteFailed) return finish("prerequisite-failed", error.message);
    return finish("suite-error", error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}

/**
 * Leaves the caller's account and ends every session that a vault of the run still has. Accounts of the suite's own stay: version 1
 * has no request that removes one.
 */
async function cleanUp({ connections, facts, account, vaults }: Shared): Promise<void> {
  const client = new Client(connections, "clean-up");
  if (account !== null) await leaveAccount(client, facts.serverKey, account);
  for (const { fullToken } of account === null ? vaults : [account, ...vaults]) {
    if (fullToken === "") continue;
    // A server that is gone, or that never took the token, has nothing to end.
    await client.send("DELETE", "/v1/sessions", { token: fullToken }).catch(() => undefined);
  }
}
