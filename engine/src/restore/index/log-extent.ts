// How far a device's log goes, by several witnesses, and what of it did not come (docs/format.md F-92, F-93). Rule: pure; a log
// may grow after its head was told, so only what some witness vouches for is ever missed.

import type { DamageCode } from "../../border/reasons.ts";
import type { SeenHead } from "../../evidence/seen.ts";
import type { Digest } from "../../ids.ts";

/** What is known of a log once it was read. */
export interface Extent {
  /** The last record that was read, or passed over; its hash is null when nobody knows it. */
  readonly position: { readonly number: number; readonly hash: Digest | null };
  /** What the server says, null when it does not speak of the device. */
  readonly head: { readonly number: number; readonly hash: Digest } | null;
  /** What this machine saw before, and whether that very record is among those that were read. */
  readonly seen: SeenHead | null;
  readonly isSeenThere: boolean;
  /** The last record that came together with the head. */
  readonly shown: number;
  /** Records that the server itself calls damaged. */
  readonly damaged: ReadonlySet<number>;
}

export interface Unread {
  readonly number: number;
  readonly code: DamageCode;
}

/** At most this many records of the end are named one by one. */
const MAX_NAMED = 100;

/** What is to be named of a log beyond the records that were judged one by one. */
export function findUnread({ position, head, seen, isSeenThere, shown, damaged }: Extent): Unread[] {
  if (head === null && seen === null) return [];
  // A server that leaves a record out may count the others anew; the last one's hash says that it is the last one.
  const isAtHead = head !== null && head.hash === position.hash;
  const least = isAtHead || head === null ? position.number : Math.min(head.number, position.number);
  const headNumber = isAtHead || head === null ? position.number : head.number;
  const most = Math.max(headNumber, seen?.number ?? 0, shown);
  if (most > least) return nameEnd(least + 1, most, damaged);
  const unread: Unread[] = [];
  const isOther = !isAtHead && head !== null && head.number === position.number && position.hash !== null;
  if (isOther) unread.push({ number: position.number, code: "record-altered" });
  // Another record stands where this machine knows one: the log that it knows is not shown.
  if (seen !== null && !isSeenThere) unread.push({ number: seen.number, code: "record-withheld" });
  return unread;
}

/** The end of a log that did not come: what the server calls damaged is named so, then the first that it withholds. */
function nameEnd(first: number, last: number, damaged: ReadonlySet<number>): Unread[] {
  const unread: Unread[] = [];
  for (let number = first; number <= last && unread.length < MAX_NAMED; number++) {
    if (!damaged.has(number)) return [...unread, { number, code: "record-withheld" }];
    unread.push({ number, code: "record-damaged" });
  }
  return unread;
}
