// How much an account and each of its devices may store (P-80). Rule: what a body will take is reserved before it is
// read, in one synchronous step after the reads, so that two uploads never share the same room.

import type { Ballast } from "./ballast.ts";
import type { Database } from "./database.ts";
import type { Id } from "./encodings.ts";
import type { Terms } from "./instance.ts";
import { Refusal } from "./refusal.ts";

/** Room that is held until `release`. */
export type Reservation = { release(): void };

/** Eight blobs: as many as a client sends at once, and no more than a temporary folder can bear. */
const MAX_AGAIN_BYTES = 67_108_864;
const AGAIN_RETRY_S = 2;

/**
 * What only the owner can store, rosters and vault objects, may go so far above the quota: whoever fills it with a stolen
 * token must not keep the owner from revoking it. 20 of the largest rosters.
 */
const OWNERS_BYTES = 8_388_608;

const NOTHING: Reservation = { release: () => undefined };

export class Quotas {
  readonly #database: Database;
  readonly #terms: Terms;
  readonly #ballast: Ballast;
  /** Bytes of bodies that are being read, by vault and by vault and device. */
  readonly #reserved = new Map<string, number>();

  constructor(database: Database, terms: Terms, ballast: Ballast) {
    this.#database = database;
    this.#terms = terms;
    this.#ballast = ballast;
  }

  /**
   * Reserves room; Refusal `quota-exceeded` when the account's or the device's share does not hold it, StorageFull while the
   * disk's last room is kept for removing.
   */
  reserve(vault: Id, device: Id | null, sizeBytes: number): Promise<Reservation> {
    return this.#reserve(vault, device, sizeBytes, 0);
  }

  /** Refuses as `reserve` does, for what only the owner can store and what is counted under the account's lock. */
  async checkOwners(vault: Id, sizeBytes: number): Promise<void> {
    (await this.#reserve(vault, null, sizeBytes, OWNERS_BYTES)).release();
  }

  async #reserve(vault: Id, device: Id | null, sizeBytes: number, aboveBytes: number): Promise<Reservation> {
    await this.#ballast.requireThere();
    if (sizeBytes === 0) return NOTHING;
    const [row] = await this.#database.read<{
      quota_bytes: number | null;
      used_bytes: number;
      device_bytes: number | null;
    }>(
      `SELECT quota_bytes, used_bytes,
          (SELECT d.used_bytes FROM devices d WHERE d.vault = v.vault AND d.device = $2) AS device_bytes
        FROM vaults v WHERE v.vault = $1`,
      [vault, device],
    );
    const quotaBytes = row?.quota_bytes ?? this.#terms.quotaBytes;
    const deviceKey = `${vault}/${device}`;
    if (row !== undefined && quotaBytes !== null) {
      const shareBytes = Math.floor(quotaBytes * this.#terms.deviceShare);
      const isOver =
        row.used_bytes + this.#read(vault) + sizeBytes > quotaBytes + aboveBytes ||
        (device !== null && (row.device_bytes ?? 0) + this.#read(deviceKey) + sizeBytes > shareBytes);
      if (isOver)
        throw new Refusal("quota-exceeded", "the share of the account or the device is used up", { quotaBytes });
    }
    this.#add(vault, sizeBytes);
    this.#add(deviceKey, sizeBytes);
    let isHeld = true;
    return {
      release: () => {
        if (!isHeld) return;
        isHeld = false;
        this.#add(vault, -sizeBytes);
        this.#add(deviceKey, -sizeBytes);
      },
    };
  }

  /** Room for a body that comes again, which counts for no quota; Refusal `too-many-requests` for too many at once. */
  holdAgain(vault: Id, sizeBytes: number): Reservation {
    const key = `${vault}/again`;
    if (this.#read(key) + sizeBytes > MAX_AGAIN_BYTES) {
      throw new Refusal("too-many-requests", "too many known blobs are sent again at once", {}, AGAIN_RETRY_S);
    }
    this.#add(key, sizeBytes);
    return { release: () => this.#add(key, -sizeBytes) };
  }

  /** Bytes that are reserved now, for all accounts. */
  get reservedBytes(): number {
    let total = 0;
    for (const [key, bytes] of this.#reserved) if (!key.includes("/")) total += bytes;
    return total;
  }

  #read(key: string): number {
    return this.#reserved.get(key) ?? 0;
  }

  #add(key: string, sizeBytes: number): void {
    const total = this.#read(key) + sizeBytes;
    if (total === 0) this.#reserved.delete(key);
    else this.#reserved.set(key, total);
  }
}
