// Vectors of the CBOR subset (docs/format.md F-1 and F-2). The cases of RFC 8949 Appendix A are marked "A:".

import { type CborValue, decodeCbor, encodeCbor } from "../../engine/src/format/cbor.ts";
import { type Area, bytes, type Case, hex, type Json } from "./area.ts";

/** A decoded value as JSON: bytes are `{hex}`, everything else is itself. */
function toJson(value: CborValue): Json {
  if (value instanceof Uint8Array) return { hex: hex(value) };
  return Array.isArray(value) ? value.map(toJson) : (value as Json);
}

const ACCEPTED: readonly (readonly [string, string])[] = [
  ["A: 0", "00"],
  ["A: 1", "01"],
  ["A: 10", "0a"],
  ["A: 23", "17"],
  ["A: 24", "1818"],
  ["A: 25", "1819"],
  ["A: 100", "1864"],
  ["A: 1000", "1903e8"],
  ["A: 1000000", "1a000f4240"],
  ["A: 1000000000000", "1b000000e8d4a51000"],
  ["A: -1", "20"],
  ["A: -10", "29"],
  ["A: -100", "3863"],
  ["A: -1000", "3903e7"],
  ["A: h''", "40"],
  ["A: h'01020304'", "4401020304"],
  ["A: empty text", "60"],
  ['A: "a"', "6161"],
  ['A: "IETF"', "6449455446"],
  ["A: quote and backslash", "62225c"],
  ["A: U+00FC", "62c3bc"],
  ["A: U+6C34", "63e6b0b4"],
  ["A: U+10151", "64f0908591"],
  ["A: []", "80"],
  ["A: [1, 2, 3]", "83010203"],
  ["A: [1, [2, 3], [4, 5]]", "8301820203820405"],
  ["A: 1 to 25", "98190102030405060708090a0b0c0d0e0f101112131415161718181819"],
  ["A: null", "f6"],
  ["255", "18ff"],
  ["256", "190100"],
  ["65535", "19ffff"],
  ["65536", "1a00010000"],
  ["2^32 - 1", "1affffffff"],
  ["2^32", "1b0000000100000000"],
  ["2^53 - 1", "1b001fffffffffffff"],
  ["-(2^53 - 1)", "3b001ffffffffffffe"],
  ["eight arrays deep", "8181818181818180"],
];

const REFUSED: readonly (readonly [string, string])[] = [
  ["nothing", ""],
  ["A: 18446744073709551615 is too large", "1bffffffffffffffff"],
  ["A: -18446744073709551616 is too small", "3bffffffffffffffff"],
  ["2^53", "1b0020000000000000"],
  ["-(2^53)", "3b001fffffffffffff"],
  ["A: a bignum", "c249010000000000000000"],
  ["A: a negative bignum", "c349010000000000000000"],
  ["A: half 0.0", "f90000"],
  ["A: half 1.5", "f93e00"],
  ["A: single 100000.0", "fa47c35000"],
  ["A: double 1.1", "fb3ff199999999999a"],
  ["A: half Infinity", "f97c00"],
  ["A: half NaN", "f97e00"],
  ["A: false", "f4"],
  ["A: true", "f5"],
  ["A: undefined", "f7"],
  ["A: simple(16)", "f0"],
  ["A: simple(255)", "f8ff"],
  ["null in two bytes", "f816"],
  ["A: a date", "c074323031332d30332d32315432303a30343a30305a"],
  ["A: an epoch time", "c11a514b67b0"],
  ["A: a tag of bytes", "d74401020304"],
  ["A: an empty map", "a0"],
  ["A: a map", "a201020304"],
  ["A: a map in an array", "826161a161626163"],
  ["A: indefinite bytes", "5f42010243030405ff"],
  ["A: indefinite text", "7f657374726561646d696e67ff"],
  ["A: an indefinite array", "9fff"],
  ["A: an indefinite map", "bf61610161629f0203ffff"],
  ["a break alone", "ff"],
  ["0 in two bytes", "1800"],
  ["23 in two bytes", "1817"],
  ["255 in three bytes", "1900ff"],
  ["65535 in five bytes", "1a0000ffff"],
  ["2^32 - 1 in nine bytes", "1b00000000ffffffff"],
  ["-1 in two bytes", "3800"],
  ["a length of bytes in two bytes", "580100"],
  ["a length of text in two bytes", "780161"],
  ["a length of an array in two bytes", "980100"],
  ["reserved information 28", "1c"],
  ["reserved information 30 of an array", "9e"],
  ["an integer without its second byte", "18"],
  ["an integer cut short", "1900"],
  ["an integer of which half is there", "1b00000001"],
  ["bytes cut short", "430102"],
  ["text cut short", "6261"],
  ["an array cut short", "8201"],
  ["bytes longer than memory", "5b001fffffffffffff"],
  ["an array longer than its input", "9a7fffffff00"],
  ["a byte behind the item", "0000"],
  ["an overlong slash", "62c0af"],
  ["a surrogate", "63eda080"],
  ["above U+10FFFF", "64f4908080"],
  ["a lone continuation byte", "6180"],
  ["a sequence cut short", "62e282"],
  ["nine arrays deep", "818181818181818180"],
];

const DECODE: Area = {
  area: "cbor",
  comment: "decodeCbor: bytes appear as {hex}; whatever is accepted is encoded again to the same bytes",
  run: (input) => {
    const encoded = bytes(input, "cbor");
    const value = decodeCbor(encoded);
    if (hex(encodeCbor(value)) !== hex(encoded)) throw new Error("the encoder disagrees with the decoder");
    return { value: toJson(value) };
  },
  cases: [
    ...ACCEPTED.map(([comment, cbor]): Case => ({ comment, input: { cbor } })),
    ...REFUSED.map(([comment, cbor]): Case => ({ comment, input: { cbor }, refuse: true })),
  ],
};

export const CBOR_AREAS: readonly Area[] = [DECODE];
