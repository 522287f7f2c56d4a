// Ids on the wire. Rule: a wrong id in the engine's own hands is the engine's fault, not a peer's.

import { fromHex } from "../bytes.ts";
import { invariant } from "../errors.ts";
import type { Digest } from "../ids.ts";

/** The 32 bytes of an id. */
export function idBytes(id: Digest): Uint8Array {
  invariant(id.length === 64, "an id has 64 hexadecimal digits");
  return fromHex(id);
}
