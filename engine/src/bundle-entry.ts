// The bundle's entry: puts `handle` on the global object, over the three Store calls that the embedding gives as globals
// (docs/host-api.md §1). Rule: nothing but this border.

import { createEngine } from "./runtime/engine.ts";

declare const globalThis: {
  storeRun(text: string): string;
  storeRunMany(text: string): string;
  storeAll(text: string): string;
  handle: (text: string) => string;
};

const engine = createEngine({
  run: (text) => globalThis.storeRun(text),
  runMany: (text) => globalThis.storeRunMany(text),
  all: (text) => globalThis.storeAll(text),
});

globalThis.handle = (text) => engine.handle(text);
