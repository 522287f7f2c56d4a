// A server of docs/protocol.md in memory. Rule: written from that page alone, without anything of `server/`, so that
// engine and server meet their contract here a second time; it acts at once, and time is the virtual clock's.

import type { KeyObject } from "node:crypto";
import {
  deleteSession,
  getVault,
  postAccount,
  postChallenge,
  postKdf,
  postSession,
  postToken,
  putRoster,
  putVault,
} from "./account-requests.ts";
import { getBase, getBlob, postAudits, postMissing, putBase, putBlob } from "./blob-requests.ts";
import { toBase64, toHex } from "./border-text.ts";
import { getEpoch, getHead, listEpochs, listRecords, putEpoch, putRecord } from "./device-requests.ts";
import { type HttpRequest, type HttpResponse, jsonResponse, type VirtualServer } from "./http-exchange.ts";
import { SeededRandom } from "./seeded-random.ts";
import {
  type Call,
  type OpenCall,
  parseCall,
  parseId,
  parseNumber,
  type ServerPowers,
  type Session,
} from "./server-call.ts";
import { Problem, type ProblemCode, problemResponse } from "./server-problem.ts";
import { type Account, cloneState, type DurableState } from "./server-state.ts";
import { makeSigningKey, sha256 } from "./server-structures.ts";
import type { VirtualClock } from "./virtual-clock.ts";

interface Challenge {
  readonly vault: string;
  readonly device: string;
  readonly nonce: string;
  readonly expiresAtMs: number;
}

export class MemoryServer implements VirtualServer, ServerPowers {
  /** What survives a restart; `snapshot` copies it, `restore` puts a copy in its place. */
  state: DurableState = { accounts: new Map(), invitations: new Set() };
  registration: "open" | "invitation" | "closed" = "open";
  readonly limits: { blobBytes: number; recordBytes: number; idsPerQuery: number; idsPerRecord: number } = {
    blobBytes: 8_388_608,
    recordBytes: 524_288,
    idsPerQuery: 1_000,
    idsPerRecord: 2_097_152,
  };
  /** Bytes that one account may store. */
  quotaBytes: number = Number.POSITIVE_INFINITY;
  /** The disk is full: everything that would store bytes is 507. */
  full = false;
  /** How far the server's clock is before the virtual one. */
  skewMs = 0;
  /** Refuses a request before it is looked at, as an overloaded server does. */
  refuse: (request: HttpRequest) => { readonly code: ProblemCode; readonly retryAfterS?: number } | null = () => null;
  readonly privateKey: KeyObject;
  /** The key that signs receipts, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly falseKdfKey: Uint8Array;
  readonly #clock: VirtualClock;
  readonly #random: SeededRandom;
  readonly #sessions = new Map<string, Session>();
  #challenges: Challenge[] = [];

  constructor(clock: VirtualClock, seed = 1) {
    this.#clock = clock;
    this.#random = new SeededRandom(seed, "server");
    const { privateKey, publicKey } = makeSigningKey(this.#random.bytes(32));
    this.privateKey = privateKey;
    this.publicKey = publicKey;
    this.falseKdfKey = this.#random.bytes(32);
  }

  get nowMs(): number {
    return this.#clock.nowMs + this.skewMs;
  }

  /** What `--pin` would take: the virtual link compares it and nothing else. */
  get pin(): string {
    return toHex(sha256(this.publicKey));
  }

  /** The durable state as a backup of the server would hold it. */
  snapshot(): DurableState {
    return cloneState(this.state);
  }

  /** Starts again from a snapshot; challenges are forgotten, tokens are not (they are signed). */
  restore(snapshot: DurableState): void {
    this.state = cloneState(snapshot);
    this.restart();
  }

  restart(): void {
    this.#challenges = [];
  }

  /** Every token is refused from now on, as after new token keys. */
  forgetTokens(): void {
    this.#sessions.clear();
  }

  accountOf(login: string): Account | null {
    for (const account of this.state.accounts.values()) if (account.object.login === login) return account;
    return null;
  }

