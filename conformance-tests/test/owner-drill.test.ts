// Drills: a restore of a sample, of which nothing is kept (docs/format.md §13). Rule: what a restore would not give back is found, named and
// healed, also where the server proved by audits that it has every byte.

import { describe, expect, test } from "vitest";
import type { Result } from "../../engine/src/border/results.ts";
import { jsonResponse } from "../scripted-host/http-exchange.ts";
import { sha256 } from "../scripted-host/server-structures.ts";
import { pieceOf } from "../scripted-host/transfer-effects.ts";
import { restore, Stage, textAt } from "./restore-stage.ts";

type DrillResult = Result & { readonly ask: "drill" };

const ROOTS = [{ name: "all", locator: "/phone" }];

/** Runs a drill as a host does: a reader with the phone's files beside it. */
function drill(stage: Stage): DrillResult {
  const reader = stage.reader();
  for (const name of ["a", "b"]) {
    const found = stage.phone.ground.tree.find(`/phone/${name}`);
    if (found.kind !== "failed")
      reader.ground.tree.write(`/phone/${name}`, textAt(stage.phone, `/phone/${name}`) ?? "");
  }
  return reader.drive({ kind: "drill", device: stage.device, roots: ROOTS }) as DrillResult;
}

/** The server serves altered blobs from now on, and answers audits out of what it was given. */
function alterWhatIsServed(stage: Stage): void {
  const { blobs } = stage.account;
  const given = new Map(blobs);
  for (const [id, blob] of blobs) blobs.set(id, { ...blob, bytes: Uint8Array.from(blob.bytes, (byte) => byte ^ 1) });
  stage.phone.ground.link.faultOf = ({ path, body }) => {
    if (path !== "/v1/audits") return null;
    const { audits } = JSON.parse(Buffer.from(body ?? []).toString("utf8"));
    const answers = audits.map(({ blob, piece, nonce }: { blob: string; piece: number; nonce: string }) => {
      const bytes = given.get(blob)?.bytes ?? new Uint8Array(0);
      return Buffer.from(sha256(Buffer.from(nonce, "base64"), pieceOf(bytes, piece))).toString("base64");
    });
    return { kind: "answer", response: jsonResponse(200, { answers }) };
  };
}

describe("a drill", () => {
  test("of a vault that is whole says how much it tried, and writes nothing", () => {
    const stage = new Stage();
    stage.backUp({ a: "a", b: "b" });
    const result = drill(stage);
    expect(result).toMatchObject({ outcome: "ok", checked: 2, of: 2, bad: 0, differing: 0, files: [], blobs: [] });
    stage.drive({ kind: "drilled", checked: result.checked, of: result.of, bad: 0, blobs: [] });
    stage.phone.ask({ kind: "status" });
    stage.phone.runFor(10);
    const status = stage.phone.views.findLast(({ kind }) => kind === "status");
    expect(status).toMatchObject({ drilled: { kind: "drill", blobs: 2, of: 2, bad: 0 } });
  });

  test("finds what no audit can, and what it found is healed", () => {
    const stage = new Stage();
    stage.backUp({ a: "a", b: "b" });
    alterWhatIsServed(stage);
    expect(stage.phone.drive({ kind: "verify", all: true })).toMatchObject({ outcome: "ok", bad: 0 });
    const result = drill(stage);
    expect(result).toMatchObject({ outcome: "waiting", code: "peer-damaged", checked: 2, bad: 2 });
    expect(result.files.map(({ path }) => path).sort()).toEqual(["a", "b"]);
    const { checked, of, bad, blobs } = result;
    stage.drive({ kind: "drilled", checked, of, bad, blobs });
    stage.sync();
    expect(drill(stage)).toMatchObject({ outcome: "ok", bad: 0 });
    expect(restore(stage.reader())).toMatchObject({ outcome: "ok", filesRestored: 2 });
  });

  test("compares no file that has changed on this machine since, and says so", () => {
    const stage = new Stage();
    stage.backUp({ a: "a", b: "b" });
    stage.phone.ground.tree.write("/phone/b", "changed");
    expect(drill(stage)).toMatchObject({ outcome: "ok", checked: 2, bad: 0, differing: 1 });
  });

  test("of a device that has nothing there is about nothing", () => {
    const stage = new Stage();
    expect(drill(stage)).toMatchObject({ outcome: "ok", checked: 0, of: 0 });
  });
});
