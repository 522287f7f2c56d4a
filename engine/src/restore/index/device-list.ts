// The devices of an open vault, as a person is shown them. Rule: names are told apart; a time comes from a receipt that the
// server's key signed, or there is none.

import type { DeviceProgress } from "../../border/views.ts";
import type { DeviceId } from "../../ids.ts";
import { viewDevices } from "../../keys/device-names.ts";
import type { OpenVault } from "../../vault/unlock.ts";
import { openReceipt } from "./record-check.ts";

/** All devices of the roster, revoked ones too, the oldest first. */
export function viewProgress(
  { roster, certificates, bundle, login }: OpenVault,
  names: ReadonlyMap<DeviceId, string>,
): DeviceProgress[] {
  const views = viewDevices(roster, certificates, names).map((view): DeviceProgress => {
    const head = bundle.heads.find(({ device }) => device === view.device);
    const receipt = head?.receipt ? openReceipt(head.receipt, login.serverKey) : null;
    const isItsOwn = receipt !== null && receipt.device === view.device;
    return {
      ...view,
      records: head?.number ?? 0,
      lastRecordAtMs: isItsOwn ? receipt.timeMs : null,
      lastSeenAtMs: head?.seenAtMs ?? null,
      storedBytes: head?.storedBytes ?? null,
    };
  });
  return views.sort((a, b) => a.createdAtMs - b.createdAtMs || (a.device < b.device ? -1 : 1));
}