  makeToken(session: Session): string {
    const token = toBase64(this.#random.bytes(24));
    this.#sessions.set(token, session);
    return token;
  }

  forgetToken(token: string): void {
    this.#sessions.delete(token);
  }

  makeChallenge(vault: string, device: string, expiresAtMs: number): Uint8Array {
    const nonce = this.#random.bytes(32);
    this.#challenges.push({ vault, device, nonce: toHex(nonce), expiresAtMs });
    return nonce;
  }

  /** The open challenges of a device, which are used up by this. */
  takeChallenges(vault: string, device: string): readonly string[] {
    const mine = this.#challenges.filter((challenge) => challenge.vault === vault && challenge.device === device);
    this.#challenges = this.#challenges.filter((challenge) => !mine.includes(challenge));
    return mine.filter(({ expiresAtMs }) => expiresAtMs > this.nowMs).map(({ nonce }) => nonce);
  }

  /** Reserves space for bytes, or throws 507. */
  takeSpace(account: Account, bytes: number): void {
    if (this.full) throw new Problem("storage-full");
    if (this.quotaBytes === Number.POSITIVE_INFINITY) return;
    let used = 0;
    for (const blob of account.blobs.values()) used += blob.bytes.length;
    if (used + bytes > this.quotaBytes) throw new Problem("quota-exceeded");
  }

  handle(request: HttpRequest): HttpResponse {
    try {
      const refusal = this.refuse(request);
      if (refusal !== null) return problemResponse(refusal.code, {}, refusal.retryAfterS);
      return this.#route(parseCall(request));
    } catch (error) {
      if (error instanceof Problem) return problemResponse(error.code, error.fields);
      throw error;
    }
  }

  #route(call: Call): HttpResponse {
    const { method, path } = call.request;
    if (method === "GET" && path === "/.well-known/coffre") return this.#discovery();
    if (!path.startsWith("/v1/")) throw new Problem("not-found");
    const [area, id, part, number] = call.segments;
    switch (`${method} ${area}`) {
      case "POST accounts":
        return postAccount(this, call);
      case "POST kdf":
        return postKdf(this, call);
      case "POST sessions":
        return postSession(this, call);
      case "POST challenges":
        return postChallenge(this, call);
      case "POST tokens":
        return postToken(this, call);
    }
    const open = this.#authorize(call);
    switch (`${method} ${area}`) {
      case "DELETE sessions":
        return deleteSession(this, open);
      case "GET vault":
        return getVault(this, open);
      case "PUT vault":
        return putVault(this, open);
      case "PUT roster":
        return putRoster(this, open);
      case "PUT blobs":
        return putBlob(this, open, id);
      case "POST blobs":
        if (id === "missing") return postMissing(this, open);
        break;
      case "POST audits":
        return postAudits(this, open);
      case "GET blobs":
      case "HEAD blobs":
        return getBlob(this, open, id);
      case "PUT bases":
        return putBase(this, open, parseNumber(id));
      case "GET bases":
        return getBase(this, open, parseNumber(id));
    }
    if (area !== "devices") throw new Problem("not-found");
    const device = parseId(id);
    switch (`${method} ${part}`) {
      case "GET head":
        return getHead(this, open, device);
      case "PUT epochs":
        return putEpoch(this, open, device, number);
      case "GET epochs":
        return number === undefined ? listEpochs(this, open, device) : getEpoch(this, open, device, number);
      case "PUT records":
        return putRecord(this, open, device, number);
      case "GET records":
        return listRecords(this, open, device);
    }
    throw new Problem("not-found");
  }

  #authorize(call: Call): OpenCall {
    const session = this.#sessions.get(call.request.bearer ?? "");
    const account = session === undefined ? undefined : this.state.accounts.get(session.vault);
    if (session === undefined || account === undefined || session.expiresAtMs <= this.nowMs) {
      throw new Problem("unauthorized");
    }
    if (session.device !== null) {
      const { devices, revocations } = account.roster;
      if (revocations.has(session.device)) throw new Problem("device-revoked");
      if (!devices.has(session.device)) throw new Problem("unauthorized");
    }
    return { ...call, session, account };
  }

  #discovery(): HttpResponse {
    return jsonResponse(200, {
      protocols: ["1"],
      software: "scripted-host",
      features: ["bases", "audits"],
      registration: this.registration,
      serverKey: toBase64(this.publicKey),
      limits: this.limits,
      time: new Date(this.nowMs).toISOString(),
    });
  }
}
