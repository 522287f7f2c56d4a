// A tiny engine for tests of the host itself: it carries out the effects that its asks name, one answer at a time.
// Rule: it keeps its count in the Store, so that a rolled back step shows.

import type { EffectBody } from "../../../engine/src/border/effects.ts";
import type { Input } from "../../../engine/src/border/inputs.ts";
import type { EngineFactory } from "../../scripted-host/script-engines.ts";

/** The bundle: `status` asks come with a list of effects in `effects`, which are issued together. */
export const FAKE_BUNDLE = `(() => {
  const sql = (call, sql, params) => JSON.parse(call(JSON.stringify({ sql, params })));
  let next = 1;
  globalThis.handle = (text) => {
    const { inputs } = JSON.parse(text);
    sql(storeRun, "CREATE TABLE IF NOT EXISTS seen (id INTEGER PRIMARY KEY, text TEXT)", []);
    const effects = [];
    for (const input of inputs) {
      sql(storeRun, "INSERT INTO seen (text) VALUES (?)", [input.kind]);
      if (input.kind === "answer") {
        effects.push({ id: next++, kind: "show", view: { kind: "answered", effect: input.effect, answer: input.answer } });
      }
      if (input.kind === "ask") {
        if (input.ask.fault) return JSON.stringify({ fault: { code: "fake", message: "asked for" } });
        if (input.ask.throws) throw new Error("asked for");
        for (const effect of input.ask.effects || []) effects.push({ ...effect, id: next++ });
      }
    }
    const { rows } = sql(storeAll, "SELECT count(*), max(text) FROM seen", []);
    effects.push({ id: next++, kind: "show", view: { kind: "seen", count: rows[0][0] } });
    return JSON.stringify({ effects, more: false });
  };
})();`;

/** The same engine run in this realm. */
export const makeFakeEngine: EngineFactory = (store) => {
  const scope = { handle: (text: string): string => text };
  const run = new Function("globalThis", "storeRun", "storeRunMany", "storeAll", FAKE_BUNDLE);
  run(scope, store.run, store.runMany, store.all);
  return { handle: (text) => scope.handle(text) };
};

/** An ask that lets the fake engine issue these effects; it goes in as the text that crosses the border. */
export function issue(...effects: readonly EffectBody[]): Input {
  return { kind: "ask", ask: { kind: "status", effects } } as Input;
}
