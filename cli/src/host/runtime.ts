// The step loop on Node (`host-loop/`). Rule: only what the platform brings stands here; what a step is, the loop says.

import { randomBytes } from "node:crypto";
import { Runtime as Loop, type LoopPorts, type RuntimeParts, Turn } from "../../../host-loop/src/index.ts";
import { faultCodeOf } from "./store.ts";

const NODE_PORTS: LoopPorts = {
  entropy: (sizeBytes) => randomBytes(sizeBytes).toString("base64"),
  schedule: setImmediate,
  faultCodeOf,
};

/** The loop with Node's entropy and scheduling. */
export class Runtime extends Loop {
  constructor(parts: Omit<RuntimeParts, keyof LoopPorts>) {
    super({ ...parts, ...NODE_PORTS });
  }
}

/** An effect's use of Node's thread, which begins now. */
export function beginTurn(signal: AbortSignal): Turn {
  return new Turn(signal, NODE_PORTS.schedule);
}
