// One request as the in-memory server's handlers see it: split path, read body, checked token. Rule: what a request may
// do is decided here, before any handler looks at state.

import type { KeyObject } from "node:crypto";
import { fromBase64 } from "./border-text.ts";
import type { HttpRequest } from "./http-exchange.ts";
import { Problem } from "./server-problem.ts";
import type { Account, DurableState } from "./server-state.ts";

/** A body of JSON. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** What a token opens. `device` is null for people. */
export interface Session {
  readonly vault: string;
  readonly device: string | null;
  readonly scope: "append" | "full";
  readonly expiresAtMs: number;
}

export interface Call {
  readonly request: HttpRequest;
  /** The path's segments behind `/v1`, decoded. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
}

/** A call whose token was found good. */
export interface OpenCall extends Call {
  readonly session: Session;
  readonly account: Account;
}

/** What handlers may use of the server. */
export interface ServerPowers {
  readonly state: DurableState;
  readonly nowMs: number;
  readonly registration: "open" | "invitation" | "closed";
  readonly limits: {
    readonly blobBytes: number;
    readonly recordBytes: number;
    readonly idsPerQuery: number;
    readonly idsPerRecord: number;
  };
  readonly privateKey: KeyObject;
  readonly publicKey: Uint8Array;
  readonly falseKdfKey: Uint8Array;
  accountOf(login: string): Account | null;
  makeToken(session: Session): string;
  forgetToken(token: string): void;
  makeChallenge(vault: string, device: string, expiresAtMs: number): Uint8Array;
  /** The open challenges of a device, in hex, which are used up by this. */
  takeChallenges(vault: string, device: string): readonly string[];
  /** Reserves space for bytes, or throws 507. */
  takeSpace(account: Account, bytes: number): void;
}

const ID = /^[0-9a-f]{64}$/;

export function parseCall(request: HttpRequest): Call {
  const [path = "", query = ""] = request.path.split("?");
  return { request, segments: path.split("/").slice(2), query: new URLSearchParams(query) };
}

/** The body's JSON object. */
export function readJson(call: Call): JsonObject {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(call.request.body ?? new Uint8Array(0));
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Not UTF-8 or not JSON: said below.
  }
  throw new Problem("malformed");
}

export function readBody(call: Call): Uint8Array {
  if (call.request.body === null) throw new Problem("malformed");
  return call.request.body;
}

export function textField(json: JsonObject, name: string): string {
  const value = json[name];
  if (typeof value !== "string") throw new Problem("malformed");
  return value;
}

export function bytesField(json: JsonObject, name: string, length?: number): Uint8Array {
  const bytes = fromBase64(textField(json, name));
  if (length !== undefined && bytes.length !== length) throw new Problem("malformed");
  return bytes;
}

export function idField(json: JsonObject, name: string): string {
  return parseId(textField(json, name));
}

export function parseId(text: string | undefined): string {
  if (text === undefined || !ID.test(text)) throw new Problem("malformed");
  return text;
}

/** A decimal from 1 on. */
export function parseNumber(text: string | undefined): number {
  if (text === undefined || !/^[1-9][0-9]{0,14}$/.test(text)) throw new Problem("malformed");
  return Number(text);
}

/** The query's `after`, 0 when it is not there. */
export function readAfter(call: Call): number {
  const text = call.query.get("after") ?? "0";
  return text === "0" ? 0 : parseNumber(text);
}

/** Refuses a token of another scope. */
export function requireFull(call: OpenCall): void {
  if (call.session.scope !== "full") throw new Problem("forbidden");
}

/** Refuses whoever may not write for this device: only the device itself may. */
export function requireOwn(call: OpenCall, device: string): void {
  if (!call.account.roster.devices.has(device)) throw new Problem("not-found");
  if (call.session.device !== device) throw new Problem("forbidden");
}

/** Refuses whoever may not read of this device: itself, and people, may. */
export function requireReader(call: OpenCall, device: string): void {
  if (call.session.scope === "full" && call.account.roster.devices.has(device)) return;
  requireOwn(call, device);
}
