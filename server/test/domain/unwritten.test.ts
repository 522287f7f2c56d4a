import { describe, expect, it } from "vitest";
import { StorageFull } from "../../src/domain/storage.ts";
import { Unwritten } from "../../src/domain/unwritten.ts";

describe("what a full disk kept in memory", () => {
  it("is written although something before it cannot be", async () => {
    const unwritten = new Unwritten(() => 0);
    const errors = new Map<string, Error | null>();
    const write = (name: string) => async () => {
      const error = errors.get(name);
      if (error != null) throw error;
    };
    for (const name of ["first", "second"]) {
      errors.set(name, new StorageFull());
      await unwritten.write(name, [1], null, write(name));
    }
    errors.set("first", new Error("not this one"));
    errors.set("second", null);
    await expect(unwritten.flush()).rejects.toThrow("not this one");
    expect([unwritten.read("first"), unwritten.read("second")]).toEqual([[1], null]);
  });
});
