// The five constructions: seal, open, keyed digest, HKDF, Argon2id. Rule: the shared vectors decide.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { seededBytes } from "../../end-to-end/seeded-content.ts";
import { type Check, type CheckGroup, expectEqual, expectKind } from "../check.ts";
import type { Stage } from "../stage.ts";
import { base64ToHex, hexToBase64, readVectors, type Vector } from "../vectors.ts";

const REFUSED = { kind: "failed", reason: "host-error" };
const ID = "0123456789abcdef".repeat(4);
const MOST_BYTES = 262_144;
const RECORD = `coffre/1/record/${ID}`;
/** Contexts that an effect opens with a key alone (F-23). */
const CONTENT = /^coffre\/1\/(?:chunk|list|segment)\/[0-9a-f]{64}$/;

/** A check that holds for each vector of an area; `run` gives what the vector's `expected` is compared with. */
function vectorCheck(
  area: string,
  says: string,
  proves: readonly string[],
  run: (stage: Stage, input: Vector["input"], expected: Vector["expected"]) => Promise<unknown>,
): Check {
  return {
    says,
    proves,
    run: async (stage) => {
      for (const { id, comment, input, result, expected } of readVectors(area)) {
        const wanted = result === "refuse" ? "refused" : expected;
        expectEqual(`vector ${id} of ${area}, ${comment}`, await run(stage, input, expected), wanted);
      }
    },
  };
}

async function sealVector(stage: Stage, input: Vector["input"]): Promise<unknown> {
  const { slot } = await stage.fillSlot(Buffer.from(String(input["root"]), "hex"));
  const context = String(input["context"]);
  const answer = await stage.adapter.ask({ kind: "seal", slot, context, bytes: hexToBase64(input["bytes"]) });
  if (answer.kind === "sealed") return { sealed: base64ToHex(answer.bytes) };
  expectEqual("what is refused", answer, REFUSED);
  return "refused";
}

async function openVector(stage: Stage, input: Vector["input"], expected: Vector["expected"]): Promise<unknown> {
  const { slot } = await stage.fillSlot(Buffer.from(String(input["root"]), "hex"));
  const key = (await stage.fillSlot()).slot;
  const context = String(input["context"]);
  const answer = await stage.adapter.ask({ kind: "open", slot, key, context, bytes: hexToBase64(input["sealed"]) });
  if (answer.kind === "opened") return { bytes: base64ToHex(answer.bytes) };
  // The ids of these vectors are made up, so a seal that holds is told by this answer.
  if (answer.kind === "other-content" && CONTENT.test(context)) return expected ?? "opened";
  const isForeign = !context.endsWith(ID);
  expectEqual("what is not opened", answer, isForeign ? REFUSED : { kind: "not-authentic" });
  return "refused";
}

async function contentVector(stage: Stage, input: Vector["input"]): Promise<unknown> {
  const { slot } = await stage.fillSlot(Buffer.from(String(input["root"]), "hex"));
  const key = (await stage.fillSlot(Buffer.from(String(input["key"]), "hex"))).slot;
  const effect = {
    kind: "open",
    slot,
    context: String(input["context"]),
    bytes: hexToBase64(input["sealed"]),
  } as const;
  const answer = await stage.adapter.ask({ ...effect, key });
  if (CONTENT.test(effect.context)) {
    expectEqual("opening without the key of contents", await stage.adapter.ask(effect), REFUSED);
    const toSlot = { slot: "was.opened", storage: "memory" } as const;
    const kept = await stage.adapter.ask({ ...effect, key, toSlot });
    expectEqual("opening into a slot", kept.kind, answer.kind);
  }
  if (answer.kind === "opened") return { bytes: base64ToHex(answer.bytes) };
  expectEqual("what is another content", answer, { kind: "other-content" });
  return "refused";
}

async function contextVector(stage: Stage, input: Vector["input"]): Promise<unknown> {
  const { slot } = await stage.fillSlot();
  const context = String(input["context"]);
  const sealed = await stage.adapter.ask({ kind: "seal", slot, context, bytes: "" });
  const opened = await stage.adapter.ask({ kind: "open", slot, key: slot, context, bytes: "" });
  expectEqual("opening under the same context", opened, sealed.kind === "sealed" ? { kind: "not-authentic" } : REFUSED);
  if (sealed.kind === "sealed") return { context };
  expectEqual("what is refused", sealed, REFUSED);
  return "refused";
}

