// What anyone may know of a vault by its object, for a host that answers in a server's place out of an export (docs/format.md 12).
// Rule: nothing of it is verified; whoever opens the vault does that (F-31).

import { decodeSigned } from "../format/signed.ts";
import { decodeVaultObject, type VaultObject, vaultObjectTag } from "../format/vault-object.ts";
import type { Digest } from "../ids.ts";

export interface VaultDescription
  extends Pick<VaultObject, "vault" | "login" | "loginHash" | "recoveryLoginHash" | "kdf" | "salt16"> {
  /** SHA-256 of the signed bytes. */
  readonly tag: Digest;
}

/** Describes the vault of these signed bytes; `peer-malformed` when they are none. */
export function describeVault(signed: Uint8Array): VaultDescription {
  const { vault, login, loginHash, recoveryLoginHash, kdf, salt16 } = decodeVaultObject(decodeSigned(signed).payload);
  return { vault, login, loginHash, recoveryLoginHash, kdf, salt16, tag: vaultObjectTag(signed) };
}
