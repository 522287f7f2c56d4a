// What people write behind options: servers, pins, rates, times. Rule: what cannot be right is refused here, with words that
// show what is.

import type { ServerAddress } from "coffre-engine";
import { usage } from "./command-end.ts";
import { say } from "./language.ts";

const RATE = /^([0-9]+(?:\.[0-9]+)?)([kmg]?)(?:i?b?(?:\/s)?)?$/i;
const RATE_UNITS: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6, g: 1e9 };
const DATE = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;
const LOCAL = /^([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2}:[0-9]{2})(:[0-9]{2})?$/;
const RFC_3339 =
  /^[0-9]{4}-[0-9]{2}-[0-9]{2}[ Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})$/;
const DAY_MS = 86_400_000;

/** Collects an option that may be given many times. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** A server from `--server`, `--pin` and `--allow-http`. */
export function parseServer(text: string, pin: string | undefined, allowHttp: boolean): ServerAddress {
  const url = URL.parse(text.includes("://") ? text : `https://${text}`);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw usage(say("option", "server"));
  }
  if (url.username !== "" || url.password !== "" || url.pathname !== "/" || url.search !== "" || url.hash !== "") {
    throw usage(say("option", "server-plain"));
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname) && !allowHttp) {
    throw usage(say("option", "http"));
  }
  if (pin === undefined) return { url: url.origin };
  if (url.protocol === "http:") throw usage(say("option", "pin-https"));
  return { url: url.origin, pin: parsePin(pin) };
}

/** A pin: 64 hex digits, in any case, maybe with colons, maybe behind `sha256:`. */
export function parsePin(text: string): string {
  const pin = text
    .trim()
    .toLowerCase()
    .replace(/^sha256[:/]/, "")
    .replaceAll(":", "");
  if (!/^[0-9a-f]{64}$/.test(pin)) throw usage(say("option", "pin"));
  return pin;
}

/** A rate in bytes per second: `2M`, `500k`, `1.5MB/s`; k, M and G are powers of 1000. */
export function parseRate(text: string): number {
  const match = RATE.exec(text.trim());
  const rate = match === null ? 0 : Math.floor(Number(match[1]) * (RATE_UNITS[(match[2] ?? "").toLowerCase()] ?? 0));
  // Digits without end are infinite, which JSON would carry to the engine as "no limit".
  if (rate < 1_000 || !Number.isSafeInteger(rate)) throw usage(say("option", "rate"));
  return rate;
}

/** A time in ms: RFC 3339; a local `YYYY-MM-DD HH:MM[:SS]`; a date, which means its end; `@` and seconds since 1970. */
export function parseTime(text: string): number {
  const timeMs = readTime(text.trim());
  if (Number.isNaN(timeMs)) {
    throw usage(say("option", "time"));
  }
  return timeMs;
}

/** A time since when something is so, in ms: as `parseTime`, but a date means its beginning; null for `now`. */
export function parseSince(text: string): number | null {
  const trimmed = text.trim();
  if (trimmed === "now") return null;
  const timeMs = DATE.test(trimmed) && isDay(trimmed) ? Date.parse(`${trimmed}T00:00:00`) : readTime(trimmed);
  if (Number.isNaN(timeMs)) throw usage(say("option", "since"));
  return timeMs;
}

function readTime(text: string): number {
  if (/^@[0-9]{1,12}$/.test(text)) return Number(text.slice(1)) * 1000;
  if (!isDay(text)) return Number.NaN;
  if (RFC_3339.test(text)) return Date.parse(text.replace(" ", "T").toUpperCase());
  const local = LOCAL.exec(text);
  if (local !== null) return Date.parse(`${local[1]}T${local[2]}${local[3] ?? ":00"}`);
  const date = DATE.exec(text);
  if (date === null) return Number.NaN;
  const midnight = Date.parse(`${text}T00:00:00`);
  if (Number.isNaN(midnight)) return midnight;
  // A day has 23 to 25 hours: the end is the next local midnight.
  const next = new Date(midnight + DAY_MS + DAY_MS / 2);
  return new Date(next.getFullYear(), next.getMonth(), next.getDate()).getTime() - 1;
}

/** Whether the day that a time begins with is in the calendar: a 30th of February would count as a day in March. */
function isDay(text: string): boolean {
  const day = text.slice(0, "2026-11-21".length);
  const parsed = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(day);
}

function isLoopback(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127\.[0-9.]+$/.test(hostname)
  );
}
