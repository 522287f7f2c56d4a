// A small client of a vault: real keys, real structures, bodies that are random where a server cannot look. Rule: what it
// makes is valid unless a test asks otherwise.

import { createHash, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { encodeItem, type Item } from "../src/domain/cbor.ts";
import { formatId, hashId, type Id, idBytes, ZERO_ID } from "../src/domain/encodings.ts";
import { encodeSigned, exportPublicKey, type SignedKind } from "../src/domain/signed-bytes.ts";

export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
  readonly json: Json;
};
// Tests look into answers of many shapes; each reads what it expects.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Json = any;

export type Sending = {
  readonly token?: string | null;
  readonly json?: unknown;
  readonly body?: Uint8Array | string;
  readonly headers?: Record<string, string>;
};

export type Device = {
  readonly id: Id;
  readonly key: KeyObject;
  readonly publicKey: Uint8Array;
  readonly kemKey: Uint8Array;
};
export type RecordParts = {
  readonly number: number;
  readonly previousHash?: Id;
  readonly blobs?: readonly Id[];
  readonly referenceBlobs?: readonly Id[];
  readonly envelope: Uint8Array;
  readonly epoch?: number;
  readonly device?: Id;
  readonly vault?: Id;
  readonly body?: Uint8Array;
};

/** Sends one request and reads the whole answer. */
export async function send(url: string, method: string, path: string, sending: Sending = {}): Promise<Answer> {
  const { token = null, json, body, headers = {} } = sending;
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(json === undefined ? {} : { "content-type": "application/json" }),
      ...(body === undefined ? {} : { "content-type": "application/octet-stream" }),
      ...headers,
    },
    body: json === undefined ? ((body as string | undefined) ?? null) : JSON.stringify(json),
  });
  const bytes = new Uint8Array(await response.arrayBuffer());
  const type = response.headers.get("content-type") ?? "";
  const parsed = type.includes("json") && bytes.length > 0 ? JSON.parse(Buffer.from(bytes).toString("utf8")) : null;
  return { status: response.status, headers: response.headers, bytes, json: parsed };
}

/** A vault with one device, and the requests that most tests begin with. */
export class VaultClient {
  readonly url: string;
  readonly login: string;
  readonly kemKey = randomBytes(1216);
  readonly loginKey = randomBytes(32);
  readonly recoveryLoginKey = randomBytes(32);
  readonly device: Device = makeDevice();
  readonly key: KeyObject = makeKey();
  readonly vault: Id;
  token = "";
  fullToken = "";

  constructor(url: string, login = `u${randomBytes(6).toString("hex")}`) {
    this.url = url;
    this.login = login;
    this.vault = formatId(sha256(this.publicKey, this.kemKey));
  }

  get publicKey(): Uint8Array {
    return exportPublicKey(this.key);
  }

  sign(item: Item, kind: SignedKind): Uint8Array {
    return encodeSigned(item, kind, this.key);
  }

  vaultObject(number = 1, changes: { login?: string; memoryKiB?: number; vault?: Id } = {}): Uint8Array {
    const { login = this.login, memoryKiB = 65_536, vault = this.vault } = changes;
    return this.sign(
      [
        1,
        idBytes(vault),
        number,
        login,
        sha256(this.loginKey),
        sha256(this.recoveryLoginKey),
        [memoryKiB, 3, 4],
        new Uint8Array(16).fill(number),
        new Uint8Array(60),
        new Uint8Array(60),
        this.publicKey,
        this.kemKey,
        0,
      ],
      "vault-object",
    );
  }

  roster(
    version = 1,
    devices: readonly Device[] = [this.device],
    revocations: readonly [Id, number, Id][] = [],
  ): Uint8Array {
    const entries = [...devices]
      .sort((left, right) => (left.id < right.id ? -1 : 1))
      .map((device): Item => [this.certificate(device), new Uint8Array(92)]);
    const revoked = revocations.map(([device, number, hash]): Item => [idBytes(device), number, idBytes(hash)]);
    return this.sign([1, idBytes(this.vault), version, entries, revoked], "roster");
  }

  certificate(device: Device): Uint8Array {
    return this.sign([1, idBytes(this.vault), idBytes(device.id), device.publicKey, device.kemKey, 0], "certificate");
  }

  envelope(number = 1, device: Device = this.device): Uint8Array {
    const fields = [
      1,
      idBytes(this.vault),
      idBytes(device.id),
      number,
      new Uint8Array(1120).fill(number % 256),
      new Uint8Array(60),
    ];
    return encodeSigned(fields, "epoch", device.key);
  }

