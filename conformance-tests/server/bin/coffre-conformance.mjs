#!/usr/bin/env node
// Starts the suite. Rule: an installed package runs its bundle, since Node strips no types below node_modules; a checkout runs
// its sources.

const isInstalled = /[\\/]node_modules[\\/]/.test(decodeURIComponent(new URL(import.meta.url).pathname));

await import(isInstalled ? "../dist/main.mjs" : "../src/main.ts");
