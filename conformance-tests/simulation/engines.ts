// Starts the simulator's engines. Rule: a bundle is compiled once, since a story starts some engines and a campaign ten
// thousand stories; what a bare context lacks is tested elsewhere.

import { sign } from "node:crypto";
import { compileFunction } from "node:vm";
import { fromBase64, toBase64 } from "../scripted-host/border-text.ts";
import { isSignedBy, rawPublicKeyOf, readSeed } from "../scripted-host/ed25519.ts";
import type { StorePort } from "../scripted-host/memory-store.ts";
import { bundleInQuickJs, type EngineFactory, type Powers } from "../scripted-host/script-engines.ts";
import type { EngineGlobals } from "./simulation-entry.ts";

const POWERS: Powers = { simulatedEd25519 };

/** The global object that a bundle sees, before and after it was evaluated. */
interface Globals extends Partial<EngineGlobals> {
  storeRun?: StorePort["run"];
  storeRunMany?: StorePort["runMany"];
  storeAll?: StorePort["all"];
}

type Evaluate = (globals: Globals) => void;

/**
 * Engines of a bundle in this thread. `alone`: each evaluates the script anew, as a process does. `together`: the script is
 * evaluated once for all of them, which makes stories a quarter faster, since the compiler learns the shapes of classes once;
 * what modules kept between two processes would be kept there too.
 */
export function enginesOf(script: string): { readonly alone: EngineFactory; readonly together: EngineFactory } {
  // Compiled for each, so that what the compiler learns of the one does not blur the other.
  const [evaluateAlone, evaluateOnce] = [compile(script), compile(script)];
  return {
    alone: ({ run, runMany, all }) => {
      const { handle } = evaluateOn(evaluateAlone, { storeRun: run, storeRunMany: runMany, storeAll: all });
      return { handle };
    },
    together: evaluateOn(evaluateOnce, {}).createEngine,
  };
}

function compile(script: string): Evaluate {
  return compileFunction(script, ["globalThis"], { filename: "engine.js" }) as unknown as Evaluate;
}

function evaluateOn(evaluate: Evaluate, stores: Globals): EngineGlobals {
  const globals = { ...POWERS, ...stores };
  evaluate(globals);
  return globals as EngineGlobals;
}

/** Engines of a bundle in QuickJS. */
export async function quickJsEnginesOf(script: string): Promise<EngineFactory> {
  return await bundleInQuickJs(script, POWERS);
}

/** `key SEED`, `sign SEED MESSAGE` or `verify KEY MESSAGE SIGNATURE`, in base64. */
function simulatedEd25519(text: string): string {
  const [what, ...fields] = text.split(" ");
  const [key, message, signature] = fields.map(fromBase64) as [Uint8Array, Uint8Array, Uint8Array];
  switch (what) {
    case "key":
      return toBase64(rawPublicKeyOf(readSeed(key)));
    case "sign":
      return toBase64(sign(null, message, readSeed(key)));
    default:
      return isSignedBy(key, message, signature) ? "yes" : "no";
  }
}
