// A server that lacks what it once had of a device's log, or says so (docs/format.md F-41, F-95, docs/protocol.md P-32). Rule:
// the phone gives back what it has, records anew what it has not, and throws no proof away for somebody's word.

import { describe, expect, test } from "vitest";
import {
  damageEnvelope,
  damageRecord,
  dropEnvelope,
  onlyAccount,
  onlyDevice,
} from "../../scripted-host/hostile-server.ts";
import { jsonResponse } from "../../scripted-host/http-exchange.ts";
import type { DeviceLog } from "../../scripted-host/server-state.ts";
import { damagesOf } from "../restore-stage.ts";
import { backUpAgain, expectedTree, noticesOf, type Phone, pairPhone, ROOT, restoreElsewhere } from "./phone.ts";

/** A phone with files of these names, each in a record of its own. */
function phoneWith(...names: readonly string[]): Phone {
  const phone = pairPhone(() => {});
  for (const name of names) {
    phone.host.ground.tree.write(`${ROOT}/${name}`, name);
    phone.world.clock.advance(10_000);
    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok" });
  }
  return phone;
}

function accountOf({ world }: Phone) {
  const account = onlyAccount(world.server.state);
  const device = onlyDevice(account);
  return { account, device, log: account.devices.get(device) as DeviceLog };
}

/** The number of the record that names a file for the first time: each has one of its own. */
function recordOf(phone: Phone, file: number): number {
  return accountOf(phone).log.records.length - file;
}

/** Has heads answered by something else, as often as they are asked for. */
function answerHeads(phone: Phone, change: (head: object) => object): void {
  const { world, host } = phone;
  host.ground.link.faultOf = (request) => {
    if (!request.path.endsWith("/head")) return null;
    const { body } = world.server.handle(request);
    return { kind: "answer", response: jsonResponse(200, change(JSON.parse(Buffer.from(body ?? []).toString()))) };
  };
}

function lastReceiptOf({ host }: Phone): unknown {
  host.ask({ kind: "status" });
  host.runUntilIdle();
  const status = host.views.findLast((view) => view.kind === "status");
  return status?.kind === "status" ? status.lastReceipt : null;
}

describe("a head that says that there is nothing", () => {
  const EMPTY = { number: 0, hash: "0".repeat(64), receipt: null, epoch: 0 };

  test("burns no receipt, and when the records are shown again all is in step without adopting anything", () => {
    const phone = phoneWith("a", "b");
    const before = lastReceiptOf(phone);
    answerHeads(phone, (head) => ({ ...head, ...EMPTY }));
    phone.host.ask({ kind: "backup", mode: "once" });
    phone.host.runFor(50);
    phone.host.stop();
    phone.host.start();
    expect(lastReceiptOf(phone)).toEqual(before);
    phone.host.ground.link.faultOf = () => null;
    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 2 } });
    expect(noticesOf(phone.host)).not.toContainEqual(expect.stringContaining("records-adopted"));
    expect(restoreElsewhere(phone)).toMatchObject({ result: { outcome: "ok" }, files: expectedTree(phone) });
  });

  test("and goes on saying so gets everything recorded anew, and the older receipts are past", () => {
    const phone = phoneWith("a", "b");
    const { log } = accountOf(phone);
    log.records.length = 0;
    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 2 } });
    expect(lastReceiptOf(phone)).toMatchObject({ number: log.records.length });
    expect(restoreElsewhere(phone)).toMatchObject({ result: { outcome: "ok" }, files: expectedTree(phone) });
  });
});

describe("an envelope that the server", () => {
  test.each([
    ["lost", dropEnvelope],
    ["calls damaged", damageEnvelope],
  ])("%s is sent again, also one of an epoch that ended long ago", (_, deed) => {
    const phone = phoneWith("a");
    const { account, device, log } = accountOf(phone);
    expect(log.envelopes.size).toBeGreaterThan(1);
    phone.world.clock.advance(2 * 86_400_000);
    deed(account, device, 1);
    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 1 } });
    expect([log.envelopes.has(1), log.damagedEpochs.size]).toEqual([true, 0]);
    expect(noticesOf(phone.host)).toContain("server-lost-envelopes:1");
    expect(restoreElsewhere(phone)).toMatchObject({ result: { outcome: "ok" }, files: expectedTree(phone) });
  });

  test("lacks closes its epoch alone: whatever lies under others comes back", () => {
    const phone = phoneWith("a");
    phone.host.ground.tree.write(`${ROOT}/b`, "b");
    phone.world.clock.advance(10_000);
    backUpAgain(phone);
    const { account, device } = accountOf(phone);
    dropEnvelope(account, device, 1);
    const { host, result, files } = restoreElsewhere(phone);
    expect(result).toMatchObject({ outcome: "waiting" });
    expect(files.get("photos/b")).toBe("b");
    expect(new Set(damagesOf(host).map(({ code }) => code))).toEqual(new Set(["envelope-missing"]));
  });
});

