// What this machine has seen of vaults and their servers: the evidence that a later answer is held against (docs/format.md
// F-32, F-93). Rule: it only grows, unless the owner said that the server really went back; what stands here was verified.

import { equalBytes, fromBase64, toBase64 } from "../bytes.ts";
import { CoffreError } from "../errors.ts";
import { decodeRoster } from "../format/roster.ts";
import { decodeSigned, signedHash } from "../format/signed.ts";
import { decodeVaultObject } from "../format/vault-object.ts";
import type { DeviceId, Digest, VaultId } from "../ids.ts";
import { bytes, columns, exists, id, int, scalars, text } from "../store/columns.ts";
import type { Store } from "../store/store.ts";

/** Vault object or roster: its number or version, and the bytes that the vault signed. */
export interface SeenStructure {
  readonly number: number;
  readonly hash: Digest;
  readonly bytes: Uint8Array;
}

/** The newest record of a device that was opened, or that a receipt of this device's own was verified for. */
export interface SeenHead {
  readonly number: number;
  readonly hash: Digest;
}

/** A server as it was met under an address and a login: the key that signs its receipts. */
export interface SeenServer {
  readonly url: string;
  readonly login: string;
  readonly key: Uint8Array;
}

export type StructureKind = "object" | "roster";

/** `higher`: only what is above what is there. `instead`: the owner has taken this in its place, whatever it is. */
export type Growth = "higher" | "instead";

const KIND: Record<StructureKind, number> = { object: 1, roster: 2 };

const SERVER = columns({ url: text, login: text, key: (value) => fromBase64(text(value)) });
const STRUCTURE = columns({ number: int, bytes });
const HEAD = columns({ number: int, hash: id<Digest> });
const HEAD_OF_DEVICE = columns({ device: id<DeviceId>, number: int, hash: id<Digest> });

/** The key that a server had under this address and login, or null. */
function seenServerKey(store: Store, url: string, login: string): Uint8Array | null {
  const seen = SERVER.first(store, "FROM evidence_server WHERE url = ? AND login = ?", [url, login]);
  return seen?.key ?? null;
}

/** `peer-key-changed` when the server had another key before, so that no login key leaves for this one. */
export function checkServerKey(store: Store, url: string, login: string, key: Uint8Array): void {
  const seen = seenServerKey(store, url, login);
  if (seen === null || equalBytes(seen, key)) return;
  throw new CoffreError("peer-key-changed", "expected the key that signed this server's receipts before");
}

export function noteServer(store: Store, vault: VaultId, { url, login, key }: SeenServer): void {
  const sql = "INSERT OR REPLACE INTO evidence_server (url, login, vault, key) VALUES (?, ?, ?, ?)";
  store.run(sql, [url, login, vault, toBase64(key)]);
}

/** The highest that was seen of a vault, or null. */
export function seenStructure(store: Store, vault: VaultId, kind: StructureKind): SeenStructure | null {
  const seen = STRUCTURE.first(store, "FROM evidence_structure WHERE vault = ? AND kind = ?", [vault, KIND[kind]]);
  return seen === null ? null : { ...seen, hash: signedHash(seen.bytes) };
}

/** Keeps a structure whose signature was verified. */
export function noteStructure(
  store: Store,
  vault: VaultId,
  kind: StructureKind,
  bytes: Uint8Array,
  growth: Growth,
): void {
  const number = numberOf(kind, bytes);
  const seen = seenStructure(store, vault, kind);
  if (growth === "higher" && seen !== null && seen.number >= number) return;
  const sql = "INSERT OR REPLACE INTO evidence_structure (vault, kind, number, bytes) VALUES (?, ?, ?, ?)";
  store.run(sql, [vault, KIND[kind], number, bytes]);
}

/** The number or version that signed bytes bear. */
export function numberOf(kind: StructureKind, bytes: Uint8Array): number {
  const { payload } = decodeSigned(bytes);
  return kind === "object" ? decodeVaultObject(payload).number : decodeRoster(payload).version;
}

/** The newest record that was seen of a device, or null. */
export function seenHead(store: Store, vault: VaultId, device: DeviceId): SeenHead | null {
  return HEAD.first(store, "FROM evidence_head WHERE vault = ? AND device = ?", [vault, device]);
}

export function noteHead(store: Store, vault: VaultId, device: DeviceId, head: SeenHead, growth: Growth): void {
  const seen = seenHead(store, vault, device);
  if (growth === "higher" && (head.number === 0 || (seen !== null && seen.number >= head.number))) return;
  const sql = "INSERT OR REPLACE INTO evidence_head (vault, device, number, hash) VALUES (?, ?, ?, ?)";
  store.run(sql, [vault, device, head.number, head.hash]);
}

/** All heads that were seen of a vault. */
export function seenHeads(store: Store, vault: VaultId): Map<DeviceId, SeenHead> {
  const seen = HEAD_OF_DEVICE.all(store, "FROM evidence_head WHERE vault = ? ORDER BY device", [vault]);
  return new Map(seen.map(({ device, number, hash }) => [device, { number, hash }]));
}

/** All addresses and logins under which a vault was met. */
export function seenServers(store: Store, vault: VaultId): SeenServer[] {
  return SERVER.all(store, "FROM evidence_server WHERE vault = ? ORDER BY url, login", [vault]);
}

/** The vaults that were met under a login. */
export function seenVaults(store: Store, login: string): VaultId[] {
  const sql = "SELECT DISTINCT vault FROM evidence_server WHERE login = ? ORDER BY vault";
  return scalars(store, id<VaultId>, sql, [login]);
}

/** Whether the database has the tables; one that an older version made has none until it is migrated. */
export function hasEvidence(store: Store): boolean {
  return exists(store, "FROM sqlite_master WHERE type = 'table' AND name = 'evidence_head'");
}
