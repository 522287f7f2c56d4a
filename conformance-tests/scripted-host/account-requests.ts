// Requests about accounts, sessions, the vault object, the roster and tokens (docs/protocol.md 3 and 4). Rule: one answer
// for everything that could tell a stranger who is known here.

import { toBase64, toHex } from "./border-text.ts";
import { damagedOf, headOf, PAGE_BYTES, pageOfRecords, type RecordRow, wholeEnvelope } from "./device-requests.ts";
import { type HttpResponse, jsonResponse } from "./http-exchange.ts";
import {
  bytesField,
  type Call,
  idField,
  type JsonObject,
  type OpenCall,
  readJson,
  requireFull,
  type ServerPowers,
  textField,
} from "./server-call.ts";
import { Problem } from "./server-problem.ts";
import type { Account } from "./server-state.ts";
import { isChallengeAnswer, readRoster, readVaultObject, sha256 } from "./server-structures.ts";

const FULL_MS = 60 * 60_000;
const APPEND_MS = 15 * 60_000;
const CHALLENGE_MS = 5 * 60_000;

/** `POST /v1/accounts` (P-20). */
export function postAccount(server: ServerPowers, call: Call): HttpResponse {
  const json: { readonly invitation?: unknown } & JsonObject = readJson(call);
  const objectBytes = bytesField(json, "vaultObject");
  const rosterBytes = bytesField(json, "roster");
  const object = readVaultObject(objectBytes);
  if (object === null || object.number !== 1 || object.login !== textField(json, "login"))
    throw new Problem("malformed");
  const roster = readRoster(rosterBytes, object.vault, object.signingKey);
  if (roster === null || roster.version !== 1) throw new Problem("malformed");
  const known = server.state.accounts.get(object.vault);
  if (known !== undefined) {
    const equal =
      Buffer.compare(known.objectBytes, objectBytes) === 0 && Buffer.compare(known.rosterBytes, rosterBytes) === 0;
    if (!equal) throw new Problem("vault-exists");
    return jsonResponse(200, { vault: object.vault });
  }
  if (server.accountOf(object.login) !== null) throw new Problem("login-taken");
  takeInvitation(server, json.invitation);
  server.state.accounts.set(object.vault, {
    vault: object.vault,
    object,
    objectBytes,
    roster,
    rosterBytes,
    devices: new Map(),
    blobs: new Map(),
    bases: new Map(),
    secondFactor: null,
  });
  return jsonResponse(201, { vault: object.vault });
}

function takeInvitation(server: ServerPowers, code: unknown): void {
  if (server.registration === "closed") throw new Problem("registration-closed");
  if (server.registration === "open") return;
  if (code === undefined || code === null) throw new Problem("invitation-required");
  if (typeof code !== "string") throw new Problem("malformed");
  if (!server.state.invitations.delete(code)) throw new Problem("invitation-refused");
}

/** `POST /v1/kdf` (P-21). */
export function postKdf(server: ServerPowers, call: Call): HttpResponse {
  const login = textField(readJson(call), "login");
  const object = server.accountOf(login)?.object;
  const salt16 = object?.salt16 ?? sha256(server.falseKdfKey, Buffer.from(login, "utf8")).subarray(0, 16);
  const kdf = object?.kdf ?? { memoryKiB: 65_536, passes: 3, lanes: 4 };
  return jsonResponse(200, { salt16: toBase64(salt16), ...kdf, serverKey: toBase64(server.publicKey) });
}

/** `POST /v1/sessions` (P-22): the start bundle. */
export function postSession(server: ServerPowers, call: Call): HttpResponse {
  const json: { readonly code?: unknown; readonly device?: unknown } & JsonObject = readJson(call);
  const hash = toHex(sha256(bytesField(json, "loginKey", 32)));
  const account = server.accountOf(textField(json, "login"));
  if (account === null || (hash !== account.object.loginHash && hash !== account.object.recoveryLoginHash)) {
    throw new Problem("login-refused");
  }
  if (account.secondFactor !== null) {
    if (json.code === undefined) throw new Problem("second-factor-required");
    if (json.code !== account.secondFactor) throw new Problem("login-refused");
  }
  const device = json.device === undefined ? newestDevice(account) : idField(json, "device");
  const expiresAtMs = server.nowMs + FULL_MS;
  const token = server.makeToken({ vault: account.vault, device: null, scope: "full", expiresAtMs });
  const bundle = {
    token,
    expiresAt: new Date(expiresAtMs).toISOString(),
    vault: account.vault,
    vaultObject: toBase64(account.objectBytes),
    tag: tagOf(account),
    roster: toBase64(account.rosterBytes),
    heads: headsOf(account),
  };
  const left = PAGE_BYTES - JSON.stringify(bundle).length - 256;
  return jsonResponse(201, { ...bundle, ...tailOf(account, device, left) });
}

/** The first records of a device and the envelopes that they name, within `bytes` of JSON. */
function tailOf(account: Account, device: string | null, bytes: number): { tail: unknown; envelopes: unknown[] } {
  const log = device === null ? undefined : account.devices.get(device);
  if (device === null || log === undefined) return { tail: null, envelopes: [] };
  const { page } = pageOfRecords(log, 0, bytes);
  const records: RecordRow[] = [];
  const envelopes = new Map<number, { device: string; number: number; envelope: string }>();
  let left = bytes;
  for (const row of page) {
    const epoch = log.records[row.number - 1]?.epoch ?? 0;
    const envelope = envelopes.has(epoch) ? undefined : wholeEnvelope(log, epoch);
    const named = envelope === undefined ? null : { device, number: epoch, envelope: toBase64(envelope) };
    left -= JSON.stringify(row).length + (named === null ? 0 : JSON.stringify(named).length) + 2;
    if (left < 0) break;
    records.push(row);
    if (named !== null) envelopes.set(epoch, named);
  }
  const next = records.length < log.records.length ? records.length : null;
  return { tail: { device, records, next }, envelopes: [...envelopes.values()] };
}

