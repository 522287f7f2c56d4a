// `derive`: a key from a slot or from the passphrase (docs/host-api.md H-26). Rule: a passphrase goes from the prompt into
// Argon2id and nowhere else; its bytes, and those of a key that no slot keeps, are overwritten then.

import { argon2 } from "node:crypto";
import type { Answers, EffectBody } from "coffre-engine";
import { RefusedEffect } from "../../../../host-loop/src/index.ts";
import type { HashedBytes } from "../hashed-bytes.ts";
import type { PassphraseSource } from "../passphrase-source.ts";
import { deriveKey } from "../sealing.ts";
import type { Slots } from "../slots.ts";

type DeriveEffect = EffectBody & { kind: "derive" };
type Argon2id = Extract<DeriveEffect["how"], { argon2id: unknown }>["argon2id"];

const KEY_BYTES = 32;

/** Carries out a `derive` effect. `hashed` forgets what was hashed under a slot that gets another key. */
export async function deriveSecret(
  slots: Slots,
  hashed: HashedBytes,
  passphrases: PassphraseSource,
  effect: DeriveEffect,
): Promise<Answers["derive"]> {
  const key = await deriveFrom(slots, passphrases, effect);
  if (!Buffer.isBuffer(key)) return key;
  if (effect.to === "answer") {
    const bytes = key.toString("base64");
    key.fill(0);
    return { kind: "derived", bytes };
  }
  slots.write(effect.to.slot, effect.to.storage, key);
  hashed.forget(effect.to.slot);
  return { kind: "derived" };
}

async function deriveFrom(
  slots: Slots,
  passphrases: PassphraseSource,
  { from, how }: DeriveEffect,
): Promise<Buffer | Exclude<Answers["derive"], { kind: "derived" }>> {
  if ("slot" in from) {
    const key = slots.find(from.slot);
    if (key === null) return { kind: "absent" };
    return "hkdf" in how ? deriveKey(key, how.hkdf) : stretch(key, how.argon2id);
  }
  if ("hkdf" in how) throw new RefusedEffect("expected a passphrase to go into Argon2id");
  const given = await passphrases.ask(from.passphrase);
  if (given.kind !== "given") return given.kind === "none" ? { kind: "no-passphrase" } : given;
  try {
    return await stretch(given.utf8, how.argon2id);
  } finally {
    given.utf8.fill(0);
  }
}

/** Argon2id (RFC 9106) on another thread; its memory is returned when it ends. Refuses what F-11 refuses. */
function stretch(message: Buffer, { salt, memoryKiB, passes, lanes }: Argon2id): Promise<Buffer> {
  const affordable =
    memoryKiB >= 65_536 && memoryKiB <= 1_048_576 && passes >= 3 && passes <= 16 && lanes >= 1 && lanes <= 4;
  if (!affordable) throw new RefusedEffect("expected Argon2id's cost within the format's bounds");
  const nonce = Buffer.from(salt, "base64");
  return new Promise((resolve, reject) => {
    argon2(
      "argon2id",
      { message, nonce, memory: memoryKiB, passes, parallelism: lanes, tagLength: KEY_BYTES },
      (error, key) => (error === null ? resolve(key) : reject(error)),
    );
  });
}
