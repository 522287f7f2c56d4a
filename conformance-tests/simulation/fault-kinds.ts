// What can go wrong in a story, by name. Rule: each story draws a mix of these, prints it, and counts what it injected; a
// name here without a move or a fault of the network behind it would be a lie in the report.

/** Things that happen to files beside what their owner does. */
const FILE_FAULTS = [
  "io-error",
  "permission",
  "vanishing",
  "short-read",
  "change-while-read",
  "silent-change",
  "kept-times",
  "stale-size",
  "time-backwards",
  "unobserved",
  "rename-storm",
  "odd-name",
  "large-folder",
  "root-away",
  "root-empty",
] as const;

const STORE_FAULTS = ["store-error", "store-full", "lost-commits", "older-copy", "wiped", "clone"] as const;

const PROCESS_FAULTS = ["kill", "freeze", "step-fault"] as const;

/** Things that happen to single exchanges, each with a rate. */
export const LINK_FAULTS = [
  "lost-before",
  "lost-after",
  "duplicate",
  "late",
  "silence",
  "http-error",
  "portal",
  "false-answer",
] as const;
export type LinkFaultKind = (typeof LINK_FAULTS)[number];

const NETWORK_FAULTS = [
  ...LINK_FAULTS,
  "body-limit",
  "metered",
  "unplugged",
  "offline",
  "slow-link",
  "clock-jump",
] as const;

const SERVER_FAULTS = [
  "server-restart",
  "tokens-forgotten",
  "server-full",
  "quota",
  "server-busy",
  "rolled-back",
  "forgotten-blobs",
  "damaged-blob",
  "hostile-restore",
] as const;

export const FAULT_KINDS = [
  ...FILE_FAULTS,
  ...STORE_FAULTS,
  ...PROCESS_FAULTS,
  ...NETWORK_FAULTS,
  ...SERVER_FAULTS,
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** How often each fault was injected. */
export type FaultCounts = Partial<Record<FaultKind, number>>;
