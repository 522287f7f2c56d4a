// `coffre-server rebuild`: the database made anew from the stored objects. Rule: the new one is made beside the old one,
// looked through, and put in its place last; what could not be rebuilt is named.

import { type Finding, listFindings } from "../domain/findings.ts";
import { DEFAULT_TERMS, makeInstance } from "../domain/instance.ts";
import { type Recovery, recoverRows } from "../domain/rebuild.ts";
import { inspectRows } from "../domain/rebuilt-rows.ts";
import { type Drivers, OperatorError } from "./drivers.ts";

export type Rebuilt = {
  readonly recovery: Recovery;
  readonly findings: readonly Finding[];
  readonly aside: string | null;
};

/** Makes the database anew; OperatorError, and the old database stays, when the new one does not add up. */
export async function rebuild(drivers: Drivers, data: string): Promise<Rebuilt> {
  const stores = await drivers.openStores(data, "rebuild");
  let rebuilt: Omit<Rebuilt, "aside">;
  try {
    const instance = makeInstance(stores, DEFAULT_TERMS);
    const recovery = await recoverRows(instance);
    const faults = await inspectRows(instance, [...recovery.unreadable, ...recovery.unsettled]);
    const [fault] = faults;
    if (fault !== undefined) throw new OperatorError(`${fault}: the old database stays`);
    rebuilt = { recovery, findings: await listFindings(stores.database, recovery) };
  } finally {
    await stores.database.close();
  }
  return { ...rebuilt, aside: await drivers.replaceDatabase(data, Date.now()) };
}

/** One line for each finding. */
export function formatFinding(finding: Finding): string {
  switch (finding.kind) {
    case "lost":
      return `${nameAccount(finding.login, finding.vault)}: object ${finding.sequence} ${describeLost(finding)}`;
    case "mended":
      return `${nameAccount(finding.login, finding.vault)}: object ${finding.sequence} was damaged, and is written again from what it still held`;
    case "unreadable":
      return `vault ${finding.vault}: no whole vault object is left. It answers 503; its files are kept: put journal files of a copy in their place, and rebuild again`;
    case "unsettled":
      return `vault ${finding.vault}: its files could not be read. It answers 503 until they can`;
    case "login-twice":
      return `login ${finding.login} (vault ${finding.vault}): another account had this login first and keeps it; devices go on, logging in does not`;
    case "factor-doubtful":
      return `login ${finding.login}: a second factor, a revocation or a disabling may be among what is lost. Logging in waits for: coffre-server reset-second-factor ${finding.login}`;
  }
}

function nameAccount(login: string | null, vault: string): string {
  return login === null ? `vault ${vault}` : `login ${login} (vault ${vault})`;
}

function describeLost({ state, identity }: Extract<Finding, { kind: "lost" }>): string {
  const what = state === "conflict" ? "says a second time what another object says" : `is ${state}`;
  if (identity === null) return `${what}; it cannot be said what it held`;
  const { kind, device, number } = identity;
  const numbered = number === null ? NAMES[kind] : `${NAMES[kind]} ${number}`;
  return `${what}: ${numbered}${device === null ? "" : ` of device ${device}`}`;
}

const NAMES = {
  record: "record",
  epoch: "envelope",
  base: "base",
  "vault-object": "vault object",
  roster: "roster",
} as const;