/** The device whose newest receipt is the newest of all, or null when nothing was recorded. */
function newestDevice(account: Account): string | null {
  let newest: { device: string; receiptMs: number } | null = null;
  for (const [device, log] of account.devices) {
    const receiptMs = log.records.at(-1)?.receiptMs;
    if (receiptMs !== undefined && (newest === null || receiptMs > newest.receiptMs)) newest = { device, receiptMs };
  }
  return newest?.device ?? null;
}

function headsOf(account: Account): unknown[] {
  return [...account.roster.devices.keys()].map((device) => {
    const log = account.devices.get(device);
    return { device, ...headOf(log), ...damagedOf(log) };
  });
}

function tagOf(account: Account): string {
  return toHex(sha256(account.objectBytes));
}

/** `DELETE /v1/sessions` (P-23). */
export function deleteSession(server: ServerPowers, call: OpenCall): HttpResponse {
  server.forgetToken(call.request.bearer ?? "");
  return { status: 204, headers: {}, body: new Uint8Array(0) };
}

/** `GET /v1/vault` (P-24). */
export function getVault(_server: ServerPowers, call: OpenCall): HttpResponse {
  requireFull(call);
  return jsonResponse(200, { vaultObject: toBase64(call.account.objectBytes), tag: tagOf(call.account) });
}

/** `PUT /v1/vault` (P-24). */
export function putVault(_server: ServerPowers, call: OpenCall): HttpResponse {
  requireFull(call);
  const { account } = call;
  const json = readJson(call);
  const objectBytes = bytesField(json, "vaultObject");
  const previousTag = textField(json, "previousTag");
  if (Buffer.compare(account.objectBytes, objectBytes) === 0) return jsonResponse(200, { tag: tagOf(account) });
  const object = readVaultObject(objectBytes);
  if (object === null || object.vault !== account.vault) throw new Problem("malformed");
  if (previousTag !== tagOf(account)) throw new Problem("tag-differs");
  if (object.number !== account.object.number + 1) throw new Problem("number-differs");
  account.object = object;
  account.objectBytes = objectBytes;
  return jsonResponse(200, { tag: tagOf(account) });
}

/** `PUT /v1/roster` (P-26). */
export function putRoster(_server: ServerPowers, call: OpenCall): HttpResponse {
  requireFull(call);
  const { account } = call;
  const rosterBytes = bytesField(readJson(call), "roster");
  const answer = (): HttpResponse => {
    const heads = [...account.roster.devices.keys()].map((device) => {
      const { number, hash } = headOf(account.devices.get(device));
      return { device, number, hash };
    });
    return jsonResponse(200, { version: account.roster.version, heads });
  };
  if (Buffer.compare(account.rosterBytes, rosterBytes) === 0) return answer();
  const roster = readRoster(rosterBytes, account.vault, account.object.signingKey);
  if (roster === null) throw new Problem("malformed");
  const keepsAll = [...account.roster.devices.keys()].every((device) => roster.devices.has(device));
  if (roster.version <= account.roster.version || !keepsAll) throw new Problem("roster-behind");
  for (const [device, { lastNumber, lastHash }] of roster.revocations) {
    if (lastNumber > 0 && account.devices.get(device)?.records[lastNumber - 1]?.hash !== lastHash) {
      throw new Problem("roster-records");
    }
  }
  account.roster = roster;
  account.rosterBytes = rosterBytes;
  return answer();
}

/** `POST /v1/challenges` (P-30). */
export function postChallenge(server: ServerPowers, call: Call): HttpResponse {
  const json = readJson(call);
  const expiresAtMs = server.nowMs + CHALLENGE_MS;
  const challenge = server.makeChallenge(idField(json, "vault"), idField(json, "device"), expiresAtMs);
  return jsonResponse(201, { challenge: toBase64(challenge), expiresAt: new Date(expiresAtMs).toISOString() });
}

/** `POST /v1/tokens` (P-31). */
export function postToken(server: ServerPowers, call: Call): HttpResponse {
  const json = readJson(call);
  const vault = idField(json, "vault");
  const device = idField(json, "device");
  const answer = bytesField(json, "answer");
  const roster = server.state.accounts.get(vault)?.roster;
  const key = roster?.devices.get(device);
  const serverHash = toHex(sha256(server.publicKey));
  const nonce = server
    .takeChallenges(vault, device)
    .find((hex) => key !== undefined && isChallengeAnswer(answer, key, [vault, device, hex, serverHash]));
  if (nonce === undefined) throw new Problem("device-refused");
  if (roster?.revocations.has(device) !== false) throw new Problem("device-revoked");
  const expiresAtMs = server.nowMs + APPEND_MS;
  const token = server.makeToken({ vault, device, scope: "append", expiresAtMs });
  return jsonResponse(201, { token, expiresAt: new Date(expiresAtMs).toISOString() });
}
