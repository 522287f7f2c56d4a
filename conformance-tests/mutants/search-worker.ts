// A process of `npm run mutants`: is sent searches one at a time, and answers each. Rule: it decides nothing.

import { selectMutants } from "./list.ts";
import { bundleMutant, searchRange } from "./search.ts";

/** One search: a mutant, one of its ranges, and how many seeds at the most. */
export interface Search {
  readonly name: string;
  readonly range: number;
  readonly seeds: number;
}

const bundles = new Map<string, Promise<string>>();

process.on("message", async ({ name, range, seeds }: Search) => {
  const [mutant] = selectMutants([name]);
  if (mutant === undefined) throw new Error("a search without a mutant");
  const bundle = bundles.get(name) ?? bundleMutant(mutant);
  bundles.set(name, bundle);
  process.send?.(await searchRange(await bundle, range, seeds));
});
