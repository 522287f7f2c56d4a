import { expect, it } from "vitest";
import { DiskWarning } from "../../src/domain/disk-warning.ts";

const HOUR_MS = 3_600_000;
const free = (freeBytes: number) => ({ freeBytes, totalBytes: 1_000 });

it("is said when less than a twentieth is free, once a day, and taken back when there is room again", () => {
  const warning = new DiskWarning();
  expect(warning.judge(free(50), 0)).toBe(null);
  expect(warning.judge(free(49), 1)).toBe("low");
  expect(warning.judge(free(10), 23 * HOUR_MS)).toBe(null);
  expect(warning.judge(free(0), 24 * HOUR_MS + 1)).toBe("low");
  expect(warning.judge(free(54), 25 * HOUR_MS)).toBe(null);
  expect(warning.judge(free(55), 25 * HOUR_MS)).toBe("enough");
  expect(warning.judge(free(55), 26 * HOUR_MS)).toBe(null);
  expect(warning.judge(free(49), 26 * HOUR_MS)).toBe("low");
});