  record(parts: RecordParts): Uint8Array {
    const header = encodeItem([
      1,
      0,
      idBytes(parts.vault ?? this.vault),
      idBytes(parts.device ?? this.device.id),
      parts.number,
      idBytes(parts.previousHash ?? ZERO_ID),
      parts.epoch ?? 1,
      sha256(parts.envelope),
      new Uint8Array(16),
      (parts.blobs ?? []).map(idBytes),
      (parts.referenceBlobs ?? []).map(idBytes),
      null,
    ]);
    return new Uint8Array(Buffer.concat([header, parts.body ?? randomBytes(4_124)]));
  }

  /** A base and the vault's statement over it (P-60). */
  base(number: number, blobs: readonly Id[], statedNumber = number): Uint8Array {
    const header = encodeItem([1, 1, idBytes(this.vault), number, this.envelope(), blobs.map(idBytes), []]);
    const base = new Uint8Array(Buffer.concat([header, randomBytes(500)]));
    return encodeItem([this.sign([1, idBytes(this.vault), statedNumber, sha256(base)], "base"), base]);
  }

  statement(action: number, timeMs: number): string {
    return base64(this.sign([1, idBytes(this.vault), action, timeMs], "second-factor"));
  }

  send(method: string, path: string, sending: Sending = {}): Promise<Answer> {
    return send(this.url, method, path, { token: this.token, ...sending });
  }

  createAccount(extra: Record<string, unknown> = {}): Promise<Answer> {
    const json = {
      login: this.login,
      vaultObject: base64(this.vaultObject()),
      roster: base64(this.roster()),
      ...extra,
    };
    return this.send("POST", "/v1/accounts", { token: null, json });
  }

  logIn(extra: Record<string, unknown> = {}): Promise<Answer> {
    const json = { login: this.login, loginKey: base64(this.loginKey), ...extra };
    return this.send("POST", "/v1/sessions", { token: null, json });
  }

  async askToken(device: Device = this.device): Promise<Answer> {
    const ids = { vault: this.vault, device: device.id };
    const { json } = await this.send("POST", "/v1/challenges", { token: null, json: ids });
    const answer = await this.answer(json.challenge, device);
    return this.send("POST", "/v1/tokens", { token: null, json: { ...ids, answer } });
  }

  async answer(challenge: string, device: Device = this.device): Promise<string> {
    const { json } = await this.send("GET", "/.well-known/coffre", { token: null });
    const serverKeyHash = sha256(Buffer.from(json.serverKey, "base64"));
    const nonce = new Uint8Array(Buffer.from(challenge, "base64"));
    return base64(
      encodeSigned([1, idBytes(this.vault), idBytes(device.id), nonce, serverKeyHash], "challenge", device.key),
    );
  }

  putBlob(bytes: Uint8Array, id: Id = hashId(bytes)): Promise<Answer> {
    return this.send("PUT", `/v1/blobs/${id}`, { body: bytes });
  }

  putEnvelope(bytes: Uint8Array, number = 1): Promise<Answer> {
    return this.send("PUT", `/v1/devices/${this.device.id}/epochs/${number}`, { body: bytes });
  }

  putRecord(bytes: Uint8Array, number: number, device: Id = this.device.id): Promise<Answer> {
    return this.send("PUT", `/v1/devices/${device}/records/${number}`, { body: bytes });
  }

  /** Makes the account and gets both kinds of token. */
  async begin(): Promise<this> {
    expectStatus(await this.createAccount(), 201);
    this.fullToken = expectStatus(await this.logIn(), 201).json.token;
    this.token = expectStatus(await this.askToken(), 201).json.token;
    return this;
  }
}

/** A vault with its account and tokens. */
export function beginVault(url: string): Promise<VaultClient> {
  return new VaultClient(url).begin();
}

export function makeDevice(): Device {
  const key = makeKey();
  const publicKey = exportPublicKey(key);
  return { id: formatId(sha256(publicKey)), key, publicKey, kemKey: randomBytes(1216) };
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

export function sha256(...parts: Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

/** The short name of a problem. */
export function problemOf(answer: Answer): string {
  return String(answer.json?.type ?? `no problem but ${answer.status}`).replace("urn:coffre:problem:", "");
}

export function expectStatus(answer: Answer, status: number): Answer {
  if (answer.status !== status)
    throw new Error(`expected ${status}, got ${answer.status} ${JSON.stringify(answer.json)}`);
  return answer;
}

function makeKey(): KeyObject {
  return generateKeyPairSync("ed25519").privateKey;
}
