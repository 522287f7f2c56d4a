// The scripted host's own byte plane and texts against the vectors (docs/format.md 2 and 3, docs/host-api.md H-9, H-26).

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../../scripted-host/border-text.ts";
import { cheapBytePlane, exactBytePlane, isContext, openContent } from "../../scripted-host/byte-plane.ts";
import { judgePassphrase } from "../../scripted-host/passphrase-rule.ts";

interface Vectors<I> {
  readonly common?: readonly string[];
  readonly tests: readonly {
    readonly comment: string;
    readonly input: I;
    readonly result: string;
    readonly expected: unknown;
  }[];
}

function readVectors<I>(area: string): Vectors<I> {
  const url = new URL(`../../vectors/${area}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, "utf8")) as Vectors<I>;
}

const plane = exactBytePlane();

describe("the byte plane gives what the vectors say", () => {
  test("of keyed digests", () => {
    for (const { input, expected } of readVectors<{ key: string; count: number }>("keyed-digest").tests) {
      const bytes = Uint8Array.from({ length: input.count }, (_, index) => index);
      expect({ digest: toHex(plane.digest(fromHex(input.key), bytes)) }).toEqual(expected);
    }
  });

  test("of sealing", () => {
    for (const { input, result, expected } of readVectors<{ root: string; context: string; bytes: string }>("seal")
      .tests) {
      if (result !== "valid") continue;
      expect({ sealed: toHex(plane.seal(fromHex(input.root), input.context, fromHex(input.bytes))) }).toEqual(expected);
    }
  });

  test("of opening", () => {
    for (const { input, result, expected, comment } of readVectors<{ root: string; context: string; sealed: string }>(
      "open",
    ).tests) {
      if (!isContext(input.context)) continue;
      const bytes = plane.open(fromHex(input.root), input.context, fromHex(input.sealed));
      if (result === "valid")
        expect({ comment, bytes: bytes && toHex(bytes) }).toEqual({ comment, ...(expected as object) });
      else expect({ comment, bytes }).toEqual({ comment, bytes: null });
    }
  });

  test("of opening what a context names", () => {
    type Input = { root: string; key: string; context: string; sealed: string };
    for (const { input, result, expected, comment } of readVectors<Input>("open-content").tests) {
      const sealed = fromHex(input.sealed);
      const opened = openContent(plane, fromHex(input.root), fromHex(input.key), input.context, sealed);
      const made = opened?.kind === "opened" ? { bytes: toHex(opened.bytes) } : opened;
      expect({ comment, made }).toEqual({ comment, made: result === "valid" ? expected : { kind: "other-content" } });
    }
  });

  test("of deriving", () => {
    for (const { input, expected } of readVectors<{ key: string; info: string }>("hkdf").tests) {
      expect({ key: toHex(plane.derive(fromHex(input.key), input.info)) }).toEqual(expected);
    }
  });

  test("of stretching", () => {
    const { tests } = readVectors<{
      passphrase: string;
      salt: string;
      memoryKiB: number;
      passes: number;
      lanes: number;
    }>("argon2id");
    const valid = tests.filter(({ result }) => result === "valid").slice(0, 2);
    for (const { input, expected } of valid) {
      const passphrase = Buffer.from(input.passphrase, "hex").toString("utf8");
      expect({ stretched: toHex(plane.stretch(passphrase, { ...input, salt: fromHex(input.salt) })) }).toEqual(
        expected,
      );
    }
    expect(valid).toHaveLength(2);
  });

  test("of contexts", () => {
    for (const { input, result } of readVectors<{ context: string }>("contexts").tests) {
      expect({ ...input, allowed: isContext(input.context) }).toEqual({ ...input, allowed: result === "valid" });
    }
  });
});

test("new passphrases are judged as the vectors say", () => {
  const { tests, common = [] } = readVectors<{ passphrase: string }>("passphrase-rule");
  for (const { input, expected } of tests) {
    expect({ weakness: judgePassphrase(input.passphrase, new Set(common)) }).toEqual(expected);
  }
});

test("the cheap stretching tells passphrases, salts and costs apart", () => {
  const how = { salt: new Uint8Array(16), memoryKiB: 65_536, passes: 3, lanes: 4 };
  const cheap = cheapBytePlane();
  const all = [
    cheap.stretch("six blue herons", how),
    cheap.stretch("six blue heron", how),
    cheap.stretch("six blue herons", { ...how, salt: new Uint8Array(16).fill(1) }),
    cheap.stretch("six blue herons", { ...how, passes: 4 }),
  ].map(toHex);
  expect(new Set(all).size).toBe(4);
  expect(toHex(cheap.stretch("six blue herons", how))).toBe(all[0]);
});
