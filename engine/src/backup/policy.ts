// Whether the owner's policy lets anything be sent now. Rule: conditions come from the host, decisions from here.

import type { Conditions, Policy } from "../border/inputs.ts";
import type { WaitingReason } from "../border/reasons.ts";
import { invariant } from "../errors.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const DAY_MINUTES = 1_440;

/** The reason why nothing may be sent, null when sending is allowed. Unknown conditions allow nothing. */
export function findBlock(policy: Policy, conditions: Conditions | null, now: number): WaitingReason | null {
  if (conditions === null || conditions.network === "none") return "network-none";
  const isMetered = conditions.network !== "unmetered";
  if (policy.unmeteredOnly && isMetered) return "network-metered";
  if (!policy.roamingToo && conditions.network === "roaming") return "network-roaming";
  if (policy.chargingOnly && !conditions.charging) return "not-charging";
  if (policy.hours !== null && minutesToOpen(policy.hours, conditions.utcOffsetMinutes, now) > 0)
    return "outside-hours";
  return null;
}

/** When the hours open again, in milliseconds since 1970; null when they are open or there are none. */
export function opensAtMs(policy: Policy, conditions: Conditions | null, now: number): number | null {
  if (policy.hours === null || conditions === null) return null;
  const minutes = minutesToOpen(policy.hours, conditions.utcOffsetMinutes, now);
  return minutes === 0 ? null : now + minutes * MINUTE_MS;
}

/** The month of the local calendar, counted since January 1970. */
export function localMonth({ utcOffsetMinutes }: Conditions, now: number): number {
  const local = now + utcOffsetMinutes * MINUTE_MS;
  // The average month is off by days at the most.
  const about = Math.floor(local / (30.436_875 * DAY_MS));
  const begins = [about + 1, about, about - 1].find((month) => Date.UTC(1970, month) <= local);
  invariant(begins !== undefined, "a month is at most one beside the average one");
  return begins;
}

/** When the next month begins where the phone is, in milliseconds since 1970. */
export function nextMonthAtMs(conditions: Conditions, now: number): number {
  return Date.UTC(1970, localMonth(conditions, now) + 1) - conditions.utcOffsetMinutes * MINUTE_MS;
}

function minutesToOpen(hours: readonly [number, number], utcOffsetMinutes: number, now: number): number {
  const local = modulo(Math.floor(now / MINUTE_MS) + utcOffsetMinutes, DAY_MINUTES);
  const sinceOpening = modulo(local - hours[0], DAY_MINUTES);
  const length = modulo(hours[1] - hours[0], DAY_MINUTES);
  // Equal ends mean the whole day.
  if (length === 0 || sinceOpening < length) return 0;
  return DAY_MINUTES - sinceOpening;
}

function modulo(value: number, size: number): number {
  return ((value % size) + size) % size;
}
