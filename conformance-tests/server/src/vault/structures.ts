// What a client makes of a vault: objects, rosters, envelopes, records, bases (docs/format.md 4 to 8). Rule: all that a server can
// look into is right unless a check asks otherwise; what only clients can open is random.

import { type KeyObject, randomBytes } from "node:crypto";
import { encodeItem, type Item } from "./cbor.ts";
import { exportKey, formatId, hash, hashId, idBytes, makeKey, signItem } from "./signatures.ts";

export const ZERO_ID: string = "0".repeat(64);

export type Device = {
  readonly id: string;
  readonly key: KeyObject;
  readonly publicKey: Uint8Array;
  readonly kemKey: Uint8Array;
};

export type Revocation = readonly [device: string, lastNumber: number, lastHash: string];

export type RecordParts = {
  readonly number: number;
  readonly previousHash: string;
  readonly envelope: Uint8Array;
  readonly epoch?: number;
  readonly blobs?: readonly string[];
  readonly referenceBlobs?: readonly string[];
  readonly device?: string;
  readonly vault?: string;
  readonly sealedBytes?: number;
};

/** What is drawn for a vault that the suite makes, and known of one that was there. */
export type VaultIdentity = {
  readonly login: string;
  readonly key: KeyObject;
  readonly kemKey: Uint8Array;
  readonly loginKey: Uint8Array;
  readonly salt16: Uint8Array;
};

/** The secrets of a vault with one device, and what is made with them. */
export class VaultKeys {
  readonly login: string;
  readonly key: KeyObject;
  readonly publicKey: Uint8Array;
  readonly kemKey: Uint8Array;
  readonly loginKey: Uint8Array;
  readonly recoveryLoginKey: Uint8Array = new Uint8Array(randomBytes(32));
  readonly salt16: Uint8Array;
  readonly device: Device = makeDevice();
  readonly id: string;

  constructor(identity: VaultIdentity = drawIdentity()) {
    this.login = identity.login;
    this.key = identity.key;
    this.publicKey = exportKey(this.key);
    this.kemKey = identity.kemKey;
    this.loginKey = identity.loginKey;
    this.salt16 = identity.salt16;
    this.id = hashId(this.publicKey, this.kemKey);
  }

  vaultObject(changes: Partial<VaultFields> = {}): Uint8Array {
    const fields = { number: 1, login: this.login, vault: this.id, kdf: [65_536, 3, 4], key: this.key, ...changes };
    return signItem(
      [
        1,
        idBytes(fields.vault),
        fields.number,
        fields.login,
        hash(this.loginKey),
        hash(this.recoveryLoginKey),
        [...fields.kdf],
        this.salt16,
        new Uint8Array(60),
        new Uint8Array(60),
        this.publicKey,
        this.kemKey,
        0,
      ],
      "vault-object",
      fields.key,
    );
  }

  roster(
    version = 1,
    devices: readonly Device[] = [this.device],
    revocations: readonly Revocation[] = [],
    vault: string = this.id,
  ): Uint8Array {
    const entries = [...devices]
      .sort((left, right) => (left.id < right.id ? -1 : 1))
      .map((device): Item => [this.certificate(device, vault), new Uint8Array(92)]);
    const revoked = revocations.map(([device, number, last]): Item => [idBytes(device), number, idBytes(last)]);
    return signItem([1, idBytes(vault), version, entries, revoked], "roster", this.key);
  }

  certificate(device: Device, vault: string = this.id): Uint8Array {
    const fields = [1, idBytes(vault), idBytes(device.id), device.publicKey, device.kemKey, 0];
    return signItem(fields, "certificate", this.key);
  }

  /** An envelope that says `statedNumber`; `filling` tells two apart. */
  envelope(number: number, device: Device = this.device, statedNumber: number = number, filling = number): Uint8Array {
    const enc = new Uint8Array(1120).fill(filling % 256);
    return signItem(
      [1, idBytes(this.id), idBytes(device.id), statedNumber, enc, new Uint8Array(60)],
      "epoch",
      device.key,
    );
  }

  record(parts: RecordParts): Uint8Array {
    const header = encodeItem([
      1,
      0,
      idBytes(parts.vault ?? this.id),
      idBytes(parts.device ?? this.device.id),
      parts.number,
      idBytes(parts.previousHash),
      parts.epoch ?? 1,
      hash(parts.envelope),
      new Uint8Array(16),
      (parts.blobs ?? []).toSorted().map(idBytes),
      (parts.referenceBlobs ?? []).toSorted().map(idBytes),
      null,
    ]);
    return join(header, randomBytes(parts.sealedBytes ?? 4_124));
  }

  /** A base with the vault's statement over it (P-60). */
  base(number: number, blobs: readonly string[], changes: BaseChanges = {}): Uint8Array {
    const ids = blobs.toSorted().map(idBytes);
    const header = encodeItem([1, changes.kind ?? 1, idBytes(this.id), number, this.envelope(1), ids, []]);
    const base = join(header, randomBytes(500));
    const statement: Item = [1, idBytes(this.id), changes.statedNumber ?? number, hash(base)];
    return encodeItem([signItem(statement, "base", changes.key ?? this.key), base]);
  }

  /** A device's answer to a challenge of the server with this key. */
  challengeAnswer(challenge: Uint8Array, serverKey: Uint8Array, device: Device = this.device): Uint8Array {
    return signItem([1, idBytes(this.id), idBytes(device.id), challenge, hash(serverKey)], "challenge", device.key);
  }

  secondFactorStatement(action: 0 | 1, timeMs: number, key: KeyObject = this.key): Uint8Array {
    return signItem([1, idBytes(this.id), action, timeMs], "second-factor", key);
  }
}

type BaseChanges = { readonly statedNumber?: number; readonly key?: KeyObject; readonly kind?: number };

type VaultFields = {
  readonly number: number;
  readonly login: string;
  readonly vault: string;
  readonly kdf: readonly number[];
  readonly key: KeyObject;
};

function drawIdentity(): VaultIdentity {
  return {
    login: `check-${randomBytes(8).toString("hex")}`,
    key: makeKey(),
    kemKey: new Uint8Array(randomBytes(1216)),
    loginKey: new Uint8Array(randomBytes(32)),
    salt16: new Uint8Array(randomBytes(16)),
  };
}

export function makeDevice(): Device {
  const key = makeKey();
  const publicKey = exportKey(key);
  return { id: formatId(hash(publicKey)), key, publicKey, kemKey: new Uint8Array(randomBytes(1216)) };
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
