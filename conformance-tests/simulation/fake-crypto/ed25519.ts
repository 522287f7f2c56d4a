// Ed25519 by the host: takes the place of the engine's file of this name in the simulator's fast bundle. Rule: the same
// signatures to the bit, computed by native code, since one in noble costs as much as twenty steps.

import { fromBase64, toBase64 } from "../../../engine/src/bytes.ts";

const powers = globalThis as unknown as { simulatedEd25519(text: string): string };

export function ed25519PublicKey(seed: Uint8Array): Uint8Array {
  return fromBase64(powers.simulatedEd25519(`key ${toBase64(seed)}`));
}

export function ed25519Sign(seed: Uint8Array, message: Uint8Array): Uint8Array {
  return fromBase64(powers.simulatedEd25519(`sign ${toBase64(seed)} ${toBase64(message)}`));
}

export function ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const text = `verify ${toBase64(publicKey)} ${toBase64(message)} ${toBase64(signature)}`;
  return powers.simulatedEd25519(text) === "yes";
}
