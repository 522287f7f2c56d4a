// Where a roster contradicts one that was seen before (docs/format.md F-37). Rule: pure; devices and revocations never leave
// a roster, and a revocation never opens again what it had closed.

import type { Roster } from "../format/roster.ts";
import type { DeviceId } from "../ids.ts";

export interface Contradiction {
  readonly kind: "lacks-device" | "lacks-revocation" | "loosens-revocation";
  readonly device: DeviceId;
}

/** What `shown` takes back of what `seen` said. */
export function findContradictions(seen: Roster, shown: Roster): Contradiction[] {
  const found: Contradiction[] = [];
  const devices = new Set(shown.devices.map(({ device }) => device));
  for (const { device } of seen.devices) if (!devices.has(device)) found.push({ kind: "lacks-device", device });
  for (const { device, lastNumber, lastHash } of seen.revocations) {
    const revocation = shown.revocations.find((revoked) => revoked.device === device);
    if (revocation === undefined) {
      if (devices.has(device)) found.push({ kind: "lacks-revocation", device });
    } else if (
      revocation.lastNumber > lastNumber ||
      (revocation.lastNumber === lastNumber && revocation.lastHash !== lastHash)
    ) {
      found.push({ kind: "loosens-revocation", device });
    }
  }
  return found;
}
