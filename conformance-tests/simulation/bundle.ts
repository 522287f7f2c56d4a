// The engine's bundle as the simulator runs it: the real one, or with the two slow public-key schemes replaced. Rule:
// everything else is the text that every host loads.

import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";
import { bundleEngine } from "../../engine/bundle.ts";

export type Crypto = "fake" | "real";

const ENTRY = fileURLToPath(new URL("./simulation-entry.ts", import.meta.url));
const REPLACED = ["ed25519.ts", "hpke.ts"] as const;

/** The bundle's text, with what `plugins` change of it. */
export async function bundleForSimulation(plugins: readonly Plugin[] = [], crypto: Crypto = "fake"): Promise<string> {
  return await bundleEngine(crypto === "fake" ? [fakeCrypto(), ...plugins] : plugins, ENTRY);
}

/** Leads the imports of the replaced files to `fake-crypto/`. */
function fakeCrypto(): Plugin {
  return {
    name: "fake-crypto",
    setup(build) {
      for (const name of REPLACED) {
        const path = fileURLToPath(new URL(`./fake-crypto/${name}`, import.meta.url));
        const filter = new RegExp(`/${name.replace(".", "\\.")}$`);
        build.onResolve({ filter }, ({ path: wanted, importer }) =>
          wanted.startsWith(".") && importer.includes("/engine/src/") ? { path } : null,
        );
      }
    },
  };
}
