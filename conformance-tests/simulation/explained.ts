// What may be behind the words of a phone. Rule: a failure or a reason that names something is a lie unless that has happened
// in this story; what any life with files may bring, such as a file that changes or goes, is not listed.

import type { FailureCode, WaitingReason } from "../../engine/src/border/reasons.ts";
import type { Result } from "../../engine/src/border/results.ts";
import { Broken } from "./broken.ts";
import type { FaultCounts, FaultKind } from "./fault-kinds.ts";

const WAYS: readonly FaultKind[] = [
  "offline",
  "silence",
  "lost-before",
  "lost-after",
  "late",
  "slow-link",
  "false-answer",
];
const ANSWERS: readonly FaultKind[] = ["http-error", "portal", "false-answer"];
/** The server lost something that it had. */
const LOST: readonly FaultKind[] = ["rolled-back", "forgotten-blobs", "damaged-blob"];
const PAST: readonly FaultKind[] = ["lost-commits", "older-copy", "clone", "wiped", "rolled-back"];

/** Why a file may wait, and what must have happened then; null where nothing need have. */
const REASONS: Readonly<Record<WaitingReason, readonly FaultKind[] | null>> = {
  "next-in-line": null,
  "still-changing": null,
  "io-error": null,
  "path-too-long": null,
  "out-of-range": [],
  "size-untrue": ["short-read"],
  "disk-away": [],
  "many-missing": null,
  uploading: null,
  "awaiting-receipt": null,
  unreadable: ["permission"],
  "folder-unreadable": ["io-error", "permission", "vanishing"],
  "root-unavailable": ["root-away", "root-empty"],
  "network-none": ["offline"],
  "network-metered": ["metered"],
  "network-roaming": [],
  "data-budget": [],
  "not-charging": ["unplugged"],
  "outside-hours": [],
  "server-unreachable": WAYS,
  "server-error": [...ANSWERS, "server-busy", "body-limit"],
  "server-busy": ["server-busy", "http-error"],
  "server-not-trusted": ["false-answer"],
  "server-full": ["server-full", "http-error"],
  "quota-exceeded": ["quota", "http-error"],
  "blob-too-large-for-server": ["body-limit", "http-error"],
  "upload-refused": [...ANSWERS, "server-busy"],
  "server-lost-records": [...LOST, "false-answer"],
  "stopped-forked": PAST,
  "stopped-cloned": PAST,
  "device-revoked": PAST,
};

/** Why a backup or a restore may fail; no other code is one of what nobody stops. */
const FAILURES: Readonly<Partial<Record<FailureCode, readonly FaultKind[]>>> = {
  "peer-unreachable": WAYS,
  "peer-not-coffre": ANSWERS,
  "peer-refused": ["http-error", "false-answer"],
  "peer-error": [...ANSWERS, ...LOST, "server-busy", "body-limit"],
  "peer-busy": ["server-busy", "http-error"],
  "peer-full": ["server-full", "http-error"],
  "peer-quota-exceeded": ["quota", "http-error"],
  "peer-key-changed": ["false-answer"],
  "peer-not-trusted": ["false-answer"],
  "peer-altered": ["http-error"],
  "peer-lost-data": [...LOST, "false-answer"],
  "peer-forked": PAST,
  "peer-cloned": PAST,
  "peer-device-revoked": PAST,
};

/** Throws Broken when a backup gives a reason for which nothing that happened so far can be meant. */
export function checkExplained({ code, counts }: Result & { readonly ask: "backup" }, happened: FaultCounts): void {
  checkFailure(code, happened);
  for (const { reason } of counts.waiting) {
    const kinds = REASONS[reason];
    if (kinds !== null && !hasHappened(kinds, happened))
      throw new Broken("named", `nothing explains that files wait for ${reason}`);
  }
}

/** Throws Broken when something failed for a reason for which nothing that happened so far can be meant. */
export function checkFailure(code: string | null, happened: FaultCounts): void {
  if (code !== null && !hasHappened(FAILURES[code as FailureCode] ?? [], happened))
    throw new Broken("named", `nothing explains ${code}`);
}

function hasHappened(kinds: readonly FaultKind[], happened: FaultCounts): boolean {
  return kinds.some((kind) => (happened[kind] ?? 0) > 0);
}
