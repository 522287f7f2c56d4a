// `secret`, `seal`, `open` and `derive`: what slots hold and what comes out of them.

import { mkdirSync, readdirSync, readFileSync, rmdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import type { Answer, EffectBody } from "coffre-engine";
import { argon2id, derive, open, seal } from "coffre-engine/reference";
import { describe, expect, onTestFinished, test } from "vitest";
import { NO_PASSPHRASE, PassphrasePrompt, PassphraseText } from "../../src/host/passphrase-source.ts";
import { Workshop } from "../../src/host/workshop.ts";
import { carryOut, expectAnswer, fillSlot, makeFolder, makeWorkshop } from "./scratch.ts";

const CONTEXT = `coffre/1/record/${"cd".repeat(32)}`;
const COST = { memoryKiB: 65_536, passes: 3, lanes: 4 };

function secret(op: "make" | "write" | "read" | "erase", storage: "device" | "memory", bytes?: string): EffectBody {
  return { kind: "secret", op, slot: "v.key-1", storage, ...(bytes === undefined ? {} : { bytes }) };
}

/** A workshop on keys that another one wrote. */
function openWorkshop(keysFile: string): Workshop {
  const workshop = new Workshop(keysFile, NO_PASSPHRASE);
  onTestFinished(() => workshop.close());
  return workshop;
}

describe("a secret (H-27)", () => {
  test("of the device is there after a restart; one of memory is not", async () => {
    const keys = join(makeFolder(), "keys.json");
    const first = openWorkshop(keys);
    await expectAnswer(first, secret("make", "device"), "done");
    const made = await expectAnswer(first, secret("read", "device"), "done");
    expect(Buffer.from(made.bytes ?? "", "base64").length).toBe(32);
    expect(statSync(keys).mode & 0o777).toBe(0o600);
    const second = openWorkshop(keys);
    expect(await expectAnswer(second, secret("read", "device"), "done")).toEqual(made);
    await expectAnswer(second, secret("make", "memory"), "done");
    await expectAnswer(openWorkshop(keys), secret("read", "memory"), "absent");
  });

  test("is kept by `make` when it is there", async () => {
    const workshop = makeWorkshop();
    await expectAnswer(workshop, secret("write", "memory", "AAAA"), "done");
    await expectAnswer(workshop, secret("make", "memory"), "done");
    expect(await expectAnswer(workshop, secret("read", "memory"), "done")).toEqual({ kind: "done", bytes: "AAAA" });
  });

  test("that is erased is in no file any more", async () => {
    const folder = makeFolder();
    const workshop = openWorkshop(join(folder, "keys.json"));
    const bytes = Buffer.alloc(32, 7).toString("base64");
    await expectAnswer(workshop, secret("write", "device", bytes), "done");
    expect(readFileSync(join(folder, "keys.json"), "utf8")).toContain(bytes);
    await expectAnswer(workshop, secret("erase", "device"), "done");
    await expectAnswer(workshop, secret("erase", "device"), "done");
    expect(readdirSync(folder)).toEqual(["keys.json"]);
    expect(readFileSync(join(folder, "keys.json"), "utf8")).not.toContain(bytes);
  });

  test("that could not be saved is not there, and is made by whoever asks again", async () => {
    const keys = join(makeFolder(), "keys.json");
    const workshop = openWorkshop(keys);
    // A folder, where the next file would be written first.
    mkdirSync(`${keys}.new`);
    for (let times = 0; times < 2; times++) {
      await expect(carryOut(workshop, secret("make", "device"))).rejects.toThrow("EISDIR");
      await expectAnswer(workshop, secret("read", "device"), "absent");
    }
    rmdirSync(`${keys}.new`);
    await expectAnswer(workshop, secret("make", "device"), "done");
    const made = await expectAnswer(workshop, secret("read", "device"), "done");
    expect(await expectAnswer(openWorkshop(keys), secret("read", "device"), "done")).toEqual(made);
  });

  test("that could not be replaced or erased is what it was", async () => {
    const keys = join(makeFolder(), "keys.json");
    const workshop = openWorkshop(keys);
    await expectAnswer(workshop, secret("write", "device", "AAAA"), "done");
    mkdirSync(`${keys}.new`);
    for (const change of [secret("write", "device", "BBBB"), secret("erase", "device")]) {
      for (let times = 0; times < 2; times++) await expect(carryOut(workshop, change)).rejects.toThrow("EISDIR");
      expect(await expectAnswer(workshop, secret("read", "device"), "done")).toMatchObject({ bytes: "AAAA" });
    }
    rmdirSync(`${keys}.new`);
    await expectAnswer(workshop, secret("erase", "device"), "done");
    await expectAnswer(openWorkshop(keys), secret("read", "device"), "absent");
  });

  test.each(["device", "memory"] as const)("of the %s is not written once the host has closed", (storage) => {
    const keys = join(makeFolder(), "keys.json");
    const { slots } = openWorkshop(keys);
    slots.write("kept", "device", Buffer.alloc(32, 1));
    slots.close();
    const late = Buffer.alloc(32, 2);
    expect(() => slots.write("late", storage, late)).toThrow("closed");
    expect(late).toEqual(Buffer.alloc(32));
    expect(() => slots.make("late", storage)).toThrow("closed");
    expect(() => slots.erase("kept", storage)).toThrow("closed");
    expect(openWorkshop(keys).slots.find("kept")).toEqual(Buffer.alloc(32, 1));
  });

  test("that nobody keeps is erased: its slot has no name, or it could not be saved", () => {
    const keys = join(makeFolder(), "keys.json");
    const { slots } = openWorkshop(keys);
    mkdirSync(`${keys}.new`);
    for (const slot of ["slot", "no slot"]) {
      const bytes = Buffer.alloc(32, 3);
      expect(() => slots.write(slot, "device", bytes)).toThrow();
      expect(bytes).toEqual(Buffer.alloc(32));
    }
  });

  test.each(["", "A", "a/b", "../x", "a".repeat(81)])("has no slot called %j", async (slot) => {
    await expect(carryOut(makeWorkshop(), { kind: "secret", op: "make", slot, storage: "memory" })).rejects.toThrow(
      "slot",
    );
  });
});

describe("seal and open (H-24)", () => {
  test.each([0, 1, 131_071, 131_072, 131_073, 262_144])("agree with the reference on %i bytes", async (size) => {
    const workshop = makeWorkshop();
    const root = fillSlot(workshop, "root");
    const bytes = Buffer.alloc(size, "never the same");
    const effect = { slot: "root", context: CONTEXT, bytes: bytes.toString("base64") };
    const sealed = await expectAnswer(workshop, { kind: "seal", ...effect }, "sealed");
    expect(sealed.bytes).toBe(Buffer.from(seal(root, CONTEXT, bytes)).toString("base64"));
    if (size > 262_116) return;
    const opened = await expectAnswer(workshop, { kind: "open", ...effect, bytes: sealed.bytes }, "opened");
    expect(opened).toEqual({ kind: "opened", bytes: bytes.toString("base64") });
  });

  test("refuse what is altered, or has another nonce than its bytes give (F-21)", async () => {
    const workshop = makeWorkshop();
    const root = fillSlot(workshop, "root");
    const sealed = Buffer.from(seal(root, CONTEXT, Buffer.from("bytes")));
    for (let at = 0; at < sealed.length; at += 4) {
      const altered = Buffer.from(sealed);
      altered[at] = (altered[at] ?? 0) ^ 0x80;
      const effect = { kind: "open", slot: "root", context: CONTEXT, bytes: altered.toString("base64") } as const;
      await expectAnswer(workshop, effect, "not-authentic");
    }
    const short = {
      kind: "open",
      slot: "root",
      context: CONTEXT,
      bytes: sealed.subarray(0, 27).toString("base64"),
    } as const;
    await expectAnswer(workshop, short, "not-authentic");
  });

  test("take keys from slots and put them into slots, without a word", async () => {
    const workshop = makeWorkshop();
    const root = fillSlot(workshop, "root");
    const key = fillSlot(workshop, "key");
    const from = { kind: "seal", slot: "root", context: CONTEXT, fromSlot: "key" } as const;
    const { bytes } = await expectAnswer(workshop, from, "sealed");
    expect(Buffer.from(open(root, CONTEXT, Buffer.from(bytes, "base64")) ?? []).equals(key)).toBe(true);
    const to = {
      kind: "open",
      slot: "root",
      context: CONTEXT,
      bytes,
      toSlot: { slot: "copy", storage: "memory" },
    } as const;
    expect(await carryOut(workshop, to)).toEqual({ kind: "opened" });
    expect(workshop.slots.find("copy")?.equals(key)).toBe(true);
    await expectAnswer(workshop, { ...from, fromSlot: "gone" }, "absent");
    await expectAnswer(workshop, { ...to, slot: "gone" }, "absent");
  });
});

describe("derive (H-26)", () => {
  const argon2idOf = (salt: Buffer) => ({ argon2id: { salt: salt.toString("base64"), ...COST } });

  test("by HKDF agrees with the reference", async () => {
    const workshop = makeWorkshop();
    const key = fillSlot(workshop, "key");
    const effect = { kind: "derive", from: { slot: "key" }, how: { hkdf: "coffre/1/unlock" }, to: "answer" } as const;
    const answer = await expectAnswer(workshop, effect, "derived");
    expect(answer.bytes).toBe(Buffer.from(derive(key, "coffre/1/unlock")).toString("base64"));
    await expectAnswer(workshop, { ...effect, from: { slot: "gone" } }, "absent");
  });

  test("by Argon2id takes the passphrase as NFKD, without the newline of its file", async () => {
    const workshop = makeWorkshop(new PassphraseText("ﬁne cafe\u0301 words\n"));
    const salt = Buffer.alloc(16, 5);
    const effect = { kind: "derive", from: { passphrase: "new" }, how: argon2idOf(salt), to: "answer" } as const;
    const { bytes } = await expectAnswer(workshop, effect, "derived");
    const expected = argon2id(Buffer.from("fine cafe\u0301 words"), salt, COST);
    expect(bytes).toBe(Buffer.from(expected).toString("base64"));
  });

  test("refuses a new passphrase that is weak, never one that a vault has", async () => {
    const workshop = makeWorkshop(new PassphraseText("Password1!"));
    const effect = { kind: "derive", how: argon2idOf(Buffer.alloc(16)), to: { slot: "s", storage: "memory" } } as const;
    expect(await carryOut(workshop, { ...effect, from: { passphrase: "new" } })).toEqual({
      kind: "weak",
      reason: "too-common",
    });
    expect(await carryOut(workshop, { ...effect, from: { passphrase: "existing" } })).toEqual({ kind: "derived" });
  });

  test("refuses costs outside the format's bounds (F-11), and says when nobody can be asked", async () => {
    const effect = {
      kind: "derive",
      from: { passphrase: "existing" },
      how: argon2idOf(Buffer.alloc(16)),
      to: "answer",
    } as const;
    await expectAnswer(makeWorkshop(), effect, "no-passphrase");
    const workshop = makeWorkshop(new PassphraseText("anything"));
    for (const change of [{ memoryKiB: 65_535 }, { passes: 2 }, { lanes: 5 }, { memoryKiB: 1_048_577 }]) {
      const how = { argon2id: { salt: "AAAAAAAAAAAAAAAAAAAAAA==", ...COST, ...change } };
      await expect(carryOut(workshop, { ...effect, how })).rejects.toThrow("bounds");
    }
  });

  /** A person who types `keys` at a terminal; what the terminal showed, and what derive answered. */
  async function type(keys: string, passphrase: "new" | "existing"): Promise<{ shown: string; answer: Answer }> {
    const input = new PassThrough();
    const shown: string[] = [];
    const workshop = makeWorkshop(new PassphrasePrompt({ input, show: (text) => shown.push(text) }));
    input.write(keys);
    const effect = {
      kind: "derive",
      from: { passphrase },
      how: argon2idOf(Buffer.alloc(16)),
      to: { slot: "s", storage: "memory" },
    } as const;
    const answer = await carryOut(workshop, effect);
    return { answer, shown: shown.join("") };
  }

  test("asks for a new passphrase twice, and again when it is weak or the two differ; and shows nothing of it", async () => {
    const { shown, answer } = await type(
      "short\ryellow anchor fig\ryellow anchor pig\ryellow anchor fig\ryellow anchoo\u007fr fig\r",
      "new",
    );
    expect(answer).toEqual({ kind: "derived" });
    expect(shown).toContain("too short");
    expect(shown).toContain("not the same");
    expect(shown).not.toMatch(/yellow|anchor|fig/);
  });

  test.each(["\u0003", "half\u0003", "\u0004", "\r"])("is no-passphrase when the person types %j", async (keys) => {
    expect((await type(keys, "existing")).answer).toEqual({ kind: "no-passphrase" });
  });
});
