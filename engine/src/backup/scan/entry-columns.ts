// How what a host told of a name stands in the table of entries. Rule: only what was read with care comes here
// (`scanned-entry.ts`).

import type { WaitingReason } from "../../border/reasons.ts";
import type { ScanFailure } from "../../border/sights.ts";
import { KIND } from "../../store/schema.ts";
import type { StatColumns } from "../tables/entry-rows.ts";
import type { SeenEntry } from "./scanned-entry.ts";

export function kindOf(entry: SeenEntry): number {
  switch (entry.kind) {
    case "file":
      return KIND.file;
    case "folder":
      return KIND.folder;
    case "link":
      return KIND.link;
    case "socket":
    case "pipe":
    case "device":
    case "unknown":
      return KIND.other;
  }
}

export function statOf(entry: SeenEntry): StatColumns & { readonly target: string | null } {
  const { sizeBytes, mtimeS, mtimeUs, ctimeS = null, ctimeUs = null, mode = null, identity } = entry;
  return { sizeBytes, mtimeS, mtimeUs, ctimeS, ctimeUs, mode, identity, target: targetOf(entry) };
}

/** A link's target as the table holds it: `t` and text, or `x` and the hex of what is not UTF-8. */
function targetOf(entry: SeenEntry): string | null {
  if (entry.kind !== "link") return null;
  return entry.targetHex === undefined ? `t${entry.target ?? ""}` : `x${entry.targetHex}`;
}

/** Why something waits that could not be looked at. */
export function reasonOf(failed: ScanFailure): WaitingReason {
  switch (failed) {
    case "permission":
      return "unreadable";
    case "too-long":
      return "path-too-long";
    case "io":
    case "vanished":
    case "not-a-folder":
      return "io-error";
  }
}
