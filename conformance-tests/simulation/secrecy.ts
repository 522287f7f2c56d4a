// Looks for secrets in what leaves the phone. Rule: names and contents carry marks that nothing else has; keys are looked for
// as they are, in hex and in base64.

import { toBase64, toHex } from "../scripted-host/border-text.ts";
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

/** Bodies up to this size are searched for what slots ever held; larger ones, which blobs are, for the device's keys. */
const SMALL_BODY_BYTES = 65_536;
const SHORTEST_KEY_BYTES = 16;

export class Secrecy {
  readonly #slots: Slots;
  /** How the bytes of keys could be written down, by the keys in hex. */
  readonly #forms = new Map<string, readonly Buffer[]>();

  /** Watches the slots from now on: what is erased soon after is secret all the same. */
  constructor(slots: Slots) {
    this.#slots = slots;
    slots.observe = (bytes) => {
      if (bytes.length >= SHORTEST_KEY_BYTES) this.#formsOf(bytes);
    };
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
    for (const forms of bytes.length <= SMALL_BODY_BYTES ? this.#forms.values() : this.#formsOfDevice()) {
      if (forms.some((form) => bytes.includes(form))) throw new Broken("secrecy", `a key in ${where}`);
    }
  }

  *#formsOfDevice(): Generator<readonly Buffer[]> {
    for (const name of this.#slots.names("device")) {
      const key = this.#slots.readFrom(name, "device");
      if (key !== null && key.length >= SHORTEST_KEY_BYTES) yield this.#formsOf(key);
    }
  }

  #formsOf(bytes: Uint8Array): readonly Buffer[] {
    const hex = toHex(bytes);
    let forms = this.#forms.get(hex);
    if (forms === undefined) {
      forms = [Buffer.from(bytes), Buffer.from(hex), Buffer.from(toBase64(bytes))];
      this.#forms.set(hex, forms);
    }
    return forms;
  }
}
