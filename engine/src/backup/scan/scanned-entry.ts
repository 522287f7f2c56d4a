// What a host says of one name, read with care: each field may be anything that a file system can say. Rule: no entry fails a
// listing. What the format cannot hold is marked as such and waits; everything beside it goes on.

import type { ScanFailure, ScannedEntry, Stat, UnreadableEntry } from "../../border/sights.ts";
import { fromHex } from "../../bytes.ts";
import { findTargetFault, MAX_FILE_BYTES } from "../../format/entry-faults.ts";

/** An entry whose every field the tables and the format can take. */
export interface SeenEntry extends ScannedEntry {
  /** Its size, its time or its target is beyond what the format holds: what stands here for them is not what was told. */
  readonly isBeyondFormat: boolean;
}

const KINDS: ReadonlySet<string> = new Set(["file", "folder", "link", "socket", "pipe", "device", "unknown"]);
const FAILURES: ReadonlySet<string> = new Set(["permission", "io", "vanished", "not-a-folder", "too-long"]);
const MODE_BITS = 0o7777;
const MAX_MICROSECONDS = 999_999;
const HEX = /^(?:[0-9a-f]{2})+$/;

/** The entry as the engine takes it; null when not even its name can be read. */
export function readScanned(told: ScannedEntry | UnreadableEntry): SeenEntry | UnreadableEntry | null {
  if (typeof told !== "object" || told === null || typeof told.name !== "string" || told.name === "") return null;
  if ("failed" in told) return { name: told.name, failed: readFailure(told.failed) };
  return readStat(told);
}

/** A root's own folder as the engine takes it, without name and identity; null when nothing was told of it. */
export function readRoot(told: Stat): SeenEntry | null {
  if (typeof told !== "object" || told === null) return null;
  return readStat({ ...told, name: "", kind: "folder", identity: "" });
}

function readStat(told: ScannedEntry): SeenEntry {
  const kind = KINDS.has(told.kind) ? told.kind : "unknown";
  const hasSize = isWhole(told.sizeBytes) && told.sizeBytes >= 0;
  const hasTime =
    isWhole(told.mtimeS) && isWhole(told.mtimeUs) && told.mtimeUs >= 0 && told.mtimeUs <= MAX_MICROSECONDS;
  const isTooLarge = kind === "file" && (!hasSize || told.sizeBytes > MAX_FILE_BYTES);
  const hasTarget = kind !== "link" || isTarget(told);
  const hasChangeTime = isWhole(told.ctimeS) && isWhole(told.ctimeUs);
  return {
    name: told.name,
    kind,
    sizeBytes: hasSize ? told.sizeBytes : 0,
    mtimeS: hasTime ? told.mtimeS : 0,
    mtimeUs: hasTime ? told.mtimeUs : 0,
    ...(hasChangeTime ? { ctimeS: told.ctimeS as number, ctimeUs: told.ctimeUs as number } : {}),
    ...(isWhole(told.mode) && told.mode >= 0 ? { mode: told.mode % (MODE_BITS + 1) } : {}),
    identity: typeof told.identity === "string" ? told.identity : "",
    ...(hasTarget && told.target !== undefined ? { target: told.target } : {}),
    ...(hasTarget && told.targetHex !== undefined ? { targetHex: told.targetHex } : {}),
    isBeyondFormat: isTooLarge || !hasTime || !hasTarget,
  };
}

/** Whether a stat of a file that was read fits the format. */
export function fitsFormat(stat: { sizeBytes: number; mtimeS: number; mtimeUs: number }): boolean {
  const { sizeBytes, mtimeS, mtimeUs } = stat;
  if (!isWhole(sizeBytes) || sizeBytes < 0 || sizeBytes > MAX_FILE_BYTES) return false;
  return isWhole(mtimeS) && isWhole(mtimeUs) && mtimeUs >= 0 && mtimeUs <= MAX_MICROSECONDS;
}

function isTarget({ target, targetHex }: ScannedEntry): boolean {
  if (targetHex === undefined) return typeof target === "string" && findTargetFault(target) === null;
  return typeof targetHex === "string" && HEX.test(targetHex) && findTargetFault(fromHex(targetHex)) === null;
}

function readFailure(failed: unknown): ScanFailure {
  return typeof failed === "string" && FAILURES.has(failed) ? (failed as ScanFailure) : "io";
}

function isWhole(value: number | undefined): value is number {
  return Number.isSafeInteger(value);
}
