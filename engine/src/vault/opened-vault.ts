// What a start bundle claims, checked against the vault secret (docs/format.md F-16, F-31). Rule: the keys come from V
// alone; nothing of the bundle is used before a signature under them holds.

import { equalBytes } from "../bytes.ts";
import { deriveVaultKeys } from "../crypto/vault-keys.ts";
import { CoffreError } from "../errors.ts";
import { type Certificate, decodeCertificate, decodeRoster, type Roster } from "../format/roster.ts";
import { decodeSigned, openSigned } from "../format/signed.ts";
import { decodeVaultObject, type VaultObject, vaultObjectTag } from "../format/vault-object.ts";
import type { DeviceId } from "../ids.ts";
import type { StartBundle } from "../peer/answers.ts";

/** A vault object and a roster that the vault's own key signed. */
export interface CheckedVault {
  readonly object: VaultObject;
  readonly roster: Roster;
  /** Each device of the roster, revoked ones included. */
  readonly certificates: ReadonlyMap<DeviceId, Certificate>;
}

/** The vault object as it came, to find the wrap with which V is opened; nothing else of it may be used yet. */
export function readUnverified(bundle: StartBundle): VaultObject {
  try {
    return decodeVaultObject(decodeSigned(bundle.vaultObject).payload);
  } catch (error) {
    throw notAuthentic("peer-vault-not-authentic", error);
  }
}

/** F-31 and the roster; `peer-vault-not-authentic`, `peer-roster-not-authentic`. `secret` is V, which the caller erases. */
export function checkVault(bundle: StartBundle, login: string, secret: Uint8Array): CheckedVault {
  const keys = deriveVaultKeys(secret);
  keys.signingSeed.fill(0);
  keys.kemSeed.fill(0);
  let object: VaultObject;
  try {
    object = decodeVaultObject(openSigned("vault-object", bundle.vaultObject, keys.signingKey));
  } catch (error) {
    throw notAuthentic("peer-vault-not-authentic", error);
  }
  const fits =
    equalBytes(object.signingKey, keys.signingKey) &&
    equalBytes(object.kemKey, keys.kemKey) &&
    object.vault === keys.vault &&
    bundle.vault === keys.vault &&
    object.login === login &&
    bundle.tag === vaultObjectTag(bundle.vaultObject);
  if (!fits) throw new CoffreError("peer-vault-not-authentic", "the vault object is not that of this secret");
  return { object, ...checkRoster(bundle.roster, object) };
}

/** A roster in signed bytes, with its devices' certificates; `peer-roster-not-authentic`. */
export function checkRoster(signed: Uint8Array, object: VaultObject): Omit<CheckedVault, "object"> {
  try {
    const roster = decodeRoster(openSigned("roster", signed, object.signingKey));
    if (roster.vault !== object.vault) throw new CoffreError("peer-malformed", "expected the roster of this vault");
    const certificates = new Map<DeviceId, Certificate>();
    for (const { device, certificate } of roster.devices) {
      certificates.set(device, decodeCertificate(openSigned("certificate", certificate, object.signingKey)));
    }
    return { roster, certificates };
  } catch (error) {
    throw notAuthentic("peer-roster-not-authentic", error);
  }
}

function notAuthentic(code: "peer-vault-not-authentic" | "peer-roster-not-authentic", error: unknown): unknown {
  return error instanceof CoffreError ? new CoffreError(code, "a signed structure of the vault does not hold") : error;
}
