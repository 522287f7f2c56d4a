import { describe, expect, test } from "vitest";
import type { ChunkId } from "../../src/ids.ts";
import { planLoad, type WantedPart } from "../../src/restore/fetch/loads.ts";

const slotOf = (epoch: number): string => `epoch.${epoch}.chunk`;

function part(offset: number, sealedBytes: number, choice: Partial<WantedPart> = {}): WantedPart {
  const chunk = offset.toString(16).padStart(64, "0") as ChunkId;
  return { offset, file: offset + 1, idx: 0, chunk, epoch: 1, sealedBytes, ...choice };
}

const row = (count: number, sealedBytes: number): WantedPart[] =>
  Array.from({ length: count }, (_, index) => part(index * sealedBytes, sealedBytes));

describe("a load", () => {
  test("of everything in a blob is the whole blob, whose hash is compared", () => {
    expect(planLoad(row(8, 983_068), slotOf, true)).toMatchObject({ range: null, maxBytes: 7_868_416, taken: 8 });
  });

  test("of a few parts, or of a selection, is the range over them", () => {
    expect(planLoad(row(8, 983_068).slice(2, 4), slotOf, true)).toMatchObject({ range: [1_966_136, 3_932_272] });
    expect(planLoad(row(8, 983_068), slotOf, false)).toMatchObject({ range: [0, 7_864_544], maxBytes: 7_864_544 });
  });

  test("fetches a part once however many places it has", () => {
    const places = [part(0, 100, { file: 1, idx: 0 }), part(0, 100, { file: 1, idx: 7 }), part(0, 100, { file: 2 })];
    const plan = planLoad(places, slotOf, true);
    expect(plan.parts.map(({ part: { to } }) => to)).toEqual([
      [
        { root: 0, path: "f1", offset: 0 },
        { root: 0, path: "f1", offset: 7 * 983_040 },
        { root: 0, path: "f2", offset: 0 },
      ],
    ]);
    expect(plan.seals).toEqual([{ slot: "epoch.1.chunk", context: `coffre/1/chunk/${"0".repeat(64)}` }]);
  });

  test.each([299, 300, 301, 1_000])("of %i parts has at most 300 of them", (count) => {
    const plan = planLoad(row(count, 4_124), slotOf, true);
    expect(plan.taken).toBe(Math.min(300, count));
    expect(plan.range === null).toBe(count <= 300);
  });

  test("stays below 150,000 characters when one part has thousands of places", () => {
    const places = Array.from({ length: 9_000 }, (_, idx) => part(0, 983_068, { file: 1, idx }));
    const plan = planLoad(places, slotOf, true);
    expect(plan.taken).toBeGreaterThan(2_000);
    expect(JSON.stringify([plan.seals, plan.parts.map((planned) => planned.part)]).length).toBeLessThan(150_000);
  });

  test("ends before a gap that is worth a request of its own", () => {
    expect(planLoad([part(0, 100), part(524_388, 100)], slotOf, true).taken).toBe(2);
    expect(planLoad([part(0, 100), part(524_389, 100)], slotOf, true)).toMatchObject({ taken: 1, range: [0, 100] });
  });

  test("keeps two parts apart that claim the same offset", () => {
    const other = part(0, 100, { chunk: "f".repeat(64) as ChunkId, file: 9 });
    expect(planLoad([part(0, 100), other], slotOf, true).parts).toHaveLength(2);
  });
});
