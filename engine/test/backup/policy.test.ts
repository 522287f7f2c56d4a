// What the owner's policy allows, at its edges.

import { describe, expect, test } from "vitest";
import { findBlock, localMonth, nextMonthAtMs, opensAtMs } from "../../src/backup/policy.ts";
import type { Conditions, Policy } from "../../src/border/inputs.ts";
import { DEFAULT_POLICY } from "../../src/store/settings.ts";

const HOME: Conditions = { network: "unmetered", charging: true, utcOffsetMinutes: 0 };
const MINUTE = 60_000;

function policy(part: Partial<Policy>): Policy {
  return { ...DEFAULT_POLICY, ...part };
}

describe("the policy", () => {
  test("lets nothing be sent before the conditions are known, or without a network", () => {
    expect(findBlock(DEFAULT_POLICY, null, 0)).toBe("network-none");
    expect(findBlock(DEFAULT_POLICY, { ...HOME, network: "none" }, 0)).toBe("network-none");
    expect(findBlock(DEFAULT_POLICY, HOME, 0)).toBeNull();
  });

  test("names a metered network and a missing charger only when the owner asked", () => {
    const away: Conditions = { network: "metered", charging: false, utcOffsetMinutes: 0 };
    expect(findBlock(DEFAULT_POLICY, away, 0)).toBeNull();
    expect(findBlock(policy({ unmeteredOnly: true }), away, 0)).toBe("network-metered");
    expect(findBlock(policy({ chargingOnly: true }), away, 0)).toBe("not-charging");
  });

  test("keeps still in another country's network unless the owner asked otherwise", () => {
    const abroad: Conditions = { ...HOME, network: "roaming" };
    expect(findBlock(DEFAULT_POLICY, abroad, 0)).toBe("network-roaming");
    expect(findBlock(policy({ unmeteredOnly: true, roamingToo: true }), abroad, 0)).toBe("network-metered");
    expect(findBlock(policy({ roamingToo: true }), abroad, 0)).toBeNull();
  });

  test("counts months by the phone's calendar", () => {
    const newYear = Date.UTC(2027, 0, 1);
    const east: Conditions = { ...HOME, utcOffsetMinutes: 60 };
    expect(localMonth(HOME, newYear - 1)).toBe(56 * 12 + 11);
    expect(localMonth(HOME, newYear)).toBe(57 * 12);
    expect(localMonth(east, newYear - 60 * MINUTE)).toBe(57 * 12);
    expect(nextMonthAtMs(east, newYear - 61 * MINUTE)).toBe(newYear - 60 * MINUTE);
    expect(nextMonthAtMs(HOME, newYear)).toBe(Date.UTC(2027, 1, 1));
    for (let month = 0; month < 12 * 200; month++) {
      expect(localMonth(HOME, Date.UTC(1970, month))).toBe(month);
      expect(localMonth(HOME, Date.UTC(1970, month + 1) - 1)).toBe(month);
    }
  });

  test("opens and closes at the minutes of the local day", () => {
    const night = policy({ hours: [22 * 60, 6 * 60] });
    const at = (minutes: number): string | null => findBlock(night, HOME, minutes * MINUTE);
    expect(at(22 * 60 - 1)).toBe("outside-hours");
    expect(at(22 * 60)).toBeNull();
    expect(at(6 * 60 - 1)).toBeNull();
    expect(at(6 * 60)).toBe("outside-hours");
    expect(opensAtMs(night, HOME, 6 * 60 * MINUTE)).toBe(22 * 60 * MINUTE);
    expect(opensAtMs(night, HOME, 23 * 60 * MINUTE)).toBeNull();
  });

  test("counts the hours in the zone of the phone", () => {
    const morning = policy({ hours: [8 * 60, 9 * 60] });
    expect(findBlock(morning, { ...HOME, utcOffsetMinutes: 120 }, 6 * 60 * MINUTE)).toBeNull();
    expect(findBlock(morning, { ...HOME, utcOffsetMinutes: -120 }, 10 * 60 * MINUTE)).toBeNull();
    expect(findBlock(morning, HOME, 6 * 60 * MINUTE)).toBe("outside-hours");
  });

  test("takes hours with equal ends as the whole day", () => {
    expect(findBlock(policy({ hours: [60, 60] }), HOME, 0)).toBeNull();
  });
});
