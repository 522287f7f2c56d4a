// Slots and passphrases. Rule: what a slot holds is known only through what was done with it.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { EffectBody } from "coffre-engine";
import { seededBytes } from "../../end-to-end/seeded-content.ts";
import { type CheckGroup, expectEqual, expectKind, expectThat } from "../check.ts";
import type { Stage } from "../stage.ts";
import { readVectors } from "../vectors.ts";

type SecretEffect = EffectBody & { kind: "secret" };

const DONE = { kind: "done" };
const ABSENT = { kind: "absent" };
const KEY = seededBytes("a key", 32);
const OTHER_KEY = seededBytes("another key", 32);
const CONTEXT = `coffre/1/record/${"0123456789abcdef".repeat(4)}`;
/** What new vaults use (F-11), on one lane. */
const ARGON2ID = { salt: seededBytes("salt", 16).toString("base64"), memoryKiB: 65_536, passes: 3, lanes: 1 };

function secret(op: SecretEffect["op"], slot: string, storage: SecretEffect["storage"], bytes?: Buffer): SecretEffect {
  const content = bytes === undefined ? {} : { bytes: bytes.toString("base64") };
  return { kind: "secret", op, slot, storage, ...content };
}

function holding(bytes: Buffer): unknown {
  return { kind: "done", bytes: bytes.toString("base64") };
}

/** Every file below `folder`. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => join(folder, path))
    .filter((path) => statSync(path).isFile());
}

/** The files below `folder` that hold `bytes`, as they are, in base64 or in hexadecimal. */
function filesWith(folder: string, bytes: Buffer): string[] {
  // A value in base64 that stands at the beginning of its text ends in other characters than one with bytes behind it.
  const base64 = bytes.toString("base64").replace(/..?=*$/, "");
  const forms = [bytes, Buffer.from(base64), Buffer.from(bytes.toString("hex"))];
  return filesBelow(folder).filter((file) => {
    const content = readFileSync(file);
    return forms.some((form) => content.includes(form));
  });
}

/** The key that a passphrase is stretched to, or the answer that says why not. */
async function stretch({ adapter }: Stage, passphrase: "new" | "existing", types: (string | null)[]): Promise<string> {
  adapter.person(types);
  const how = { argon2id: ARGON2ID };
  const answer = await adapter.ask({ kind: "derive", from: { passphrase }, how, to: "answer" });
  if (answer.kind === "derived") return answer.bytes ?? "";
  return "reason" in answer ? `${answer.kind} ${answer.reason}` : answer.kind;
}

