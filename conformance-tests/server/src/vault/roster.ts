// Another version of a roster that a real client signed (docs/format.md 4). Rule: what stood in it stays to the byte.

import { decodeItem, type Item } from "./cbor.ts";
import { idBytes, openSigned, signItem } from "./signatures.ts";
import type { VaultKeys } from "./structures.ts";

export type Gain = {
  readonly kind: "device" | "revocation";
  readonly device: string;
  readonly item: Item;
};

/** The roster's next version, which has the gain as well; null when `roster` is none that this vault signed. */
export function growRoster(roster: Uint8Array, keys: VaultKeys, { kind, device, item }: Gain): Uint8Array | null {
  const fields = openSigned(roster, "roster", keys.publicKey);
  if (!isList(fields)) return null;
  const [format = null, vault = null, version, devices, revocations] = fields;
  if (typeof version !== "number" || !isList(devices) || !isList(revocations)) return null;
  const id = idBytes(device);
  const grown = kind === "device" ? insert(devices, item, id, certifiedDevice) : devices;
  const revoked = kind === "revocation" ? insert(revocations, item, id, revokedDevice) : revocations;
  return signItem([format, vault, version + 1, grown, revoked], "roster", keys.key);
}

/** `list` with `item` in its place by device id (F-33). */
function insert(list: readonly Item[], item: Item, id: Uint8Array, deviceOf: (item: Item) => Uint8Array): Item[] {
  const place = list.filter((each) => Buffer.compare(deviceOf(each), id) < 0).length;
  return list.toSpliced(place, 0, item);
}

function certifiedDevice(entry: Item): Uint8Array {
  return bytesAt(readPayload(bytesAt(entry, 0)), 2);
}

function revokedDevice(entry: Item): Uint8Array {
  return bytesAt(entry, 0);
}

/** What signed bytes say; null when they are none. Who signed them is not looked at. */
export function readPayload(signed: Uint8Array): Item {
  return decodeItem(bytesAt(decodeItem(signed), 0));
}

/** The bytes at a place of a list; none when there are none. */
export function bytesAt(item: Item, index: number): Uint8Array {
  const found = isList(item) ? item[index] : null;
  return found instanceof Uint8Array ? found : new Uint8Array(0);
}

function isList(item: Item | undefined): item is readonly Item[] {
  return Array.isArray(item);
}
