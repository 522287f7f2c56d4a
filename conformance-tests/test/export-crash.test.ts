// An export that is killed anywhere goes on in a later process (docs/format.md F-113). Rule: whatever the moment, the file has the
// very bytes of one that nothing disturbed.

import { expect, test } from "vitest";
import type { Ask } from "../../engine/src/border/asks.ts";
import { createEngine } from "../../engine/src/index.ts";
import type { CrashPoint } from "../scripted-host/crash-point.ts";
import { seededContent } from "../scripted-host/file-content.ts";
import { alterBlob, alterReceipt, dropBlob } from "../scripted-host/hostile-server.ts";
import type { ScriptedHost } from "../scripted-host/scripted-host.ts";
import { codesOf, openVault, Stage } from "./restore-stage.ts";

const ASK: Ask = { kind: "export", target: "/out", name: "vault.tar", work: "/work" };

function makeStage(): Stage {
  const stage = new Stage();
  stage.backUp({ nothing: "", small: "small", large: seededContent(7, 2_500_000) });
  stage.backUp({ small: "another version" });
  stage.backUp({ third: "one more" });
  return stage;
}

function contentOf(reader: ScriptedHost, encoding: "base64" | "latin1" = "base64"): string {
  return Buffer.from(reader.ground.tree.bytesAt("/out/vault.tar")).toString(encoding);
}

/** Runs both asks to the end, over as many processes as it takes. */
function exportThroughCrashes(reader: ScriptedHost): void {
  for (let processes = 1; ; processes++) {
    expect(processes).toBeLessThanOrEqual(2);
    reader.start();
    if (openVault(reader) === null) continue;
    const result = reader.drive(ASK);
    if (result === null) continue;
    expect(result).toMatchObject({ outcome: "ok", records: 3 });
    return;
  }
}

test("a file that was cut at any point comes out like one that was not", () => {
  const stage = makeStage();
  const calm = stage.reader();
  expect(calm.drive(ASK)).toMatchObject({ outcome: "ok" });
  const expected = contentOf(calm);
  const points: CrashPoint[] = [
    ...Array.from({ length: calm.steps / 8 }, (_, index) => ({ kind: "before-commit" as const, step: 8 * index + 3 })),
    ...Array.from({ length: calm.steps / 4 - 1 }, (_, index) => ({ kind: "after-commit" as const, step: 4 * index })),
    ...Array.from({ length: calm.effectsDone - 1 }, (_, effect) => ({ kind: "after-effect" as const, effect })),
  ];
  for (const point of points) {
    const reader = stage.world.addHost({ makeEngine: createEngine, role: "restore" });
    reader.crashAt(point);
    exportThroughCrashes(reader);
    expect({ point, content: contentOf(reader) === expected }).toEqual({ point, content: true });
    reader.stop();
  }
});

test("what the server alters or loses is named, and the rest is in the file", () => {
  const stage = makeStage();
  const [lost = "", altered = ""] = stage.account.blobs.keys();
  dropBlob(stage.account, lost);
  alterBlob(stage.account, altered);
  alterReceipt(stage.account, stage.device, 1);
  const reader = stage.reader();
  const all = stage.account.blobs.size + 1;
  expect(reader.drive(ASK)).toMatchObject({ outcome: "waiting", code: "peer-damaged", records: 3, blobs: all - 2 });
  expect(codesOf(reader)).toEqual(["blob-altered", "blob-missing", "receipt-not-authentic"]);
  const names = contentOf(reader, "latin1").match(/blobs\/[0-9a-f]{64}(?=\0)/g);
  expect(names).toHaveLength(all - 2);
  expect(names).not.toContain(`blobs/${lost}`);
});
