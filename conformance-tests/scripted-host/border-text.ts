// Text as it crosses the border (docs/host-api.md H-1). Rule: ASCII JSON both ways, bytes as base64 with padding.

/** The largest message, in characters (H-1). */
export const MESSAGE_CHARACTERS = 524_288;

/** The largest answer of an effect, in characters (docs/host-api.md 3). */
export const ANSWER_CHARACTERS = 393_216;

const BEYOND_ASCII = /[\u007f-\uffff]/;
const EACH_BEYOND_ASCII = /[\u007f-\uffff]/g;

/** JSON in which every character above U+007E is escaped. */
export function formatAscii(value: unknown): string {
  const text = JSON.stringify(value);
  if (!BEYOND_ASCII.test(text)) return text;
  return text.replace(EACH_BEYOND_ASCII, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Whether a text is one that may cross: ASCII, and not too long. */
export function isBorderText(text: unknown): text is string {
  return typeof text === "string" && text.length <= MESSAGE_CHARACTERS && !BEYOND_ASCII.test(text);
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
}

export function fromBase64(text: string): Uint8Array {
  return Buffer.from(text, "base64");
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}

export function fromHex(text: string): Uint8Array {
  return Buffer.from(text, "hex");
}
