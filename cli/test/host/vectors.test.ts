// The shared vectors, on this host's native cryptography. Rule: they decide; what they do not cover is tested elsewhere.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { locate } from "../../src/host/names.ts";
import { findWeakness } from "../../src/host/passphrase-rule.ts";
import { deriveKey, keyedDigest, openBare, openInPlace, seal, sha256 } from "../../src/host/sealing.ts";
import { carryOut, makeWorkshop } from "./scratch.ts";

/** The fields of all areas; each area has some of them. */
interface Fields {
  readonly root: string;
  readonly context: string;
  readonly bytes: string;
  readonly sealed: string;
  readonly key: string;
  readonly count: number;
  readonly info: string;
  readonly passphrase: string;
  readonly salt: string;
  readonly memoryKiB: number;
  readonly passes: number;
  readonly lanes: number;
  readonly path: string;
}

interface Vector {
  readonly id: number;
  readonly comment: string;
  readonly input: Fields;
  readonly result: "valid" | "invalid";
  readonly expected: Fields;
}

function readVectors(area: string): Vector[] {
  const file = new URL(`../../../conformance-tests/vectors/${area}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")).tests;
}

const bytes = (hex: string): Buffer => Buffer.from(hex, "hex");

/** Runs `make` on each vector: it gives what is expected where the vector is valid, and throws or gives null elsewhere. */
function runVectors(area: string, make: (input: Vector["input"]) => unknown): void {
  describe(area, () => {
    for (const { id, comment, input, result, expected } of readVectors(area)) {
      test(`${id}: ${comment}`, async () => {
        let made: unknown;
        try {
          made = await make(input);
        } catch {
          made = null;
        }
        if (result === "valid") expect(made).toEqual(expected);
        else expect(made).toBeNull();
      });
    }
  });
}

runVectors("seal", ({ root, context, bytes: plain }) => ({
  sealed: seal(bytes(root), context, bytes(plain)).toString("hex"),
}));

runVectors("open", ({ root, context, sealed }) => {
  const opened = openBare(bytes(root), context, bytes(sealed));
  return opened === null ? null : { bytes: opened.bytes.toString("hex") };
});

runVectors("open-content", ({ root, key, context, sealed }) => {
  const opened = openInPlace(bytes(root), bytes(key), context, bytes(sealed));
  return opened.kind === "opened" ? { bytes: opened.bytes.toString("hex") } : null;
});

runVectors("contexts", ({ context }) => {
  seal(Buffer.alloc(32), context, Buffer.alloc(0));
  return { context };
});

runVectors("keyed-digest", ({ key, count }) => {
  const chunk = Buffer.from(Array.from({ length: count }, (_, at) => at & 255));
  return { digest: keyedDigest(bytes(key), sha256(chunk)) };
});

runVectors("hkdf", ({ key, info }) => ({ key: deriveKey(bytes(key), info).toString("hex") }));

runVectors("argon2id", async ({ passphrase, salt, memoryKiB, passes, lanes }) => {
  const workshop = makeWorkshop({ ask: async () => ({ kind: "given", utf8: bytes(passphrase) }) });
  const how = { argon2id: { salt: bytes(salt).toString("base64"), memoryKiB, passes, lanes } };
  const effect = { kind: "derive", from: { passphrase: "existing" }, how, to: "answer" } as const;
  const answer = await carryOut(workshop, effect);
  if (answer.kind !== "derived") throw new Error(answer.kind);
  return { stretched: Buffer.from(answer.bytes ?? "", "base64").toString("hex") };
});

runVectors("passphrase-rule", ({ passphrase }) => ({ weakness: findWeakness(passphrase) }));

runVectors("path", ({ path }) => {
  const located = Buffer.from(locate("/", path)).toString("latin1");
  const components = located
    .split("/")
    .slice(1)
    .filter((name) => name !== "")
    .map((name) => Buffer.from(name, "latin1"))
    .map((name) =>
      name.equals(Buffer.from(name.toString("utf8"))) ? { text: name.toString("utf8") } : { hex: name.toString("hex") },
    );
  return { components };
});
