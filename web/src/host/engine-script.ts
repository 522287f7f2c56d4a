// The engine's script, as every host loads it: `engine/dist/engine.js`, unchanged (docs/host-api.md §1). Rule: it runs once for each
// engine, under a query of its own; the one that is wanted next is loaded already, for making an engine must not wait.

import type { Engine, StorePort } from "coffre-engine";
import engineUrl from "../../../engine/dist/engine.js?url";

interface Globals {
  storeRun?: StorePort["run"];
  storeRunMany?: StorePort["runMany"];
  storeAll?: StorePort["all"];
  handle?: Engine["handle"];
}

/** An engine that was loaded, and has not been given a Store yet. */
type Loaded = (store: StorePort) => Engine;

export class EngineScript {
  readonly #spare: Loaded[] = [];
  #count = 0;

  /** Loads one more. */
  async load(): Promise<void> {
    this.#count += 1;
    await import(/* @vite-ignore */ `${engineUrl}?${this.#count}`);
    const globals = globalThis as Globals;
    const { handle } = globals;
    if (handle === undefined) throw new Error("expected a script that is an engine");
    delete globals.handle;
    this.#spare.push((store) => ({
      handle: (text) => {
        globals.storeRun = store.run;
        globals.storeRunMany = store.runMany;
        globals.storeAll = store.all;
        return handle(text);
      },
    }));
  }

  /** An engine over `store`; another is loaded for the next time. */
  readonly create = (store: StorePort): Engine => {
    const loaded = this.#spare.shift();
    if (loaded === undefined) throw new Error("expected an engine that is loaded");
    this.load().catch(() => {});
    return loaded(store);
  };
}