async function digestVector(stage: Stage, input: Vector["input"]): Promise<unknown> {
  const { slot } = await stage.fillSlot(Buffer.from(String(input["key"]), "hex"));
  const count = Number(input["count"]);
  const root = stage.folder();
  writeFileSync(join(root, "file"), Buffer.from(Array.from({ length: count }, (_, at) => at & 255)));
  const files = [{ root, path: "file", first: 0, count: 1 }];
  const answer = await stage.adapter.ask({ kind: "hash", key: slot, chunkBytes: Math.max(1, count), files });
  const [file] = expectKind(answer, "hashed").files;
  if (file?.kind !== "ok") return file;
  // A file of no bytes has no chunks, so nothing is digested (F-50).
  if (count === 0) return file.digests.length === 0 ? { digest: emptyDigest() } : file;
  return { digest: file.digests.join(" ") };
}

/** What the vectors say of 0 bytes: no `hash` can ask for it. */
function emptyDigest(): unknown {
  return readVectors("keyed-digest").find(({ input }) => input["count"] === 0)?.expected?.["digest"];
}

async function hkdfVector(stage: Stage, input: Vector["input"]): Promise<unknown> {
  const { slot } = await stage.fillSlot(Buffer.from(String(input["key"]), "hex"));
  const how = { hkdf: String(input["info"]) };
  const answer = await stage.adapter.ask({ kind: "derive", from: { slot }, how, to: "answer" });
  return answer.kind === "derived" ? { key: base64ToHex(answer.bytes) } : answer;
}

async function argonVector(stage: Stage, input: Vector["input"]): Promise<unknown> {
  stage.adapter.person([Buffer.from(String(input["passphrase"]), "hex").toString("utf8")]);
  const { memoryKiB, passes, lanes } = input as Record<string, number>;
  const argon2id = {
    salt: hexToBase64(input["salt"]),
    memoryKiB: Number(memoryKiB),
    passes: Number(passes),
    lanes: Number(lanes),
  };
  const from = { passphrase: "existing" } as const;
  const answer = await stage.adapter.ask({ kind: "derive", from, how: { argon2id }, to: "answer" });
  if (answer.kind === "derived") return { stretched: base64ToHex(answer.bytes) };
  expectEqual("what is refused", answer, REFUSED);
  return "refused";
}

export const BYTE_PLANE_CHECKS: CheckGroup = {
  title: "Byte plane",
  checks: [
    vectorCheck("seal", "seals as the vectors say", ["H-24"], sealVector),
    vectorCheck("open", "opens as the vectors say, and nothing else", ["H-24"], openVector),
    vectorCheck(
      "open-content",
      "opens what the context names and nothing else under its id, and nothing without the key",
      ["H-24", "H-32"],
      contentVector,
    ),
    vectorCheck("contexts", "seals and opens under the contexts of the table alone", ["H-24", "H-12"], contextVector),
    vectorCheck("keyed-digest", "makes keyed digests as the vectors say", ["H-21"], digestVector),
    vectorCheck("hkdf", "derives keys as the vectors say", ["H-26"], hkdfVector),
    vectorCheck("argon2id", "stretches passphrases as the vectors say, within the bounds", ["H-26"], argonVector),
    {
      says: "seals and opens 262,144 bytes, and refuses one more",
      proves: ["H-24", "H-12"],
      run: async (stage) => {
        const { slot } = await stage.fillSlot();
        const bytes = seededBytes("literal", MOST_BYTES);
        const under = { slot, context: RECORD };
        const sealed = await stage.adapter.ask({ kind: "seal", ...under, bytes: bytes.toString("base64") });
        const opening = { kind: "open", ...under, bytes: expectKind(sealed, "sealed").bytes } as const;
        const refused = await stage.adapter.ask(opening);
        expectEqual("opening 28 bytes more than the most", refused, REFUSED);
        const less = await stage.adapter.ask({ kind: "seal", ...under, bytes: bytes.toString("base64", 28) });
        const opened = await stage.adapter.ask({ ...opening, bytes: expectKind(less, "sealed").bytes });
        expectEqual("what was opened", opened, { kind: "opened", bytes: bytes.toString("base64", 28) });
        const more = Buffer.concat([bytes, Buffer.of(1)]).toString("base64");
        expectEqual("one byte more", await stage.adapter.ask({ kind: "seal", ...under, bytes: more }), REFUSED);
      },
    },
  ],
};
