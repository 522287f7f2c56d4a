// Starts the simulator's engines. Rule: one compiled function for each bundle, called once for each engine, since a seed
// starts a dozen of them; what a bare context lacks is tested elsewhere.

import { sign } from "node:crypto";
import { compileFunction } from "node:vm";
import { fromBase64, toBase64 } from "../scripted-host/border-text.ts";
import { isSignedBy, rawPublicKeyOf, readSeed } from "../scripted-host/ed25519.ts";
import { bundleInQuickJs, type EngineFactory, type Powers } from "../scripted-host/script-engines.ts";

const POWERS: Powers = { simulatedEd25519 };

type Instantiate = (globals: object) => void;

/** Engines of a bundle in this thread. */
export function enginesOf(script: string): EngineFactory {
  const instantiate = compileFunction(script, ["globalThis"], { filename: "engine.js" }) as unknown as Instantiate;
  return (store) => {
    const globals = {
      ...POWERS,
      storeRun: store.run,
      storeRunMany: store.runMany,
      storeAll: store.all,
    } as unknown as { handle(text: string): string };
    instantiate(globals);
    return { handle: (text) => globals.handle(text) };
  };
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
