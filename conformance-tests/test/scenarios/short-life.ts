// Processes that live for minutes, with hours between them. Rule: a life ends as a kill ends it, at no safe point.

import { forgetUnreferenced } from "../../scripted-host/hostile-server.ts";
import { LOGIN, type Phone } from "./phone.ts";

const HOUR_MS = 3_600_000;

/** The process ends, the hours pass, and the server removes what it need not keep any more. Returns how much that was. */
export function endLife({ host, world }: Phone, hours: number): number {
  host.crash();
  world.clock.advance(hours * HOUR_MS);
  const account = world.server.accountOf(LOGIN);
  if (account === null) throw new Error("expected the phone's account");
  return forgetUnreferenced(account, world.server.nowMs);
}

/** A process that ends after some time. Returns whether its backup ended well before that. */
export function liveForMs({ host }: Phone, ms: number): boolean {
  const seen = host.views.length;
  host.start();
  host.ask({ kind: "backup", mode: "once" });
  host.runFor(ms);
  return host.resultOf("backup", seen)?.outcome === "ok";
}
