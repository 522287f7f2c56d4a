import { describe, expect, it } from "vitest";
import { formatBytes, parseBytes } from "../../src/commands/sizes.ts";

describe("sizes", () => {
  it("are shown with three digits and a unit, and never as 1000 of one", () => {
    const shown = [0, 999, 1_000, 1_234_567, 999_499, 999_500, 500e9, 12_345e12].map(formatBytes);
    expect(shown).toEqual(["0 B", "999 B", "1 KB", "1.23 MB", "999 KB", "1 MB", "500 GB", "12345 TB"]);
  });

  it("are taken in bytes or with a unit, and nothing else is", () => {
    expect(["0", "500G", "2T"].map(parseBytes)).toEqual([0, 500e9, 2e12]);
    for (const text of ["", "G", "1.5G", "1KB", "-1", "9999999T", "1g"]) expect(parseBytes(text), text).toBeNull();
  });
});
