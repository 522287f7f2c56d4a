// The body of a response as text (docs/host-api.md §3). Rule: text that is not UTF-8 is null, never repaired.

import { isUtf8 } from "node:buffer";
import type { Receiver } from "./exchange.ts";

/** Receives up to `most` bytes of text. */
export class TextReceiver implements Receiver {
  readonly #most: number;
  readonly #beyond: "refuse" | "drop";
  readonly #pieces: Buffer[] = [];

  constructor(most: number, beyond: "refuse" | "drop") {
    this.#most = most;
    this.#beyond = beyond;
  }

  begin(): { most: number; beyond: "refuse" | "drop" } {
    // A second attempt on a new connection begins anew.
    this.#pieces.length = 0;
    return { most: this.#most, beyond: this.#beyond };
  }

  take(bytes: Buffer): void {
    this.#pieces.push(bytes);
  }

  /** The text, or null when it is not UTF-8. */
  text(): string | null {
    return decodeText(Buffer.concat(this.#pieces), this.#most);
  }
}

/** `bytes` as text, or null when they are not UTF-8; a character that was cut at `most` bytes is left out. */
export function decodeText(bytes: Buffer, most: number): string | null {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  if (bytes.length < most) return null;
  for (let end = bytes.length - 1; end >= bytes.length - 3; end--) {
    if (isUtf8(bytes.subarray(0, end))) return bytes.toString("utf8", 0, end);
  }
  return null;
}
