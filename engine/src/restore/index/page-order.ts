// In which order the records of a page are read. Rule: a record's place is the one that its own header names, as long as
// its receipt names the same; the server's numbering of its list is believed only where a record says nothing.

import { decodeReceipt } from "../../format/receipt.ts";
import { decodeRecord, recordHash } from "../../format/record-header.ts";
import { decodeSigned } from "../../format/signed.ts";
import type { DeviceId } from "../../ids.ts";
import type { LoggedRecord } from "../../peer/answers.ts";
import { orNull } from "./record-check.ts";

/** A record under the number that it is read as. */
export interface OrderedRecord {
  readonly logged: LoggedRecord;
  /** The number under which the server listed it. */
  readonly listed: number;
  /** It stood behind a record with a higher number, or with the same. */
  readonly isDisplaced: boolean;
}

/** The records in ascending order of their numbers; signatures are left to whoever reads them. */
export function orderPage(records: readonly LoggedRecord[], device: DeviceId): OrderedRecord[] {
  const ordered: OrderedRecord[] = [];
  let highest = 0;
  for (const logged of records) {
    const number = ownNumber(logged, device) ?? logged.number;
    ordered.push({ logged: { ...logged, number }, listed: logged.number, isDisplaced: number <= highest });
    highest = Math.max(highest, number);
  }
  return ordered.sort((a, b) => a.logged.number - b.logged.number);
}

/** The number that the header and the receipt of a record of this device agree on, or null. */
function ownNumber({ record, receipt }: LoggedRecord, device: DeviceId): number | null {
  return orNull(() => {
    const { header } = decodeRecord(record);
    const claim = decodeReceipt(decodeSigned(receipt).payload);
    const agrees = header.device === device && claim.device === device && claim.number === header.number;
    return agrees && claim.recordHash === recordHash(record) ? header.number : null;
  });
}
