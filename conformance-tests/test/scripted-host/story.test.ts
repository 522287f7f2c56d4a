// The plain story over the scripted host with the real engine: create, add a root, back up, restore elsewhere. Rule: this
// proves that the host can carry a whole engine; what the engine must do in trouble is tested with the engine.

import { beforeAll, describe, expect, test } from "vitest";
import { bundleEngine } from "../../../engine/bundle.ts";
import { createEngine } from "../../../engine/src/index.ts";
import { seededContent } from "../../scripted-host/file-content.ts";
import { bundleInContext, bundleInQuickJs, type EngineFactory } from "../../scripted-host/script-engines.ts";
import type { ScriptedHost } from "../../scripted-host/scripted-host.ts";
import { listTree } from "../../scripted-host/tree-listing.ts";
import { SERVER_URL, VirtualWorld } from "../../scripted-host/virtual-world.ts";

const server = { url: SERVER_URL };
let bundle = "";

beforeAll(async () => {
  bundle = await bundleEngine();
});

/** Pairs a phone with ten files and some awkward ones, and backs it up. */
function backUp(world: VirtualWorld, makeEngine: EngineFactory): ScriptedHost {
  const phone = world.addHost({ makeEngine });
  const { tree } = phone.ground;
  for (let number = 0; number < 10; number++) tree.write(`/phone/dcim/${number}`, seededContent(number, number * 999));
  tree.write("/phone/large", seededContent(77, 2_000_000));
  tree.write("/phone/dir//61ff/\u{1F600}", "x", 0o600);
  tree.addFolder("/phone/empty");
  tree.link("/phone/link", "large");
  world.clock.advance(60_000);
  phone.start();
  const asks = [
    { kind: "create", server, login: "ada", deviceName: "phone" },
    { kind: "add-root", name: "all", locator: "/phone", excludes: [] },
    { kind: "backup", mode: "once" },
  ] as const;
  for (const ask of asks) expect(phone.drive(ask)).toMatchObject({ outcome: "ok" });
  return phone;
}

function restore(world: VirtualWorld, makeEngine: EngineFactory, words?: string): ScriptedHost {
  const reader = world.addHost({
    makeEngine,
    role: "restore",
    passphrase: words === undefined ? "six blue herons at dawn" : null,
  });
  reader.start();
  const login = { server, login: "ada", ...(words === undefined ? {} : { words }) };
  expect(reader.drive({ kind: "open-vault", ...login })).toMatchObject({ outcome: "ok" });
  const selections = [{ root: "all", path: "" }];
  const ask = { kind: "restore", target: "/target", work: "/staging", selections, existing: "skip" } as const;
  expect(reader.drive(ask)).toMatchObject({ outcome: "ok" });
  return reader;
}

describe("the plain story", () => {
  test("comes back the same from the passphrase, and from the words alone", () => {
    const world = new VirtualWorld();
    const phone = backUp(world, createEngine);
    const words = phone.views.flatMap((view) => (view.kind === "words" ? [view.words] : []))[0];
    for (const given of [undefined, words]) {
      const reader = restore(world, createEngine, given);
      expect(listTree(reader.ground.tree, "/target/all")).toEqual(listTree(phone.ground.tree, "/phone"));
    }
  });

  test("gives one trace for the source, the bundle in a bare context, and the bundle in QuickJS", async () => {
    const engines = [createEngine, bundleInContext(bundle), await bundleInQuickJs(bundle)];
    const digests = engines.map((makeEngine) => {
      const world = new VirtualWorld();
      const phone = backUp(world, makeEngine);
      const reader = restore(world, makeEngine);
      const digest = `${phone.trace.digest()} ${reader.trace.digest()}`;
      for (const host of [phone, reader]) host.stop();
      return digest;
    });
    expect(new Set(digests)).toEqual(new Set([digests[0]]));
  });
});
