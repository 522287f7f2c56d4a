// A vault written by hand from docs/format.md, for tests of the in-memory server. Rule: nothing of the engine is used;
// what is sealed is noise, since a server cannot tell.

import { encode } from "cborg";
import { toBase64, toHex } from "../../scripted-host/border-text.ts";
import type { HttpRequest, HttpResponse } from "../../scripted-host/http-exchange.ts";
import type { MemoryServer } from "../../scripted-host/memory-server.ts";
import { SeededRandom } from "../../scripted-host/seeded-random.ts";
import { makeSigningKey, sha256, signStructure } from "../../scripted-host/server-structures.ts";

export interface Answer {
  readonly status: number;
  readonly json: {
    readonly type?: string;
    readonly vault?: string;
    readonly token?: string;
    readonly challenge?: string;
    readonly receipt?: string;
    readonly missing?: readonly string[];
    readonly envelope?: boolean;
    readonly head?: { readonly number: number };
    readonly number?: number;
    readonly records?: readonly { readonly number: number; readonly record: string }[];
    readonly next?: number | null;
    readonly salt16?: string;
    readonly tag?: string;
    readonly tail?: { readonly records: readonly unknown[]; readonly next: number | null } | null;
    readonly heads?: readonly { readonly number: number }[];
  };
}

export class PaperVault {
  readonly #server: MemoryServer;
  readonly #random: SeededRandom;
  readonly #signing;
  readonly #device;
  readonly #kemKey: Uint8Array;
  readonly loginKey: Uint8Array;
  readonly vault: Uint8Array;
  readonly device: string;
  readonly login: string;
  envelopeHash: Uint8Array = new Uint8Array(32);
  previousHash: Uint8Array = new Uint8Array(32);

  constructor(server: MemoryServer, seed = 1, login = "ada") {
    this.#server = server;
    this.#random = new SeededRandom(seed, "paper");
    this.#signing = makeSigningKey(this.#random.bytes(32));
    this.#device = makeSigningKey(this.#random.bytes(32));
    this.#kemKey = this.#random.bytes(1_216);
    this.loginKey = this.#random.bytes(32);
    this.login = login;
    this.vault = sha256(this.#signing.publicKey, this.#kemKey);
    this.device = toHex(sha256(this.#device.publicKey));
  }

  vaultObject(number = 1): Uint8Array {
    const noise = (length: number): Uint8Array => new Uint8Array(length).fill(number);
    const { publicKey, privateKey } = this.#signing;
    const hashes = [sha256(this.loginKey), noise(32)];
    const fields = [1, this.vault, number, this.login, ...hashes, [65_536, 3, 4], noise(16), noise(60), noise(60)];
    return signStructure(privateKey, "vault-object", [...fields, publicKey, this.#kemKey, 0]);
  }

  roster(version = 1, revocations: readonly unknown[] = []): Uint8Array {
    const id = sha256(this.#device.publicKey);
    const fields = [1, this.vault, id, this.#device.publicKey, new Uint8Array(1_216), 0];
    const certificate = signStructure(this.#signing.privateKey, "certificate", fields);
    const devices = [[certificate, new Uint8Array(92)]];
    return signStructure(this.#signing.privateKey, "roster", [1, this.vault, version, devices, revocations]);
  }

  createAccount(invitation?: string): Answer {
    const json = { login: this.login, vaultObject: toBase64(this.vaultObject()), roster: toBase64(this.roster()) };
    return this.ask("POST", "/v1/accounts", { ...json, ...(invitation === undefined ? {} : { invitation }) });
  }

  openSession(loginKey: Uint8Array = this.loginKey): Answer {
    return this.ask("POST", "/v1/sessions", { login: this.login, loginKey: toBase64(loginKey) });
  }

  openDevice(): Answer {
    const vault = toHex(this.vault);
    const { challenge = "" } = this.ask("POST", "/v1/challenges", { vault, device: this.device }).json;
    const nonce = Buffer.from(challenge, "base64");
    const fields = [1, this.vault, Buffer.from(this.device, "hex"), nonce, sha256(this.#server.publicKey)];
    const answer = toBase64(signStructure(this.#device.privateKey, "challenge", fields));
    return this.ask("POST", "/v1/tokens", { vault, device: this.device, answer });
  }

  putEpoch(token: string, number = 1): Answer {
    const fields = [1, this.vault, Buffer.from(this.device, "hex"), number, new Uint8Array(1_120), new Uint8Array(60)];
    const envelope = signStructure(this.#device.privateKey, "epoch", fields);
    this.envelopeHash = sha256(envelope);
    return this.ask("PUT", `/v1/devices/${this.device}/epochs/${number}`, envelope, token);
  }

  record(number: number, blobs: readonly string[] = [], references: readonly string[] = []): Uint8Array {
    const bytesOf = (ids: readonly string[]): Uint8Array[] => [...ids].sort().map((id) => Buffer.from(id, "hex"));
    const place = [1, 0, this.vault, Buffer.from(this.device, "hex"), number, this.previousHash, 1, this.envelopeHash];
    const header = encode([...place, new Uint8Array(16), bytesOf(blobs), bytesOf(references), null]);
    return Buffer.concat([header, new Uint8Array(4_124)]);
  }

  putRecord(token: string, number: number, record: Uint8Array): Answer {
    const answer = this.ask("PUT", `/v1/devices/${this.device}/records/${number}`, record, token);
    if (answer.status === 201) this.previousHash = sha256(record);
    return answer;
  }

  putBlob(token: string, bytes: Uint8Array, id: string = toHex(sha256(bytes))): Answer {
    return this.ask("PUT", `/v1/blobs/${id}`, bytes, token);
  }

  ask(method: HttpRequest["method"], path: string, body: object | Uint8Array | null = null, bearer?: string): Answer {
    const bytes = body === null || body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body));
    const response: HttpResponse = this.#server.handle({
      method,
      path,
      bearer: bearer ?? null,
      range: null,
      body: bytes,
    });
    const isJson = response.headers["content-type"]?.endsWith("json") ?? false;
    return { status: response.status, json: isJson ? JSON.parse(Buffer.from(response.body).toString()) : {} };
  }
}