describe("a record that the server calls damaged", () => {
  test("is named by readers as damaged, also when it is the newest one, and what stands behind it comes back", () => {
    const phone = phoneWith("a", "b", "c");
    const { account, device, log } = accountOf(phone);
    const newest = log.records.length;
    damageRecord(account, device, newest);
    damageRecord(account, device, newest - 1);
    const { host, files } = restoreElsewhere(phone);
    expect(damagesOf(host)).toEqual([
      { code: "record-damaged", device: "phone", record: newest - 1 },
      { code: "record-damaged", device: "phone", record: newest },
    ]);
    expect(files.get("photos/a")).toBe("a");
    damageRecord(account, device, recordOf(phone, 2));
    log.damagedRecords.delete(newest);
    const later = restoreElsewhere(phone);
    expect(later.files.get("photos/c")).toBe("c");
    expect(damagesOf(later.host).map(({ code }) => code)).toEqual(["record-damaged", "record-damaged"]);
  });

  test("has what stood there alone recorded anew, once, and the owner is told", () => {
    const phone = phoneWith("a", "b");
    const { account, device, log } = accountOf(phone);
    const damaged = recordOf(phone, 1);
    damageRecord(account, device, damaged);
    const before = log.records.length;
    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 2 }, blobsSent: 0 });
    expect(noticesOf(phone.host)).toContain("server-damaged-records:1");
    expect(log.records.length).toBe(before + 1);
    const { result, files, host } = restoreElsewhere(phone);
    expect(files).toEqual(expectedTree(phone));
    expect(result).toMatchObject({ outcome: "waiting", code: "peer-damaged" });
    expect(damagesOf(host)).toEqual([{ code: "record-damaged", device: "phone", record: damaged }]);
    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok" });
    expect(log.records.length).toBe(before + 1);
    expect(noticesOf(phone.host).filter((notice) => notice === "server-damaged-records:1")).toHaveLength(1);
  });
});

describe("a phone whose database went back, and whose log", () => {
  test.each([
    ["has a damaged record in its midst", 1],
    ["ends with a damaged record", 0],
  ])("%s takes up what is whole, and everything comes back", (_, behind) => {
    const phone = phoneWith("a");
    const older = phone.host.store.snapshot();
    for (const name of ["b", "c"]) {
      phone.host.ground.tree.write(`${ROOT}/${name}`, name);
      phone.world.clock.advance(10_000);
      backUpAgain(phone);
    }
    const { account, device, log } = accountOf(phone);
    damageRecord(account, device, log.records.length - behind);
    phone.host.crash();
    phone.host.store.restore(older);
    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 3 } });
    expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
  });
});

describe("a head of more records than this machine has, which", () => {
  test.each([
    ["bears no receipt", (head: object) => ({ ...head, number: 99, hash: "1".repeat(64), receipt: null })],
    ["bears a receipt of another record", (head: object) => ({ ...head, number: 99 })],
  ])("%s is not trusted, and status says so", (_, change) => {
    const phone = phoneWith("a");
    answerHeads(phone, change);
    phone.host.ground.tree.write(`${ROOT}/b`, "b");
    phone.world.clock.advance(10_000);
    expect(backUpAgain(phone)).toMatchObject({
      outcome: "failed",
      code: "peer-not-trusted",
      counts: { waiting: [{ reason: "server-not-trusted", files: 1 }] },
    });
    phone.host.ask({ kind: "status" });
    phone.host.runUntilIdle();
    expect(phone.host.views.at(-1)).toMatchObject({ counts: { waiting: [{ reason: "server-not-trusted" }] } });
  });

  test("comes from a server with another pin is not trusted either", () => {
    const phone = phoneWith("a");
    phone.host.ground.link.faultOf = () => ({ kind: "no-answer", reason: "pin" });
    phone.host.ground.tree.write(`${ROOT}/b`, "b");
    phone.world.clock.advance(10_000);
    expect(backUpAgain(phone)).toMatchObject({
      outcome: "failed",
      code: "peer-pin",
      counts: { waiting: [{ reason: "server-not-trusted", files: 1 }] },
    });
  });
});
