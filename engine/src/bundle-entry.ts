// The bundle's entry: puts `handle` on the global object, over the three Store calls that the embedding gives as globals
// (docs/host-api.md §1). Rule: nothing but this border.

import { createEngine } from "./engine.ts";

interface Globals {
  storeRun(text: string): string;
  storeRunMany(text: string): string;
  storeAll(text: string): string;
  handle: (text: string) => string;
}

const globals = globalThis as unknown as Globals;

const engine = createEngine({
  run: (text) => globals.storeRun(text),
  runMany: (text) => globals.storeRunMany(text),
  all: (text) => globals.storeAll(text),
});

globals.handle = (text) => engine.handle(text);
