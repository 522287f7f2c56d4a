import { describe, expect, it } from "vitest";
import { decodeItem, decodePrefix, encodeItem, type Item } from "../../src/domain/cbor.ts";
import { Refusal } from "../../src/domain/refusal.ts";

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(" ", ""), "hex"));

describe("the CBOR subset", () => {
  it("F-1 takes integers within 2^53 - 1, bytes, UTF-8 text, arrays and null, and nothing is lost", () => {
    const items: Item[] = [
      0,
      23,
      24,
      255,
      256,
      65_536,
      2 ** 32,
      Number.MAX_SAFE_INTEGER,
      -1,
      -25,
      Number.MIN_SAFE_INTEGER,
      null,
      "",
      "é😀",
      new Uint8Array(300),
      [],
      [[1, [null]], "a"],
    ];
    for (const item of items) expect(decodeItem(encodeItem(item))).toEqual(item);
  });

  it("F-2 refuses everything else, one encoding for each item", () => {
    const refused = {
      "an integer not in its shortest form": "18 17",
      "a length not in its shortest form": "58 01 00",
      "an array length not in its shortest form": "98 01 00",
      "2^53": "1b 0020000000000000",
      "an indefinite array": "9f 01 ff",
      "indefinite bytes": "5f 41 00 ff",
      "a map": "a1 01 02",
      "a tag": "c0 01",
      "a float": "f9 3c00",
      "a float of a whole number": "fb 3ff0000000000000",
      "minus zero": "f9 8000",
      true: "f5",
      undefined: "f7",
      "text that is not UTF-8": "62 c328",
      "a surrogate": "63 eda080",
      "bytes behind the item": "01 01",
      "a cut item": "58 05 00",
      "nothing at all": "",
      "a length beyond the input": "9b 000000ffffffffff",
      "nesting of 9": "81 81 81 81 81 81 81 81 81 01",
      "a reserved form": "1c",
    };
    for (const [name, text] of Object.entries(refused)) {
      expect(() => decodeItem(hex(text)), name).toThrow(Refusal);
    }
    expect(decodeItem(hex("81 81 81 81 81 81 81 81 01"))).toEqual([[[[[[[[1]]]]]]]]);
  });

  it("gives the length of an item at the front of other bytes", () => {
    expect(decodePrefix(hex("82 01 41 ff 99 99"))).toEqual({ item: [1, hex("ff")], sizeBytes: 4 });
  });

  it("F-2 refuses a million open arrays without falling over", () => {
    expect(() => decodeItem(new Uint8Array(1_000_000).fill(0x81))).toThrow(Refusal);
  });
});
