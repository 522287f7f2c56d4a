// What a mutant is, and how its patch is applied. Rule: a patch names its place by text that occurs exactly once, so that a
// mutant whose place moved or went fails at once instead of becoming the engine itself.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";

/** A small patch of the engine that a good engineer could have written by mistake. */
export interface Mutant {
  readonly name: string;
  /** The mistake, in one sentence of the one who made it. */
  readonly mistake: string;
  /** A path below `engine/src`. */
  readonly file: string;
  /** Text that occurs in the file exactly once, and what stands there instead. */
  readonly find: string;
  readonly replace: string;
  /** True when it shows only where two faults come together. */
  readonly needsCoincidence: boolean;
}

const ENGINE_SOURCES = fileURLToPath(new URL("../../engine/src/", import.meta.url));

/** The file's text with the patch in it. Throws unless the patch's place is there once, and once only. */
export function applyPatch(mutant: Mutant, text: string): string {
  const parts = text.split(mutant.find);
  if (parts.length !== 2) {
    throw new Error(`${mutant.name}: expected its text once in ${mutant.file}, found it ${parts.length - 1} times`);
  }
  return parts.join(mutant.replace);
}

/** The text of the file that a mutant changes, as the engine has it. */
export function readOriginal(mutant: Mutant): Promise<string> {
  return readFile(ENGINE_SOURCES + mutant.file, "utf8");
}

/** Names a patch by what it does, so that a result is known to be of this very patch. */
export function hashPatch(mutant: Mutant): string {
  const { file, find, replace } = mutant;
  return createHash("sha256")
    .update(JSON.stringify([file, find, replace]))
    .digest("hex")
    .slice(0, 16);
}

/** Puts the patch in while esbuild bundles; it touches the one file alone, and so stands beside other plugins. */
export function patchPlugin(mutant: Mutant): Plugin {
  const path = ENGINE_SOURCES + mutant.file;
  const filter = new RegExp(`${escapePattern(path)}$`);
  return {
    name: `mutant-${mutant.name}`,
    setup(build) {
      build.onLoad({ filter }, async () => ({
        contents: applyPatch(mutant, await readOriginal(mutant)),
        loader: "ts",
      }));
    },
  };
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
