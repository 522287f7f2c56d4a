// Turns the engine into the one classic script that every host loads. Rule: the script obeys the subset of JavaScript
// on which QuickJS, V8 and Node agree, and is ASCII, because other text is corrupted on its way through the JVM.
//
// `npm run bundle` writes `engine/dist/engine.js`; tests call `bundleEngine`.

import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

const ENTRY = fileURLToPath(new URL("./src/bundle-entry.ts", import.meta.url));
const OUTPUT = fileURLToPath(new URL("./dist/engine.js", import.meta.url));

/**
 * Bundles `src/bundle-entry.ts` and everything it imports into one script, and returns its text.
 *
 * The entry puts `handle` on `globalThis`. Names are kept and lines are not joined into one, so that a stack trace from
 * a phone can be read; syntax is still minified, since the load time on QuickJS grows with the size of the source.
 * Throws when a module cannot be bundled or the result is not ASCII. `plugins` put other text in a module's place: for mutants
 * and for the simulator's fast cryptography, and `entry` adds to the entry: neither for what is shipped.
 */
export async function bundleEngine(plugins: readonly Plugin[] = [], entry: string = ENTRY): Promise<string> {
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "iife",
    charset: "ascii",
    platform: "neutral",
    mainFields: ["module", "main"],
    target: "es2022",
    treeShaking: true,
    minifySyntax: true,
    minifyWhitespace: true,
    minifyIdentifiers: false,
    legalComments: "none",
    logLevel: "warning",
    plugins: [...plugins],
  });
  const output = result.outputFiles[0];
  if (output === undefined) throw new Error("esbuild wrote no output file");
  assertAscii(output.text);
  return output.text;
}

/** Throws unless every character of `script` is at most U+007E; newlines and tabs are allowed. */
export function assertAscii(script: string): void {
  const place = script.search(/[^\t\n\r\x20-\x7e]/);
  if (place < 0) return;
  const code = script.charCodeAt(place).toString(16).padStart(4, "0");
  throw new Error(`the bundle must be ASCII, but character ${place} is U+${code}`);
}

if (import.meta.main) {
  const script = await bundleEngine();
  await mkdir(dirname(OUTPUT), { recursive: true });
  await writeFile(OUTPUT, script);
  process.stdout.write(`engine/dist/engine.js: ${script.length} bytes\n`);
}
