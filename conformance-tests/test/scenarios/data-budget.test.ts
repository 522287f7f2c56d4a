// What a month may cost over metered networks. Rule: a month never costs more, what went is recorded, and the rest waits for a
// reason that is named.

import { describe, expect, test } from "vitest";
import { seededContent } from "../../scripted-host/file-content.ts";
import type { ScriptedHost } from "../../scripted-host/scripted-host.ts";
import { checkGuarantees } from "./guarantees.ts";
import { backUp, backUpAgain, expectedTree, type Phone, pairPhone, ROOT, restoreElsewhere } from "./phone.ts";

const BUDGET_BYTES = 15_000_000;
const MONTH_MS = 31 * 86_400_000;

function fillFilms({ ground: { tree } }: ScriptedHost): void {
  for (let i = 0; i < 12; i++) tree.write(`${ROOT}/film ${i}`, seededContent(i, 2_500_000));
}

function pairOnMobileData(policy: { meteredBytesPerMonth: number | null; roamingToo?: boolean }): Phone {
  const phone = pairPhone(fillFilms);
  phone.host.drive({ kind: "set", policy });
  phone.host.setConditions({ network: "metered" });
  return phone;
}

function sentBlobBytes({ host }: Phone): number {
  return host.ground.link.exchanges
    .filter(({ path, method }) => method === "PUT" && path.startsWith("/v1/blobs/"))
    .reduce((sum, { sentBytes }) => sum + sentBytes, 0);
}

describe("a month's mobile data", () => {
  test("lets blobs go until the next one would cost more, records them, and says why the rest waits", () => {
    const phone = pairOnMobileData({ meteredBytesPerMonth: BUDGET_BYTES });
    const result = backUp(phone);
    expect(result?.outcome).toBe("waiting");
    expect(result?.counts.filesSynced).toBeGreaterThanOrEqual(4);
    const reasons = result?.counts.waiting.map(({ reason }) => reason);
    expect(reasons).toContain("data-budget");
    expect(sentBlobBytes(phone)).toBeLessThanOrEqual(BUDGET_BYTES);
    expect(sentBlobBytes(phone)).toBeGreaterThan(BUDGET_BYTES - 8_000_000);
    checkGuarantees(phone.host);
  });

  test("is spent over processes, and begins anew with the month", () => {
    const phone = pairOnMobileData({ meteredBytesPerMonth: BUDGET_BYTES });
    backUp(phone);
    const first = sentBlobBytes(phone);
    for (let days = 0; days < 3; days++) {
      phone.host.crash();
      phone.world.clock.advance(3_600_000);
      phone.host.start();
      expect(backUp(phone)?.outcome).toBe("waiting");
    }
    expect(sentBlobBytes(phone)).toBe(first);
    phone.world.clock.advance(MONTH_MS);
    expect(backUp(phone)?.outcome).toBe("waiting");
    expect(sentBlobBytes(phone)).toBeGreaterThan(first);
    expect(sentBlobBytes(phone)).toBeLessThanOrEqual(2 * BUDGET_BYTES);
  });

  test("keeps nothing back over Wi-Fi, where all arrives", () => {
    const phone = pairOnMobileData({ meteredBytesPerMonth: 0 });
    expect(backUp(phone)?.counts.filesSynced).toBe(0);
    expect(sentBlobBytes(phone)).toBe(0);
    phone.host.setConditions({ network: "unmetered" });
    expect(backUpAgain(phone).outcome).toBe("ok");
    expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
  });

  test("wakes a watching phone when the next month begins", () => {
    const phone = pairOnMobileData({ meteredBytesPerMonth: BUDGET_BYTES });
    const { clock } = phone.world;
    const now = new Date(clock.nowMs);
    const nextMonthMs = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1);
    clock.advance(nextMonthMs - 1_800_000 - clock.nowMs);
    phone.host.ask({ kind: "backup", mode: "watch" });
    phone.host.runFor(1_799_000);
    const first = sentBlobBytes(phone);
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThanOrEqual(BUDGET_BYTES);
    phone.host.runFor(61_000);
    expect(sentBlobBytes(phone)).toBeGreaterThan(first);
  });
});

test("another country's network is used only when the owner allowed it", () => {
  const phone = pairOnMobileData({ meteredBytesPerMonth: null });
  phone.host.setConditions({ network: "roaming" });
  const result = backUp(phone);
  expect(result?.outcome).toBe("waiting");
  expect(result?.counts.waiting.map(({ reason }) => reason)).toEqual(["network-roaming"]);
  expect(sentBlobBytes(phone)).toBe(0);
  phone.host.drive({ kind: "set", policy: { roamingToo: true } });
  expect(backUpAgain(phone).outcome).toBe("ok");
});
