// Everything that was ever sealed, by what came out of it: how the oracle reads what lies on the server without any key, and
// where the same nonce under the same key would show. Rule: it listens to the host's byte plane and changes nothing.

import { createHmac } from "node:crypto";
import { toBase64 } from "../scripted-host/border-text.ts";
import type { BytePlane } from "../scripted-host/byte-plane.ts";
import { Broken } from "./broken.ts";

export interface Sealed {
  readonly context: string;
  readonly bytes: Uint8Array;
}

interface Sealing extends Sealed {
  /** What came out of it. */
  readonly sealed: Uint8Array;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export class SealedLog {
  /** By nonce and tag; one of them is looked for by all of its bytes. */
  readonly #sealings = new Map<string, Sealing[]>();
  /** Key and nonce → the message. */
  readonly #messages = new Map<string, Uint8Array>();

  /** `plane`, observed. */
  listen(plane: BytePlane): BytePlane {
    return {
      ...plane,
      seal: (root, context, bytes) => {
        const sealed = plane.seal(root, context, bytes);
        this.#note({ context, bytes, sealed }, root);
        return sealed;
      },
    };
  }

  /** What was sealed into these bytes, or null when nobody sealed them. */
  find(sealed: Uint8Array): Sealed | null {
    return this.#find(sealed) ?? null;
  }

  #find(sealed: Uint8Array): Sealing | undefined {
    return this.#sealings.get(endsOf(sealed))?.find((sealing) => Buffer.compare(sealing.sealed, sealed) === 0);
  }

  #note(sealing: Sealing, root: Uint8Array): void {
    const { context, bytes, sealed } = sealing;
    const key = createHmac("sha256", root).update(context, "latin1").digest("base64");
    const pair = key + toBase64(sealed.subarray(0, NONCE_BYTES));
    const before = this.#messages.get(pair);
    if (before === undefined) this.#messages.set(pair, bytes);
    else if (Buffer.compare(before, bytes) !== 0) throw new Broken("nonces", "one key and nonce sealed two messages");
    if (this.#find(sealed) !== undefined) return;
    const ends = endsOf(sealed);
    const others = this.#sealings.get(ends);
    if (others === undefined) this.#sealings.set(ends, [sealing]);
    else others.push(sealing);
  }
}

function endsOf(sealed: Uint8Array): string {
  return toBase64(sealed.subarray(0, NONCE_BYTES)) + toBase64(sealed.subarray(-TAG_BYTES));
}
