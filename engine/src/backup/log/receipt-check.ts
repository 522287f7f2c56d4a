// Whether a receipt is the server's word for one record (docs/format.md §8). Rule: read from top to bottom; the first
// thing that does not hold refuses it.

import { CoffreError } from "../../errors.ts";
import type { Receipt } from "../../format/receipt.ts";
import { decodeReceipt } from "../../format/receipt.ts";
import { openSigned } from "../../format/signed.ts";
import type { DeviceId, Digest, VaultId } from "../../ids.ts";

/** The receipt in `bytes` when it is signed by `serverKey` and speaks of exactly this record; else `peer-receipt-refused`. */
export function checkReceipt(
  bytes: Uint8Array,
  serverKey: Uint8Array,
  vault: VaultId,
  device: DeviceId,
  number: number,
  recordHash: Digest,
): Receipt {
  const receipt = decodeReceipt(openSigned("receipt", bytes, serverKey));
  if (receipt.vault !== vault) throw refused("vault");
  if (receipt.device !== device) throw refused("device");
  if (receipt.number !== number) throw refused("number");
  if (receipt.recordHash !== recordHash) throw refused("record");
  return receipt;
}

function refused(what: string): CoffreError {
  return new CoffreError("peer-receipt-refused", `a receipt for another ${what}`);
}
