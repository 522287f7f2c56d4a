// The entry of the simulator's bundle: what every host loads, and besides it the way to start a further engine. Rule: nothing
// else is added to what is shipped.

import "../../engine/src/bundle-entry.ts";
import { createEngine } from "../../engine/src/engine.ts";
import type { StorePort } from "../../engine/src/store/store.ts";

/** What the bundle puts on the global object. */
export interface EngineGlobals {
  handle(text: string): string;
  createEngine(store: StorePort): { handle(text: string): string };
}

(globalThis as unknown as EngineGlobals).createEngine = createEngine;
