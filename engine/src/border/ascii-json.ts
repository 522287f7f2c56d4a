// JSON as it crosses the border (docs/host-api.md H-1). Rule: nothing above U+007E leaves the engine raw.

/** JSON text of `value` in ASCII: characters above U+007E are written as `\uXXXX`. */
export function toAsciiJson(value: unknown): string {
  return escapeAbove7e(JSON.stringify(value));
}

function escapeAbove7e(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the class is the complement of printable ASCII.
  if (!/[^\x00-\x7e]/.test(text)) return text;
  let out = "";
  let copied = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= 0x7e) continue;
    out += `${text.slice(copied, i)}\\u${code.toString(16).padStart(4, "0")}`;
    copied = i + 1;
  }
  return out + text.slice(copied);
}

/** Characters that `text` takes inside a JSON string on the border: what is above U+007E takes six. */
export function asciiJsonLength(text: string): number {
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    length += code > 0x7e || code < 0x20 ? 6 : code === 0x22 || code === 0x5c ? 2 : 1;
  }
  return length;
}
