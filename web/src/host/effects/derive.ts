// `derive`: a key from a slot or from the passphrase (docs/host-api.md H-26). Rule: a passphrase goes from the page into Argon2id
// and nowhere else; the worker that computes it ends with it.

import type { Answers, EffectBody } from "coffre-engine";
import { RefusedEffect } from "../../../../host-loop/src/index.ts";
import { deriveKey } from "../sealing.ts";
import type { Slots } from "../slots.ts";
import type { Stretching } from "../stretch-worker.ts";
import stretchUrl from "../stretch-worker.ts?worker&url";
import { trustedScript } from "../trusted-script.ts";

type DeriveEffect = EffectBody & { kind: "derive" };

/** The passphrase that was typed for the ask under way, or null. */
export type TypedPassphrase = () => string | null;

/** Carries out a `derive` effect. */
export async function deriveSecret(
  slots: Slots,
  typed: TypedPassphrase,
  effect: DeriveEffect,
): Promise<Answers["derive"]> {
  const key = await deriveFrom(slots, typed, effect);
  if (!(key instanceof Uint8Array)) return key;
  if (effect.to !== "answer") {
    slots.write(effect.to.slot, effect.to.storage, key);
    return { kind: "derived" };
  }
  const bytes = key.toBase64();
  key.fill(0);
  return { kind: "derived", bytes };
}

async function deriveFrom(
  slots: Slots,
  typed: TypedPassphrase,
  { from, how }: DeriveEffect,
): Promise<Uint8Array<ArrayBuffer> | Exclude<Answers["derive"], { kind: "derived" }>> {
  if ("slot" in from) {
    const key = slots.find(from.slot);
    if (key === null) return { kind: "absent" };
    return "hkdf" in how ? await deriveKey(key, how.hkdf) : await stretch(key.slice(), how.argon2id);
  }
  if ("hkdf" in how) throw new RefusedEffect("expected a passphrase to go into Argon2id");
  // No vault is made in a browser, so none is typed twice here.
  const passphrase = from.passphrase === "existing" ? typed() : null;
  if (passphrase === null || passphrase === "") return { kind: "no-passphrase" };
  return await stretch(new TextEncoder().encode(passphrase.normalize("NFKD")), how.argon2id);
}

/** Argon2id (RFC 9106) in a worker of its own, which takes its memory along. Refuses what F-11 refuses. */
async function stretch(
  message: Uint8Array<ArrayBuffer>,
  { salt, memoryKiB, passes, lanes }: Stretching["cost"],
): Promise<Uint8Array<ArrayBuffer>> {
  const affordable =
    memoryKiB >= 65_536 && memoryKiB <= 1_048_576 && passes >= 3 && passes <= 16 && lanes >= 1 && lanes <= 4;
  if (!affordable) throw new RefusedEffect("expected Argon2id's cost within the format's bounds");
  const worker = new Worker(trustedScript(stretchUrl), { type: "module" });
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<Uint8Array<ArrayBuffer>>) => resolve(data);
      worker.onerror = () => reject(new Error("Argon2id failed"));
      const stretching: Stretching = { message, cost: { salt, memoryKiB, passes, lanes } };
      worker.postMessage(stretching, [message.buffer]);
    });
  } finally {
    worker.terminate();
  }
}