export const KEY_CHECKS: CheckGroup = {
  title: "Slots and passphrases",
  checks: [
    {
      says: "makes 32 random bytes once, writes, reads and erases slots of both storages",
      proves: ["H-27"],
      run: async ({ adapter }) => {
        for (const storage of ["memory", "device"] as const) {
          const slot = `made.in-${storage}`;
          expectEqual("reading an absent slot", await adapter.ask(secret("read", slot, storage)), ABSENT);
          expectEqual("erasing an absent slot", await adapter.ask(secret("erase", slot, storage)), DONE);
          expectEqual("making a slot", await adapter.ask(secret("make", slot, storage)), DONE);
          const made = expectKind(await adapter.ask(secret("read", slot, storage)), "done").bytes ?? "";
          expectThat("expected 32 bytes", Buffer.from(made, "base64").length === 32, made);
          await adapter.ask(secret("make", slot, storage));
          const again = expectKind(await adapter.ask(secret("read", slot, storage)), "done");
          expectEqual("a slot that was made twice", again.bytes, made);
          await adapter.ask(secret("make", `${slot}2`, storage));
          const second = expectKind(await adapter.ask(secret("read", `${slot}2`, storage)), "done");
          expectThat("two slots have the same random bytes", second.bytes !== made);
          expectEqual("writing", await adapter.ask(secret("write", slot, storage, KEY)), DONE);
          expectEqual("what was written", await adapter.ask(secret("read", slot, storage)), holding(KEY));
          for (const name of [slot, `${slot}2`]) await adapter.ask(secret("erase", name, storage));
          expectEqual("an erased slot", await adapter.ask(secret("read", slot, storage)), ABSENT);
        }
      },
    },
    {
      says: "takes names of 1 to 80 characters out of a-z 0-9 . - alone",
      proves: ["H-27", "H-12"],
      run: async ({ adapter }) => {
        const longest = "a".repeat(80);
        expectEqual("80 characters", await adapter.ask(secret("write", longest, "memory", KEY)), DONE);
        for (const slot of ["", "a".repeat(81), "A", "a b", "a/b", "ä", "a_b", "a\n", "../a"]) {
          const answer = await adapter.ask(secret("write", slot, "memory", KEY));
          expectEqual(`a slot named ${JSON.stringify(slot)}`, answer, { kind: "failed", reason: "host-error" });
        }
      },
    },
    {
      says: "keeps device slots over a restart, and memory slots not",
      proves: ["H-27"],
      run: async (stage) => {
        for (const storage of ["memory", "device"] as const) {
          await stage.adapter.ask(secret("write", "over.a.restart", storage, storage === "device" ? KEY : OTHER_KEY));
        }
        expectEqual("its exit code", await stage.restart(), 0);
        const { adapter } = stage;
        expectEqual("the memory slot", await adapter.ask(secret("read", "over.a.restart", "memory")), ABSENT);
        expectEqual("the device slot", await adapter.ask(secret("read", "over.a.restart", "device")), holding(KEY));
        await adapter.ask(secret("erase", "over.a.restart", "device"));
      },
    },
    {
      says: "has a device slot on stable storage before the answer: killed at once, it is there",
      proves: ["H-27"],
      run: async (stage) => {
        await stage.adapter.ask(secret("write", "before.a.kill", "device", KEY));
        await stage.replace();
        const answer = await stage.adapter.ask(secret("read", "before.a.kill", "device"));
        expectEqual("the slot", answer, holding(KEY));
        await stage.adapter.ask(secret("erase", "before.a.kill", "device"));
      },
    },
    {
      says: "leaves nothing of an erased or replaced slot in its home, nor of one in memory",
      proves: ["H-27", "H-7"],
      run: async ({ adapter, home }) => {
        const keys = ["replaced", "erased", "in memory"].map((name) => seededBytes(name, 32));
        const [replaced = KEY, erased = KEY, inMemory = KEY] = keys;
        await adapter.ask(secret("write", "gone", "device", replaced));
        await adapter.ask(secret("write", "gone", "device", erased));
        await adapter.ask(secret("write", "gone", "memory", inMemory));
        await adapter.ask(secret("erase", "gone", "device"));
        for (const key of keys) expectEqual("the files that still hold a key", filesWith(home, key), []);
        const readable = filesBelow(home).filter((file) => (statSync(file).mode & 0o077) !== 0);
        expectEqual("the files of its home that others may read", readable, []);
      },
    },
    {
      says: "looks at memory first where no storage is named",
      proves: ["H-27", "H-24"],
      run: async ({ adapter }) => {
        await adapter.ask(secret("write", "in.both", "device", OTHER_KEY));
        await adapter.ask(secret("write", "only.memory", "memory", KEY));
        const seal = { kind: "seal", context: CONTEXT, bytes: "AAAA" } as const;
        const onDevice = expectKind(await adapter.ask({ ...seal, slot: "in.both" }), "sealed");
        const inMemory = expectKind(await adapter.ask({ ...seal, slot: "only.memory" }), "sealed");
        expectThat("two keys seal alike", onDevice.bytes !== inMemory.bytes);
        await adapter.ask(secret("write", "in.both", "memory", KEY));
        expectEqual("sealing with both", await adapter.ask({ ...seal, slot: "in.both" }), inMemory);
        await adapter.ask(secret("erase", "in.both", "memory"));
        expectEqual("after erasing the one in memory", await adapter.ask({ ...seal, slot: "in.both" }), onDevice);
        await adapter.ask(secret("erase", "in.both", "device"));
      },
    },
    {
      says: "seals from slots, opens and derives into slots, and says when a slot is absent",
      proves: ["H-24", "H-26"],
      run: async (stage) => {
        const { adapter } = stage;
        const { slot } = await stage.fillSlot();
        const content = await stage.fillSlot();
        const target = { slot: "was.opened", storage: "memory" } as const;
        const under = { slot, context: CONTEXT };
        const sealed = expectKind(await adapter.ask({ kind: "seal", ...under, fromSlot: content.slot }), "sealed");
        const opening = { kind: "open", ...under, bytes: sealed.bytes } as const;
        expectEqual("opening into a slot", await adapter.ask({ ...opening, toSlot: target }), { kind: "opened" });
        expectEqual("that slot", await adapter.ask(secret("read", target.slot, "memory")), holding(content.key));
        const spoiled = `${sealed.bytes.startsWith("A") ? "B" : "A"}${sealed.bytes.slice(1)}`;
        const refused = await adapter.ask({ ...opening, bytes: spoiled, toSlot: target });
        expectEqual("opening what is not authentic", refused, { kind: "not-authentic" });
        expectEqual("the slot then", await adapter.ask(secret("read", target.slot, "memory")), holding(content.key));
        const derive = { kind: "derive", from: { slot }, how: { hkdf: "coffre/1/dedup" } } as const;
        const key = expectKind(await adapter.ask({ ...derive, to: "answer" }), "derived").bytes ?? "";
        expectEqual("deriving into a slot", await adapter.ask({ ...derive, to: target }), { kind: "derived" });
        const derived = await adapter.ask(secret("read", target.slot, "memory"));
        expectEqual("the derived key", derived, holding(Buffer.from(key, "base64")));
        const none = { slot: "never.filled" };
        expectEqual("sealing", await adapter.ask({ kind: "seal", ...under, ...none, bytes: "" }), ABSENT);
        expectEqual("sealing from", await adapter.ask({ kind: "seal", ...under, fromSlot: none.slot }), ABSENT);
        expectEqual("opening", await adapter.ask({ ...opening, ...none }), ABSENT);
        expectEqual("deriving", await adapter.ask({ ...derive, from: none, to: "answer" }), ABSENT);
      },
    },
    {
      says: "judges new passphrases as the vectors say, and existing ones not at all",
      proves: ["H-26"],
      run: async (stage) => {
        for (const { id, input, expected } of readVectors("passphrase-rule")) {
          const weakness = expected?.["weakness"] ?? null;
          const passphrase = String(input["passphrase"]);
          // An empty line says that there is no passphrase, and stretching takes a while: a few strong ones are enough.
          if (passphrase === "" || (weakness === null && id % 4 > 0)) continue;
          const answer = await stretch(stage, "new", [passphrase]);
          const isStretched = Buffer.from(answer, "base64").length === 32;
          if (weakness === null) expectThat(`vector ${id}: expected a derived key`, isStretched, answer);
          else expectEqual(`vector ${id} of passphrase-rule`, answer, `weak ${weakness}`);
        }
        const weak = await stretch(stage, "existing", ["password"]);
        expectThat(
          "expected an existing passphrase to be taken as it is",
          Buffer.from(weak, "base64").length === 32,
          weak,
        );
      },
    },
    {
      says: "asks for a new passphrase twice, and takes no two that differ, and none when the person breaks off",
      proves: ["H-26"],
      run: async (stage) => {
        const one = "a long and good passphrase";
        const both = await stretch(stage, "new", [one, one]);
        expectEqual("the new one and the existing one", both, await stretch(stage, "existing", [one, null]));
        expectEqual("two that differ", await stretch(stage, "new", [one, `${one}!`, null]), "no-passphrase");
        expectEqual("a new one, broken off", await stretch(stage, "new", [null]), "no-passphrase");
        expectEqual("a new one, broken off in the middle", await stretch(stage, "new", [one, null]), "no-passphrase");
        expectEqual("an existing one, broken off", await stretch(stage, "existing", [null]), "no-passphrase");
      },
    },
    {
      says: "stretches the NFKD form of a passphrase",
      proves: ["H-26"],
      run: async (stage) => {
        const composed = await stretch(stage, "existing", ["caf\u00e9 \ufb01n \u2460 \u30ac"]);
        const decomposed = await stretch(stage, "existing", ["cafe\u0301 fin 1 \u30ab\u3099"]);
        expectEqual("the key of the composed text", composed, decomposed);
      },
    },
  ],
};
