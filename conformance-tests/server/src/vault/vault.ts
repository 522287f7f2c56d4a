// A vault on the server: its requests, with its tokens. Rule: keys and tokens are shared by those who use the vault, the client
// is the check's own.

import { randomBytes } from "node:crypto";
import { expectStatus, need } from "../expectations.ts";
import type { Client, Sending } from "../wire/client.ts";
import type { Answer } from "../wire/exchange.ts";
import { base64, hashId } from "./signatures.ts";
import type { Device, VaultKeys } from "./structures.ts";

export type VaultState = {
  readonly keys: VaultKeys;
  readonly invitation: string | null;
  /** Of scope `append`, for the vault's first device. */
  token: string;
  /** Of scope `full`. */
  fullToken: string;
};

/** A record that was taken. */
export type Appended = {
  readonly number: number;
  readonly hash: string;
  readonly bytes: Uint8Array;
  readonly receipt: Uint8Array;
};

export class Vault {
  readonly client: Client;
  readonly state: VaultState;
  readonly serverKey: Uint8Array;

  constructor(client: Client, state: VaultState, serverKey: Uint8Array) {
    this.client = client;
    this.state = state;
    this.serverKey = serverKey;
  }

  get keys(): VaultKeys {
    return this.state.keys;
  }

  get device(): Device {
    return this.keys.device;
  }

  /** A request with the device's token (scope `append`). */
  send(method: string, path: string, sending: Sending = {}): Promise<Answer> {
    return this.client.send(method, path, { token: this.state.token, ...sending });
  }

  /** A request with the owner's token (scope `full`). */
  sendAsOwner(method: string, path: string, sending: Sending = {}): Promise<Answer> {
    return this.client.send(method, path, { token: this.state.fullToken, ...sending });
  }

  createAccount(changes: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
    const { keys, invitation } = this.state;
    const json = {
      login: keys.login,
      vaultObject: base64(keys.vaultObject()),
      roster: base64(keys.roster()),
      ...(invitation === null ? {} : { invitation }),
      ...changes,
    };
    return this.client.send("POST", "/v1/accounts", { json });
  }

  logIn(changes: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
    const json = { login: this.keys.login, loginKey: base64(this.keys.loginKey), ...changes };
    return this.client.send("POST", "/v1/sessions", { json });
  }

  async drawChallenge(device: string = this.device.id, vault: string = this.keys.id): Promise<Uint8Array> {
    const answer = await this.client.send("POST", "/v1/challenges", { json: { vault, device } });
    return need("a challenge", answer, 201).bytes("challenge", 32);
  }

  answerChallenge(answer: Uint8Array, device: string = this.device.id): Promise<Answer> {
    const json = { vault: this.keys.id, device, answer: base64(answer) };
    return this.client.send("POST", "/v1/tokens", { json });
  }

  /** Asks for a device's token of scope `append`. */
  async askToken(device: Device = this.device): Promise<Answer> {
    const challenge = await this.drawChallenge(device.id);
    return this.answerChallenge(this.keys.challengeAnswer(challenge, this.serverKey, device), device.id);
  }

  /** Makes the account, gets both tokens and stores the envelope of epoch 1. */
  async begin(): Promise<void> {
    expectStatus(await this.createAccount(), 201);
    this.state.fullToken = expectStatus(await this.logIn(), 201).text("token");
    await this.openDevice();
  }

  /** Gets the device's token and stores the envelope of its epoch 1. */
  async openDevice(): Promise<void> {
    this.state.token = expectStatus(await this.askToken(), 201).text("token");
    expectStatus(await this.putEnvelope(1), 201);
  }

  putBlob(bytes: Uint8Array, id: string = hashId(bytes), sending: Sending = {}): Promise<Answer> {
    return this.send("PUT", `/v1/blobs/${id}`, { body: bytes, ...sending });
  }

  /** Stores random bytes, which the check needs and is not about. */
  async needBlob(sizeBytes = 1_024): Promise<{ readonly id: string; readonly bytes: Uint8Array }> {
    const bytes = new Uint8Array(randomBytes(sizeBytes));
    need("storing a blob", await this.putBlob(bytes), 201);
    return { id: hashId(bytes), bytes };
  }

  getBlob(id: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.sendAsOwner("GET", `/v1/blobs/${id}`, { headers });
  }

  askMissing(ids: readonly string[]): Promise<Answer> {
    return this.send("POST", "/v1/blobs/missing", { json: { ids } });
  }

  putEnvelope(number: number, bytes: Uint8Array = this.keys.envelope(number)): Promise<Answer> {
    return this.send("PUT", `${this.logPath()}/epochs/${number}`, { body: bytes });
  }

  readHead(): Promise<Answer> {
    return this.send("GET", `${this.logPath()}/head`);
  }

  putRecord(number: number, bytes: Uint8Array, sending: Sending = {}): Promise<Answer> {
    return this.send("PUT", `${this.logPath()}/records/${number}`, { body: bytes, ...sending });
  }

  /** Number and hash of the newest record, which the check needs and is not about. */
  async needHead(): Promise<{ readonly number: number; readonly hash: string }> {
    const head = need("the head", await this.readHead(), 200);
    return { number: head.integer("number"), hash: head.text("hash") };
  }

  /** The next record's bytes, not sent yet. */
  async makeNext(
    parts: Partial<Parameters<VaultKeys["record"]>[0]> = {},
  ): Promise<{ number: number; bytes: Uint8Array }> {
    const head = await this.needHead();
    const next = { number: head.number + 1, previousHash: head.hash, envelope: this.keys.envelope(1), ...parts };
    return { number: next.number, bytes: this.keys.record(next) };
  }

  /** Appends a record that names `blobs`, which the check needs and is not about. */
  async needRecord(blobs: readonly string[] = [], sealedBytes = 4_124): Promise<Appended> {
    const { number, bytes } = await this.makeNext({ blobs, sealedBytes });
    const answer = need("appending a record", await this.putRecord(number, bytes), 201);
    return { number, hash: hashId(bytes), bytes, receipt: answer.bytes("receipt") };
  }

  putRoster(roster: Uint8Array): Promise<Answer> {
    return this.sendAsOwner("PUT", "/v1/roster", { json: { roster: base64(roster) } });
  }

  putVault(vaultObject: Uint8Array, previousTag: string): Promise<Answer> {
    return this.sendAsOwner("PUT", "/v1/vault", { json: { vaultObject: base64(vaultObject), previousTag } });
  }

  /** The path of the device's log. */
  logPath(device: string = this.device.id): string {
    return `/v1/devices/${device}`;
  }
}
