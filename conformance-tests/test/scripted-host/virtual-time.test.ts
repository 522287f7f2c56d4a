// Virtual time and seeded numbers: what makes a run repeatable. Rule: equal seeds and equal calls give equal runs.

import { describe, expect, test } from "vitest";
import { SeededRandom } from "../../scripted-host/seeded-random.ts";
import { VirtualClock } from "../../scripted-host/virtual-clock.ts";

describe("the clock", () => {
  test("runs timers in order of time, and in the order of setting where times are equal", () => {
    const clock = new VirtualClock(1_000);
    const ran: string[] = [];
    const set = (atMs: number, name: string) => clock.schedule(atMs, () => ran.push(`${name}@${clock.nowMs}`));
    set(1_020, "c");
    set(1_010, "a");
    set(1_010, "b");
    set(5, "late");
    set(1_015, "gone").cancel();
    clock.advance(15);
    expect(ran).toEqual(["late@1000", "a@1010", "b@1010"]);
    expect([clock.nowMs, clock.nextAtMs]).toEqual([1_015, 1_020]);
    expect([clock.runNext(), clock.runNext()]).toEqual([true, false]);
    expect(ran.at(-1)).toBe("c@1020");
  });

  test("a timer may set others and cancel itself", () => {
    const clock = new VirtualClock(0);
    let count = 0;
    const again = (): void => {
      const timer = clock.schedule(clock.nowMs + 10, () => {
        timer.cancel();
        count++;
        again();
      });
    };
    again();
    clock.advance(100);
    expect(count).toBe(10);
    expect(clock.nextAtMs).toBe(110);
  });
});

describe("seeded numbers", () => {
  test("bytes are the numbers, lowest byte first, of any length", () => {
    for (const length of [0, 1, 3, 4, 5, 64, 1_001]) {
      const numbers = new SeededRandom(42, "x");
      const bytes = new SeededRandom(42, "x");
      const expected = Buffer.alloc(Math.ceil(length / 4) * 4);
      for (let i = 0; i < expected.length; i += 4) expected.writeUInt32LE(numbers.uint32(), i);
      expect(Buffer.from(bytes.bytes(length)).equals(expected.subarray(0, length))).toBe(true);
      expect(bytes.uint32()).toBe(numbers.uint32());
    }
  });

  test("seeds, labels and forks give streams of their own", () => {
    const first = (random: SeededRandom): number => random.uint32();
    const streams = [
      new SeededRandom(1),
      new SeededRandom(2),
      new SeededRandom(2 ** 32 + 1),
      new SeededRandom(1, "a"),
      new SeededRandom(1, "b"),
      new SeededRandom(1).fork("a"),
    ];
    expect(new Set(streams.map(first)).size).toBe(streams.length);
    expect(first(new SeededRandom(1, "a"))).toBe(first(new SeededRandom(1, "a")));
  });

  test("below, chance and pick stay in their range", () => {
    const random = new SeededRandom(3);
    const counts = [0, 0, 0];
    for (let i = 0; i < 3_000; i++) counts[random.below(3)] = (counts[random.below(3)] ?? 0) + 1;
    const seen = Array.from({ length: 300 }, () => random.pick(["a", "b"]));
    expect(Math.min(...counts)).toBeGreaterThan(0);
    expect(counts).toHaveLength(3);
    expect(new Set(seen)).toEqual(new Set(["a", "b"]));
    expect([random.chance(0), random.chance(1)]).toEqual([false, true]);
    expect(() => random.pick([])).toThrow(RangeError);
  });
});
