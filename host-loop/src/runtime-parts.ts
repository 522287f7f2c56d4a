// What a runtime works with, and what it says. Rule: types alone; `runtime.ts` has the loop.

import type { Answer, Effect, Engine, Input, Result, StorePort, View } from "coffre-engine";
import type { Clock } from "./clock.ts";

/** The view that ends an ask. */
export type Ended = Result | Extract<View, { kind: "status" }>;

/** Carries out an effect: any but `show`, `watch`, `wake` and `cancel`. */
export type CarryOut = (effect: Effect, signal: AbortSignal) => Promise<Answer>;

/** What a platform brings to the loop besides its clock. */
export interface LoopPorts {
  /** Entropy of a step: this many random bytes in base64. */
  readonly entropy: (sizeBytes: number) => string;
  /** Calls `call` once, soon, after everything that is already under way in this turn of the platform's loop. */
  readonly schedule: (call: () => void) => void;
  /** The code of a step that the database refused, as its owner is told. */
  readonly faultCodeOf: (error: unknown) => string;
}

/** The database, and the step that runs in it. */
export interface StepStore {
  readonly port: StorePort;
  begin(): void;
  commit(): void;
  /** Undoes a step; does nothing when none runs. */
  rollback(): void;
}

export interface RuntimeParts extends LoopPorts {
  readonly createEngine: (store: StorePort) => Engine;
  readonly store: StepStore;
  readonly clock: Clock;
  /** null for a reader, which only asks for `status` and `roots`. */
  readonly started: Extract<Input, { kind: "started" }> | null;
  readonly carryOut: CarryOut;
  /** A promise holds every effect that comes after the view, and stops the runtime when it is rejected. */
  readonly onView: (view: View) => unknown;
  readonly onWatch: (roots: readonly string[]) => void;
  /** Told of each fault: a step that was undone. */
  readonly onFault: (fault: Fault) => void;
}

/** A step that was undone, and why: the engine's own code, or the host's. */
export interface Fault {
  readonly code: string;
  readonly message: string;
}
