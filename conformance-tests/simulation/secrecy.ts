// Looks for secrets in what leaves the phone. Rule: names and contents carry marks that nothing else has; keys are looked for
// as they are, in hex and in base64.

import type { HttpRequest } from "../scripted-host/http-exchange.ts";
import type { Slots } from "../scripted-host/slots.ts";
import { Broken } from "./broken.ts";

/** In every content that has room for it, and in every name. */
export const CONTENT_MARK = "canary-content-";
export const NAME_MARK = "cnry";

/** Base64 of a mark looks different at each of three offsets. */
const MARKS: readonly Buffer[] = [CONTENT_MARK, `${NAME_MARK}-name-`].flatMap((mark) => [
  Buffer.from(mark),
  ...[0, 1, 2].map((shift) => {
    const text = Buffer.from("x".repeat(shift) + mark).toString("base64");
    return Buffer.from(text.slice(shift === 0 ? 0 : 4, 4 * Math.floor((shift + mark.length) / 3)));
  }),
]);

export class Secrecy {
  readonly #slots: Slots;
  /** How the bytes of a slot could be written down. */
  readonly #forms = new WeakMap<Uint8Array, readonly Buffer[]>();

  constructor(slots: Slots) {
    this.#slots = slots;
  }

  /** Throws Broken when a request holds something that it must not. */
  check(request: HttpRequest): void {
    this.#search(Buffer.from(request.path), "a path");
    if (request.body !== null) {
      const { buffer, byteOffset, length } = request.body;
      this.#search(Buffer.from(buffer, byteOffset, length), "a body");
    }
  }

  #search(bytes: Buffer, where: string): void {
    for (const mark of MARKS) if (bytes.includes(mark)) throw new Broken("secrecy", `a name or content in ${where}`);
    for (const name of this.#slots.names("device")) {
      const slot = this.#slots.readFrom(name, "device");
      if (slot === null || slot.length < 16) continue;
      if (this.#formsOf(slot).some((form) => bytes.includes(form))) throw new Broken("secrecy", `a key in ${where}`);
    }
  }

  #formsOf(slot: Uint8Array): readonly Buffer[] {
    let forms = this.#forms.get(slot);
    if (forms === undefined) {
      const key = Buffer.from(slot);
      forms = [key, Buffer.from(key.toString("hex")), Buffer.from(key.toString("base64"))];
      this.#forms.set(slot, forms);
    }
    return forms;
  }
}
