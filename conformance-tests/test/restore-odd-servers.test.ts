// Servers that answer in a way of their own: all of a blob where a part was asked for, pages without an end. Rule: what came is
// used, and nothing that a server says makes a reader ask for ever.

import { describe, expect, test } from "vitest";
import { createEngine } from "../../engine/src/index.ts";
import { seededContent } from "../scripted-host/file-content.ts";
import { dropEnvelope } from "../scripted-host/hostile-server.ts";
import { type HttpRequest, jsonResponse } from "../scripted-host/http-exchange.ts";
import type { ScriptedHost } from "../scripted-host/scripted-host.ts";
import { codesOf, openVault, restore, Stage, textAt } from "./restore-stage.ts";

/** A reader whose server's answers to some requests are changed. */
function readerOf(stage: Stage, change: (request: HttpRequest) => HttpRequest | object | null): ScriptedHost {
  const reader = stage.world.addHost({ makeEngine: createEngine, role: "restore" });
  reader.ground.link.faultOf = (request) => {
    const changed = change(request);
    if (changed === null) return null;
    if ("method" in changed) return { kind: "answer", response: stage.world.server.handle(changed as HttpRequest) };
    return { kind: "answer", response: jsonResponse(200, changed) };
  };
  reader.start();
  expect(openVault(reader)).toMatchObject({ outcome: "ok" });
  return reader;
}

test("a server that knows no ranges gives single files back all the same", () => {
  const stage = new Stage();
  stage.backUp({ first: seededContent(1, 500_000), small: "small", last: seededContent(2, 500_000) });
  const reader = readerOf(stage, (request) => (request.range === null ? null : { ...request, range: null }));
  const result = restore(reader, { selections: [{ root: "all", path: "small" }] });
  expect([result, codesOf(reader)]).toMatchObject([{ outcome: "ok", filesRestored: 1 }, []]);
  expect(textAt(reader, "/target/all/small")).toBe("small");
});

describe("pages without an end", () => {
  /** Records that are none, one more on each page. */
  const record = (number: number) => ({ number, record: "AAAA", receipt: "AAAA" });

  test.each([
    ["where the head says that the log ends", 2, 5],
    ["after a thousand that nothing vouches for, whatever the head says", 1_000_000_000, 1_010],
  ])("of records end %s", (_, number, most) => {
    const stage = new Stage();
    stage.backUp({ a: "a" });
    let pages = 0;
    const reader = readerOf(stage, (request) => {
      const { path } = request;
      if (path === "/v1/sessions") {
        const bundle = JSON.parse(Buffer.from(stage.world.server.handle(request).body ?? []).toString());
        return { ...bundle, tail: null, heads: bundle.heads.map((head: object) => ({ ...head, number })) };
      }
      const after = /records\?after=([0-9]+)/.exec(path)?.[1];
      if (after === undefined) return null;
      pages += 1;
      return { records: [record(Number(after) + 1)], next: Number(after) + 1 };
    });
    expect(restore(reader)).toMatchObject({ outcome: "waiting", filesRestored: 0 });
    expect([pages > 0, pages < most]).toEqual([true, true]);
  });

  test("of envelopes end after the second", () => {
    const stage = new Stage();
    stage.backUp({ a: "a" });
    dropEnvelope(stage.account, stage.device, 1);
    let pages = 0;
    const reader = readerOf(stage, ({ path }) => {
      const after = /epochs\?after=([0-9]+)/.exec(path)?.[1];
      if (after === undefined) return null;
      pages += 1;
      return { envelopes: [{ number: Number(after) + 1_000, envelope: "AAAA" }], next: Number(after) + 1_000 };
    });
    expect(restore(reader)).toMatchObject({ outcome: "waiting" });
    expect(codesOf(reader)).toEqual(["envelope-missing"]);
    expect(pages).toBeLessThan(5);
  });
});
