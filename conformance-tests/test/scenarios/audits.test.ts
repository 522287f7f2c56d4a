// Audits: a server that has lost what it confirmed is found out without a download (docs/format.md F-120 to F-123). Rule: whatever
// is found is named, and healed by the next backup.

import { describe, expect, test } from "vitest";
import type { Result } from "../../../engine/src/border/results.ts";
import { onlyAccount } from "../../scripted-host/hostile-server.ts";
import { jsonResponse } from "../../scripted-host/http-exchange.ts";
import { problemResponse } from "../../scripted-host/server-problem.ts";
import { backUp, backUpAgain, noticesOf, type Phone, pairPhone, ROOT, restoreElsewhere } from "./phone.ts";

type VerifyResult = Result & { readonly ask: "verify" };
const DAY_MS = 86_400_000;

function phoneWith(files: Record<string, string>): Phone {
  const phone = pairPhone((host) => {
    for (const [name, text] of Object.entries(files)) host.ground.tree.write(`${ROOT}/${name}`, text);
  });
  expect(backUp(phone)).toMatchObject({ outcome: "ok" });
  return phone;
}

function verify(phone: Phone, all = true): VerifyResult {
  return phone.host.drive({ kind: "verify", all }) as VerifyResult;
}

/** Alters one byte of every blob, which the server does not notice. */
function alterBlobs(phone: Phone): void {
  const { blobs } = onlyAccount(phone.world.server.state);
  for (const [id, blob] of blobs) {
    const bytes = Uint8Array.from(blob.bytes, (byte, at) => (at % 64 === 0 ? byte ^ 1 : byte));
    blobs.set(id, { ...blob, bytes });
  }
}

describe("an audit", () => {
  test("of a server that has everything is right, and says how much it covered", () => {
    const phone = phoneWith({ a: "a", b: "b" });
    expect(verify(phone)).toMatchObject({ outcome: "ok", checked: 1, of: 1, bad: 0, seenPermille: 1_000, files: [] });
    phone.host.ask({ kind: "status" });
    phone.host.runFor(10);
    const status = phone.host.views.findLast(({ kind }) => kind === "status");
    expect(status).toMatchObject({ verified: { kind: "audit", blobs: 1, of: 1, bad: 0 } });
  });

  test.each([
    ["altered", alterBlobs],
    ["lost", (phone: Phone) => onlyAccount(phone.world.server.state).blobs.clear()],
  ])("of blobs that the server has %s names the files, and the next backup heals them", (_, harm) => {
    const phone = phoneWith({ a: "a", b: "b" });
    harm(phone);
    const files = ["a", "b"].map((path) => ({ root: "photos", path }));
    expect(verify(phone)).toMatchObject({ outcome: "waiting", code: "peer-lost-data", bad: 1, files });
    expect(backUp(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 2 } });
    expect(restoreElsewhere(phone).result).toMatchObject({ outcome: "ok", filesRestored: 2 });
    expect(verify(phone)).toMatchObject({ outcome: "ok", bad: 0 });
  });

  test("is not answered from a list of the digests of earlier answers, since no question comes twice", () => {
    const phone = phoneWith({ a: "a" });
    const heard = new Set<string>();
    for (let round = 0; round < 8; round++) {
      phone.host.ground.link.faultOf = ({ path, body }) => {
        if (path !== "/v1/audits") return null;
        const { audits } = JSON.parse(Buffer.from(body ?? []).toString("utf8"));
        expect(heard.has(audits[0].nonce)).toBe(false);
        heard.add(audits[0].nonce);
        return null;
      };
      expect(verify(phone)).toMatchObject({ checked: 1 });
    }
    expect(heard.size).toBe(8);
    expect(verify(phone)).toMatchObject({ outcome: "ok", checked: 0, of: 1, seenPermille: 0 });
  });

  test("whose answer is lost is asked again by another question", () => {
    const phone = phoneWith({ a: "a" });
    phone.host.ground.link.faultOf = ({ path }) => (path === "/v1/audits" ? { kind: "lost-after" } : null);
    expect(verify(phone)).toMatchObject({ outcome: "failed", code: "peer-unreachable" });
    phone.host.ground.link.faultOf = () => null;
    expect(verify(phone)).toMatchObject({ outcome: "ok", checked: 1 });
  });

  test.each([
    [{ answers: [] }, "peer-not-coffre"],
    [{ answers: ["AA=="] }, "peer-not-coffre"],
    [{}, "peer-not-coffre"],
  ])("that is answered with %j is no proof and no loss", (body, code) => {
    const phone = phoneWith({ a: "a" });
    const response = jsonResponse(200, body);
    phone.host.ground.link.faultOf = ({ path }) => (path === "/v1/audits" ? { kind: "answer", response } : null);
    expect(verify(phone)).toMatchObject({ outcome: "failed", code });
    expect(backUp(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 1 } });
  });

  test("that an older server does not know says so", () => {
    const phone = phoneWith({ a: "a" });
    const response = problemResponse("not-found");
    phone.host.ground.link.faultOf = ({ path }) => (path === "/v1/audits" ? { kind: "answer", response } : null);
    expect(verify(phone)).toMatchObject({ outcome: "failed", code: "peer-too-old" });
  });

  test("comes by itself with a backup once a day, and heals", () => {
    const phone = phoneWith({ a: "a", b: "b" });
    alterBlobs(phone);
    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok" });
    expect(noticesOf(phone.host)).not.toContain("audit-failed:1");
    phone.world.clock.advance(DAY_MS);
    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 2 } });
    expect(noticesOf(phone.host)).toContain("audit-failed:1");
    expect(restoreElsewhere(phone).result).toMatchObject({ outcome: "ok", filesRestored: 2 });
  });

  test("of a machine whose clock was set a year ahead and back goes on daily", () => {
    const phone = phoneWith({ a: "a" });
    phone.world.clock.advance(365 * DAY_MS);
    backUpAgain(phone);
    alterBlobs(phone);
    phone.world.clock.advance(DAY_MS);
    backUpAgain(phone);
    expect(noticesOf(phone.host)).toContain("audit-failed:1");
  });
});
