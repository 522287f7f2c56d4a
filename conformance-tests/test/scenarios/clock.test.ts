// Clocks that are set while something waits. Rule: no clock makes a phone ask without a pause, and none makes it wait for days.

import { expect, test } from "vitest";
import { backUp, type Phone, pairPhone, ROOT } from "./phone.ts";

const HOUR_MS = 3_600_000;

/** A phone that watches, and whose server is busy from now on. */
function phoneThatWaits(): Phone {
  const phone = pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/a`, "first"));
  phone.world.server.refuse = () => ({ code: "busy" });
  phone.host.ask({ kind: "backup", mode: "watch" });
  phone.host.runFor(HOUR_MS);
  return phone;
}

function requestsIn(phone: Phone, ms: number): number {
  const before = phone.host.ground.link.exchanges.length;
  phone.host.runFor(ms);
  return phone.host.ground.link.exchanges.length - before;
}

test("a clock that is set back while the server is busy does not end the pauses between requests", () => {
  const phone = phoneThatWaits();
  phone.host.skewMs -= 15 * HOUR_MS;
  expect(requestsIn(phone, HOUR_MS)).toBeLessThan(60);
});

test("a clock that is set back does not make a phone wait for the old time when the server works again", () => {
  const phone = phoneThatWaits();
  phone.host.skewMs -= 400 * 24 * HOUR_MS;
  phone.world.server.refuse = () => null;
  phone.host.runFor(HOUR_MS);
  expect(phone.host.store.query("SELECT count(*) AS n FROM entry WHERE state = 0 AND kind = 1")).toEqual([{ n: 1 }]);
});

test("a clock that is set back does not put off the next sweep", () => {
  const phone = pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/a`, "first"));
  phone.host.ask({ kind: "backup", mode: "watch" });
  phone.host.runFor(HOUR_MS);
  phone.host.skewMs -= 400 * 24 * HOUR_MS;
  // Each sweep begins with the head (F-90).
  const heads = () => phone.host.ground.link.exchanges.filter(({ path }) => path.endsWith("/head")).length;
  const before = heads();
  phone.host.runFor(HOUR_MS);
  expect(heads() - before).toBeGreaterThanOrEqual(3);
});

test("a clock that is set back does not put off a file that is read once more", () => {
  const phone = pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/a`, "first"));
  const { host } = phone;
  host.ground.tree.faults.whileRead(`${ROOT}/a`, () => host.ground.tree.write(`${ROOT}/a`, "other"));
  host.ask({ kind: "backup", mode: "once" });
  host.runFor(100);
  host.skewMs -= 15 * HOUR_MS;
  host.runFor(HOUR_MS);
  expect(host.resultOf("backup")).toMatchObject({ outcome: "ok", counts: { filesSynced: 1 } });
});

test("files from a time that the clock has not reached are not read again by each backup", () => {
  const phone = pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/a`, "first"));
  phone.host.skewMs -= 400 * 24 * HOUR_MS;
  expect(backUp(phone)).toMatchObject({ outcome: "ok", bytesRead: 5 });
  expect(backUp(phone)).toMatchObject({ outcome: "ok", bytesRead: 0 });
});
