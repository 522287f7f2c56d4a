// The text of everything that crosses the border (docs/host-api.md H-1). Rule: ASCII only, so that no script engine and no
// pipe between can bend a character.

/** The longest message in either direction, in characters (H-1). */
export const MESSAGE_CHARS = 524_288;

/** The longest answer to an effect, in characters (docs/host-api.md §3). */
export const ANSWER_CHARS = 393_216;

const NOT_PLAIN = /[\u007f-\uffff]/;
const EACH_NOT_PLAIN = /[\u007f-\uffff]/g;

/** `value` as JSON whose characters are all below U+007F; the others are written as `\uXXXX`. */
export function formatAsciiJson(value: unknown): string {
  const text = JSON.stringify(value);
  return NOT_PLAIN.test(text) ? text.replace(EACH_NOT_PLAIN, escapeUnit) : text;
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
