// Devices' names, which the server never learns (docs/format.md F-34). Rule: a name that does not open is replaced by the
// beginning of the device's id, so that every device can be named.

import type { DeviceView } from "../border/views.ts";
import { fromBase64, toBase64 } from "../bytes.ts";
import { INFO } from "../crypto/vault-keys.ts";
import { CoffreError } from "../errors.ts";
import { nameContext } from "../format/contexts.ts";
import { type Certificate, padName, type Roster, unpadName } from "../format/roster.ts";
import type { DeviceId, VaultId } from "../ids.ts";
import { type Flow, perform } from "../runtime/flow.ts";
import { deriveSlot, SLOT } from "./slots.ts";

/** A name that fits: without NUL, cut to 64 bytes of UTF-8, never empty. */
export function fitDeviceName(text: string): string {
  // With the flag u, the class matches lone surrogates only; cutting by code points makes no new ones.
  const points = [...text.replace(/[\0\ud800-\udfff]/gu, "")];
  while (points.length > 0 && padName(points.join("")) === null) points.pop();
  return points.length === 0 ? "device" : points.join("");
}

/** Fills memory slot `names` from V. */
export function deriveNames(): Flow<void> {
  return deriveSlot(SLOT.vaultSecret, INFO.names, SLOT.names, "memory");
}

/** The sealed name of 92 bytes; needs slot `names`. */
export function* sealDeviceName(vault: VaultId, device: DeviceId, name: string): Flow<Uint8Array> {
  const padded = padName(name);
  if (padded === null) throw new CoffreError("host-malformed", "expected a device name of 1 to 64 bytes");
  const answer = yield* perform({
    kind: "seal",
    slot: SLOT.names,
    context: nameContext(vault, device),
    bytes: toBase64(padded),
  });
  if (answer.kind !== "sealed") throw new CoffreError("host-slot-absent", "expected the names key");
  return fromBase64(answer.bytes);
}

/** The names of a roster's devices; needs slot `names`. */
export function* openDeviceNames(roster: Roster): Flow<Map<DeviceId, string>> {
  const names = new Map<DeviceId, string>();
  for (const { device, sealedName } of roster.devices) {
    const answer = yield* perform({
      kind: "open",
      slot: SLOT.names,
      context: nameContext(roster.vault, device),
      bytes: toBase64(sealedName),
    });
    names.set(
      device,
      answer.kind === "opened" && answer.bytes !== undefined ? readName(answer.bytes, device) : device.slice(0, 8),
    );
  }
  return names;
}

/** The names with which every device can be named: one that several share gets the beginning of each one's id. */
export function tellApart(names: ReadonlyMap<DeviceId, string>): Map<DeviceId, string> {
  const counts = new Map<string, number>();
  for (const name of names.values()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return new Map(
    [...names].map(([device, name]) => [device, counts.get(name) === 1 ? name : nameWithId(name, device)]),
  );
}

/** The devices of a roster with their names, in its order. */
export function viewDevices(
  { devices, revocations }: Roster,
  certificates: ReadonlyMap<DeviceId, Certificate>,
  names: ReadonlyMap<DeviceId, string>,
): DeviceView[] {
  return devices.map(({ device }) => ({
    device,
    name: names.get(device) ?? device.slice(0, 8),
    createdAtMs: certificates.get(device)?.createdAtMs ?? 0,
    revokedAfter: revocations.find((revoked) => revoked.device === device)?.lastNumber ?? null,
  }));
}

/** `phone (1f2e3d4c)`. */
export function nameWithId(name: string, device: DeviceId): string {
  return `${name} (${device.slice(0, 8)})`;
}

/** The name that fits and that no device has yet: the wanted one, or `NAME-2` and so on. */
export function findFreeName(wanted: string, taken: ReadonlySet<string>): string {
  const name = fitDeviceName(wanted);
  let free = name;
  for (let number = 2; taken.has(free); number++) {
    const mark = `-${number}`;
    const points = [...name];
    while (padName(points.join("") + mark) === null) points.pop();
    free = points.join("") + mark;
  }
  return free;
}

function readName(bytes: string, device: DeviceId): string {
  try {
    return unpadName(fromBase64(bytes));
  } catch (error) {
    if (error instanceof CoffreError) return device.slice(0, 8);
    throw error;
  }
}
