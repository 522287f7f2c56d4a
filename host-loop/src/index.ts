// The step loop that hosts in TypeScript share. Rule: nothing of a platform; entropy, clock and scheduling come in.

export type { Clock } from "./clock.ts";
export { CancelledEffect, checkCancelled, RefusedEffect } from "./host-fault.ts";
export { Lane } from "./lane.ts";
export { ANSWER_CHARS, MESSAGE_CHARS } from "./message-limits.ts";
export { Runtime, RuntimeStopped } from "./runtime.ts";
export type { CarryOut, Ended, Fault, LoopPorts, RuntimeParts, StepStore } from "./runtime-parts.ts";
export { Turn } from "./turn.ts";
