// What counts as damage of a vault, and what is told alone.

import { expect, test } from "vitest";
import type { DamageCode } from "../../src/border/reasons.ts";
import type { DeviceId } from "../../src/ids.ts";
import { addDamage, hasDamage, readDamages } from "../../src/restore/tables/damage-rows.ts";
import { migrate } from "../../src/store/schema.ts";
import { makeStore } from "./sqlite-port.ts";

const DEVICE = "d".repeat(64) as DeviceId;

test.each<[DamageCode, boolean]>([
  ["record-after-revocation", false],
  ["record-missing", true],
  ["device-not-certified", true],
])("%s is told, and makes a vault damaged: %s", (code, isDamage) => {
  const store = makeStore();
  migrate(store);
  addDamage(store, DEVICE, 3, code);
  expect(readDamages(store, 0, 10).views).toEqual([{ code, device: DEVICE.slice(0, 8), record: 3 }]);
  expect(hasDamage(store)).toBe(isDamage);
});
