// Puts one mutant's fault into the reference server while Node loads it: `node --import loader.ts server/src/main.ts`, with the
// mutant's name in the environment. Rule: no file is written, so nothing has to be put back.

import { registerHooks } from "node:module";
import { MUTANTS } from "./all.ts";
import { applyFault } from "./mutant.ts";

const name = process.env["SERVER_MUTANT"] ?? "";
const mutant = MUTANTS.find((each) => each.name === name);
if (mutant === undefined) throw new Error(`there is no mutant ${name}`);
const ending = `/server/src/${mutant.file}`;

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.endsWith(ending)) return loaded;
    const text = Buffer.from((loaded.source ?? "") as Uint8Array).toString("utf8");
    return { ...loaded, source: applyFault(mutant, text) };
  },
});
