// Text that is safe to show. Rule: nothing that a file's name holds reaches a terminal as anything but a visible character.

import { formatNumber, formatTime, say } from "./language.ts";

/** Controls of both sets, the line and paragraph separators, what changes the direction of text, and lone surrogates. */
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get through.
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\\]|\p{Surrogate}/gu;

type Counted = Parameters<typeof say<"count">>[1];

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\" };
const TIME_CHARS = 19;
const LAST_YEAR = 9_999;
const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"] as const;
/** What a time has that a calendar can write. */
const COMMON_TIME = /^[0-9]{4}-/;

/** A name or path with everything invisible written out: `\n`, `\x1b`, `\u202e`. */
export function showName(name: string): string {
  return name.replace(UNSAFE, (point) => {
    const code = point.charCodeAt(0);
    const short = SHORT[point];
    if (short !== undefined) return short;
    return code < 0x80 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

/** A number of bytes with three digits: `1.23 MB`. */
export function showBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = { minimumSignificantDigits: 3, maximumSignificantDigits: 3 };
  const number = unit === 0 ? formatNumber(Math.round(value)) : formatNumber(value, digits);
  return say("size", UNITS[unit] ?? "PB", { number });
}

/** A time as the person's clock has it: `2026-11-21 10:15:00`; far ones as `+012026-11-21`, farther ones as `@` and seconds. */
export function showTime(timeMs: number): string {
  const local = new Date(timeMs - new Date(timeMs).getTimezoneOffset() * 60_000);
  // Files may be of years that no calendar here has.
  if (Number.isNaN(local.getTime())) return `@${Math.floor(timeMs / 1000)}`.padEnd(TIME_CHARS);
  if (local.getUTCFullYear() < 0 || local.getUTCFullYear() > LAST_YEAR) return local.toISOString().slice(0, 13);
  return local.toISOString().slice(0, 19).replace("T", " ");
}

/** A time within a sentence, as its language has it; those of `showTime` are for lists, and for typing behind `--at`. */
export function sayTime(timeMs: number): string {
  const plain = showTime(timeMs);
  return COMMON_TIME.test(plain) ? formatTime(timeMs) : plain;
}

/** A whole number with separators: `12,000`. */
export function showNumber(count: number): string {
  return formatNumber(count);
}

/** A number with its word: `1 file`, `2 files`. */
export function showCount(count: number, word: Counted): string {
  return say("count", word, { count });
}

/** A duration: `45 s`, `3 min 5 s`, `2 h 10 min`. */
export function showDuration(durationS: number): string {
  const whole = Math.max(0, Math.round(durationS));
  const [hours, minutes, seconds] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  if (whole < 60) return say("duration", "seconds", { seconds });
  if (whole < 3600) return say("duration", "minutes", { minutes, seconds });
  return say("duration", "hours", { hours, minutes });
}
