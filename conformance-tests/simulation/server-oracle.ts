// What the server's durable state says of a device's files, read without the engine and without keys: sealed bytes are
// looked up among everything that was ever sealed. Rule: a version counts only when each of its bytes lies there.

import type { Entry, FileEntry } from "../../engine/src/format/entries.ts";
import { formatPath } from "../../engine/src/format/path.ts";
import { decodeRecordBody, type RecordBody } from "../../engine/src/format/record-body.ts";
import { decodeRecord, headerHash } from "../../engine/src/format/record-header.ts";
import type { Account, DeviceLog, StoredRecord } from "../scripted-host/server-state.ts";
import { Broken } from "./broken.ts";
import { isExcluded } from "./excluded.ts";
import { nameContent, type TreeHistory } from "./history.ts";
import type { SealedLog } from "./sealed-log.ts";

/** The newest that a log says of a path. */
export interface Known {
  readonly entry: Exclude<Entry, { kind: "moved" | "checkpoint" | "in-progress" }>;
  readonly body: RecordBody;
}

interface ReadRecord {
  /** In their order: a path may be called gone and be there again. */
  readonly known: readonly (readonly [path: string, known: Known])[];
}

export class ServerOracle {
  readonly #sealed: SealedLog;
  readonly #history: TreeHistory;
  readonly #read = new Map<StoredRecord, ReadRecord>();

  constructor(sealed: SealedLog, history: TreeHistory) {
    this.#sealed = sealed;
    this.#history = history;
  }

  /** Path (`root/path`) → what the log of `device` says last. Looks at each new record as at a promise. */
  latest(account: Account, device: string): ReadonlyMap<string, Known> {
    const log = account.devices.get(device);
    const latest = new Map<string, Known>();
    if (log === undefined) return latest;
    for (const record of log.records) {
      for (const [path, known] of this.#readRecord(account, log, record).known) {
        if (known.entry.kind !== "folder") dropBelow(latest, path);
        latest.set(path, known);
      }
    }
    return latest;
  }

  /** Looks at all records that were not seen before. */
  readAll(accounts: Iterable<Account>): void {
    for (const account of accounts) {
      for (const log of account.devices.values()) {
        for (let at = log.records.length - 1; at >= 0; at--) {
          const record = log.records[at] as StoredRecord;
          if (this.#read.has(record)) break;
          this.#readRecord(account, log, record);
        }
      }
    }
  }

  /** Whether the server has each byte of a version now. */
  isWhole(account: Account, known: Known): boolean {
    const { entry } = known;
    return entry.kind !== "file" || this.#contentOf(account, entry, known.body) !== null;
  }

  #readRecord(account: Account, log: DeviceLog, record: StoredRecord): ReadRecord {
    const before = this.#read.get(record);
    if (before !== undefined) return before;
    const { header, headerBytes, sealedBody } = decodeRecord(record.bytes);
    const opened = this.#sealed.find(sealedBody);
    if (opened === null || opened.context !== `coffre/1/record/${headerHash(headerBytes)}`) {
      throw new Broken("restorable", `record ${header.number} has a body that nobody sealed for it`);
    }
    if (!log.envelopes.has(header.epoch)) throw new Broken("restorable", `epoch ${header.epoch} has no envelope`);
    const body = decodeRecordBody(opened.bytes);
    const known: [string, Known][] = [];
    for (const entry of body.entries) {
      if (entry.kind === "moved" || entry.kind === "checkpoint" || entry.kind === "in-progress") continue;
      const path = formatPath([body.roots[entry.root] ?? "", ...entry.path]);
      known.push([path, { entry, body }]);
      this.#checkNew(account, path, entry, body);
    }
    const read = { known };
    this.#read.set(record, read);
    return read;
  }

  /** A record was just accepted: what it says must have been so. */
  #checkNew(account: Account, path: string, entry: Known["entry"], body: RecordBody): void {
    const below = path.slice(path.indexOf("/") + 1);
    if (entry.kind === "gone" && !this.#history.wasAbsent(below)) {
      throw new Broken("absence", "a path was recorded as gone that was never away");
    }
    if (entry.kind !== "gone" && isExcluded(below)) throw new Broken("named", "an excluded path was recorded");
    if (entry.kind !== "file") return;
    const name = this.#contentOf(account, entry, body);
    if (name === null) throw new Broken("restorable", "a record names bytes that the server does not have");
    if (!this.#history.hadContent(below, name)) {
      throw new Broken("one-version", `a version of ${entry.sizeBytes} bytes was recorded that never existed`);
    }
  }

  /** The name of a version's content, or null when a byte of it is not there. */
  #contentOf(account: Account, entry: FileEntry, { blobs, sources }: RecordBody): string | null {
    if (entry.chunks.kind !== "inline") throw new Error("stories have no files above a thousand chunks");
    const pieces: Uint8Array[] = [];
    for (const ref of entry.chunks.refs) {
      const blob = account.blobs.get(blobs[ref.blob] ?? "");
      if (blob === undefined || blob.damaged) return null;
      // Without the envelope nobody finds the key again, however whole the bytes are.
      const source = sources[ref.source];
      if (source === undefined || account.devices.get(source.device)?.envelopes.has(source.epoch) !== true) return null;
      const piece = this.#sealed.find(blob.bytes.subarray(ref.offsetBytes, ref.offsetBytes + ref.sealedBytes));
      if (piece === null || piece.context !== `coffre/1/chunk/${ref.id}`) return null;
      pieces.push(piece.bytes);
    }
    const bytes = pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces);
    return bytes.length === entry.sizeBytes ? nameContent(bytes) : null;
  }
}

function dropBelow(latest: Map<string, Known>, path: string): void {
  for (const other of latest.keys()) if (other.startsWith(`${path}/`)) latest.delete(other);
}
