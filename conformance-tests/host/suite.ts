// Runs the checks one after the other. Rule: a check that fails, hangs or ends the adapter says so, and the next one finds an
// adapter that runs.

import { type Check, type CheckGroup, Unavailable } from "./check.ts";
import { ARCHIVING_CHECKS } from "./checks/archiving.ts";
import { BYTE_PLANE_CHECKS } from "./checks/byte-plane.ts";
import { CANCEL_CHECKS } from "./checks/cancelling.ts";
import { DOWNLOAD_CHECKS } from "./checks/download.ts";
import { EXCHANGE_CHECKS } from "./checks/exchanges.ts";
import { FINISH_CHECKS } from "./checks/finish.ts";
import { HASH_CHECKS } from "./checks/hash.ts";
import { KEY_CHECKS } from "./checks/keys.ts";
import { MEMORY_CHECKS } from "./checks/memory.ts";
import { ODD_SIGHT_CHECKS } from "./checks/odd-sights.ts";
import { OWN_FOLDER_CHECKS } from "./checks/own-folders.ts";
import { SCAN_CHECKS } from "./checks/scan.ts";
import { STORE_CHECKS } from "./checks/store.ts";
import { UPLOAD_CHECKS } from "./checks/upload.ts";
import { Stage, type StageSetup } from "./stage.ts";

/** All checks, in the order in which they run. */
export const CHECK_GROUPS: readonly CheckGroup[] = [
  BYTE_PLANE_CHECKS,
  KEY_CHECKS,
  EXCHANGE_CHECKS,
  SCAN_CHECKS,
  ODD_SIGHT_CHECKS,
  OWN_FOLDER_CHECKS,
  HASH_CHECKS,
  UPLOAD_CHECKS,
  DOWNLOAD_CHECKS,
  FINISH_CHECKS,
  ARCHIVING_CHECKS,
  STORE_CHECKS,
  CANCEL_CHECKS,
  MEMORY_CHECKS,
];

export interface Outcome {
  readonly group: string;
  readonly says: string;
  readonly proves: readonly string[];
  readonly state: "passed" | "failed" | "left out";
  /** Why it failed or was left out; a figure, where one that passed has one. */
  readonly why: string | null;
  readonly elapsedMs: number;
}

export interface Report {
  readonly host: string;
  readonly outcomes: readonly Outcome[];
}

export interface SuiteSetup extends StageSetup {
  /** Only checks whose sentence or ids contain this text; "" for all. */
  readonly only: string;
  readonly onOutcome?: (outcome: Outcome) => void;
}

/** Puts an adapter through the suite. Throws when it cannot be started. */
export async function runSuite(setup: SuiteSetup): Promise<Report> {
  const stage = new Stage(setup);
  const outcomes: Outcome[] = [];
  const add = (outcome: Outcome): void => {
    outcomes.push(outcome);
    setup.onOutcome?.(outcome);
  };
  let code: number | null;
  let host: string;
  let faults: string[];
  try {
    await stage.start();
    host = stage.adapter.ready.host;
    for (const { title, checks } of CHECK_GROUPS) {
      for (const check of checks) {
        if (!isWanted(check, setup.only)) continue;
        const beganMs = performance.now();
        const end = await runCheck(stage, check, setup.checkMs);
        const elapsedMs = Math.round(performance.now() - beganMs);
        add({ group: title, says: check.says, proves: check.proves, elapsedMs, ...end });
      }
    }
  } finally {
    faults = stage.faults();
    code = await stage.close();
  }
  const group = "The whole run";
  const last = (says: string, proves: readonly string[], why: string | null): void =>
    add({ group, says, proves, elapsedMs: 0, state: why === null ? "passed" : "failed", why });
  last("answers each effect once, in ASCII lines of bounded length", ["H-1", "H-12"], faults.join("\n") || null);
  last("ends with exit code 0 when its input ends", [], code === 0 ? null : `it ended with ${code}`);
  return { host, outcomes };
}

function isWanted({ says, proves }: Check, only: string): boolean {
  return says.includes(only) || proves.includes(only);
}

async function runCheck(stage: Stage, check: Check, checkMs: number): Promise<Pick<Outcome, "state" | "why">> {
  const lacks = check.needs?.filter((feature) => stage.adapter.ready.lacks.includes(feature)) ?? [];
  if (lacks.length > 0) return { state: "left out", why: `the platform lacks ${lacks.join(", ")}` };
  stage.adapter.forgetStderr();
  try {
    await withDeadline(check.run(stage), checkMs + (check.extraMs?.(stage.setup) ?? 0));
    return { state: "passed", why: stage.takeNote() };
  } catch (error) {
    if (error instanceof Unavailable) return { state: "left out", why: error.message };
    const said = stage.adapter.stderr.trim();
    await stage.recover();
    const why = error instanceof Error ? error.message : String(error);
    return { state: "failed", why: said === "" ? why : `${why}\n  its standard error ends with: ${said.slice(-500)}` };
  } finally {
    await stage.endCheck();
  }
}

async function withDeadline(work: Promise<void>, deadlineMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no end within ${deadlineMs / 1000} s`)), deadlineMs);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
