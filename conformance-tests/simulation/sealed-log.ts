// Everything that was ever sealed, by what came out of it: how the oracle reads what lies on the server without any key, and
// where the same nonce under the same key would show. Rule: it listens to the host's byte plane and changes nothing.

import { createHmac, hash } from "node:crypto";
import type { BytePlane } from "../scripted-host/byte-plane.ts";
import { Broken } from "./broken.ts";

export interface Sealed {
  readonly context: string;
  readonly bytes: Uint8Array;
}

const NONCE_BYTES = 12;

export class SealedLog {
  readonly #sealed = new Map<string, Sealed>();
  /** Key and nonce → hash of the message. */
  readonly #messages = new Map<string, string>();

  /** `plane`, observed. */
  listen(plane: BytePlane): BytePlane {
    return {
      ...plane,
      seal: (root, context, bytes) => {
        const sealed = plane.seal(root, context, bytes);
        this.#note(root, context, bytes, sealed);
        return sealed;
      },
    };
  }

  /** What was sealed into these bytes, or null when nobody sealed them. */
  find(sealed: Uint8Array): Sealed | null {
    return this.#sealed.get(hash("sha256", sealed, "base64")) ?? null;
  }

  #note(root: Uint8Array, context: string, bytes: Uint8Array, sealed: Uint8Array): void {
    const key = createHmac("sha256", root).update(context, "latin1").digest("base64");
    const pair = `${key} ${Buffer.from(sealed.subarray(0, NONCE_BYTES)).toString("base64")}`;
    const message = hash("sha256", bytes, "base64");
    const before = this.#messages.get(pair);
    if (before !== undefined && before !== message) throw new Broken("nonces", "one key and nonce sealed two messages");
    this.#messages.set(pair, message);
    this.#sealed.set(hash("sha256", sealed, "base64"), { context, bytes });
  }
}
