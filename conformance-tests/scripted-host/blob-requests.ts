// Requests about blobs and bases (docs/protocol.md 5 and 7). Rule: a blob is its bytes' SHA-256, within one vault.

import { encode } from "cborg";
import { toBase64, toHex } from "./border-text.ts";
import { type HttpResponse, jsonResponse } from "./http-exchange.ts";
import type { ServerPowers } from "./server-call.ts";
import {
  bytesField,
  idField,
  type JsonObject,
  type OpenCall,
  parseId,
  readBody,
  readJson,
  requireFull,
} from "./server-call.ts";
import { Problem } from "./server-problem.ts";
import { sha256 } from "./server-structures.ts";

/** How long an unreferenced blob is promised (P-43). */
const PROMISE_MS = 24 * 3_600_000;

/** `PUT /v1/blobs/{id}` (P-40). */
export function putBlob(server: ServerPowers, call: OpenCall, text: string | undefined): HttpResponse {
  const id = parseId(text);
  const bytes = readBody(call);
  if (bytes.length > server.limits.blobBytes) throw new Problem("body-too-large");
  if (toHex(sha256(bytes)) !== id) throw new Problem("not-the-named-bytes");
  const { blobs } = call.account;
  const known = blobs.has(id);
  if (!known) server.takeSpace(call.account, bytes.length);
  blobs.set(id, { bytes, damaged: false, promisedUntilMs: server.nowMs + PROMISE_MS });
  return jsonResponse(known ? 200 : 201, {});
}

/** `POST /v1/blobs/missing` (P-41). */
export function postMissing(server: ServerPowers, call: OpenCall): HttpResponse {
  const { ids } = readJson(call) as { readonly ids?: unknown };
  if (!Array.isArray(ids) || ids.length > server.limits.idsPerQuery) throw new Problem("malformed");
  const { blobs } = call.account;
  const missing: string[] = [];
  for (const value of ids as readonly unknown[]) {
    const id = parseId(typeof value === "string" ? value : undefined);
    const blob = blobs.get(id);
    if (blob === undefined || blob.damaged) missing.push(id);
    else blobs.set(id, { ...blob, promisedUntilMs: server.nowMs + PROMISE_MS });
  }
  return jsonResponse(200, { missing });
}

const PIECE_BYTES = 65_536;
const AUDITS = 256;

/** `POST /v1/audits` (P-44). */
export function postAudits(_server: ServerPowers, call: OpenCall): HttpResponse {
  const { audits } = readJson(call) as { readonly audits?: unknown };
  if (!Array.isArray(audits) || audits.length > AUDITS) throw new Problem("malformed");
  const answers = audits.map((audit: JsonObject) => {
    const nonce = bytesField(audit, "nonce");
    const piece = audit["piece"];
    if (nonce.length < 16 || nonce.length > 32 || !Number.isSafeInteger(piece)) throw new Problem("malformed");
    const blob = call.account.blobs.get(idField(audit, "blob"));
    const from = (piece as number) * PIECE_BYTES;
    if (blob === undefined || blob.damaged || from >= blob.bytes.length) return null;
    return toBase64(sha256(nonce, blob.bytes.subarray(from, from + PIECE_BYTES)));
  });
  return jsonResponse(200, { answers });
}

/** `GET` and `HEAD /v1/blobs/{id}` (P-42). */
export function getBlob(_server: ServerPowers, call: OpenCall, text: string | undefined): HttpResponse {
  requireFull(call);
  const id = parseId(text);
  const blob = call.account.blobs.get(id);
  if (blob === undefined) throw new Problem("not-found");
  const headers = { "content-type": "application/octet-stream", etag: `"${id}"` };
  const { range, method } = call.request;
  const nothing = new Uint8Array(0);
  if (method === "HEAD") return { status: 200, headers, body: nothing };
  // What is left of a damaged blob is given in ranges alone.
  if (range === null && blob.damaged) throw new Problem("not-found");
  if (range === null) return { status: 200, headers, body: blob.bytes };
  if (range[0] >= blob.bytes.length || range[1] <= range[0]) return { status: 416, headers: {}, body: nothing };
  return { status: 206, headers, body: blob.bytes.subarray(range[0], range[1]) };
}

/** `PUT /v1/bases/{n}` (P-60), kept as it comes: this version writes none. */
export function putBase(_server: ServerPowers, call: OpenCall, number: number): HttpResponse {
  requireFull(call);
  const known = call.account.bases.has(number);
  call.account.bases.set(number, readBody(call));
  return jsonResponse(known ? 200 : 201, {});
}

/** `GET /v1/bases/{n}`. */
export function getBase(_server: ServerPowers, call: OpenCall, number: number): HttpResponse {
  requireFull(call);
  const body = call.account.bases.get(number);
  if (body === undefined) throw new Problem("not-found");
  return { status: 200, headers: { "content-type": "application/octet-stream" }, body };
}

/** The body of a base as P-60 has it, for tests. */
export function formatBase(statement: Uint8Array, base: Uint8Array): Uint8Array {
  return encode([statement, base]);
}
