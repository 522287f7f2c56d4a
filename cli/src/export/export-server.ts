// What a server would answer, out of an export (docs/protocol.md §3 to §6): the same restore reads it. Rule: nothing is believed here
// that the engine does not check again; an answer holds what the file holds.

import { createHash, timingSafeEqual } from "node:crypto";
import type { LocalAnswer, LocalServer, Question } from "../host/exchange.ts";
import type { ExportedLog, ExportFile } from "./export-file.ts";
import type { TarMember } from "./tar-file.ts";

/** As a page of a server (docs/protocol.md P-53). */
const PAGE_BYTES = 368_640;
const TOKEN = "of-an-export";
const FAR = "9999-12-31T23:59:59Z";
const PAGE = /^\/v1\/devices\/([0-9a-f]{64})\/(records|epochs)\?after=([0-9]{1,16})$/;
const BLOB = /^\/v1\/blobs\/([0-9a-f]{64})$/;
const RANGE = /^bytes=([0-9]{1,15})-([0-9]{1,15})$/;

/** Answers a restore's questions out of `file`. */
export function answerFrom(file: ExportFile): LocalServer {
  return (question) => answer(file, question);
}

function answer(file: ExportFile, question: Question): LocalAnswer {
  const { method, path } = question;
  const { salt16, kdf, tag } = file.description;
  const serverKey = file.serverKey.toString("base64");
  switch (`${method} ${path}`) {
    case "GET /.well-known/coffre":
      return json({ protocols: ["1"], serverKey });
    case "POST /v1/kdf":
      return json({ salt16: Buffer.from(salt16).toString("base64"), ...kdf, serverKey });
    case "POST /v1/sessions":
      return logIn(file, question.body);
    case "GET /v1/vault":
      return json({ vaultObject: file.vaultObject.toString("base64"), tag });
    case "DELETE /v1/sessions":
      return { status: 204, headers: {}, body: Buffer.alloc(0) };
  }
  if (method !== "GET") return problem(403, "forbidden");
  const [, device = "", kind, after = ""] = PAGE.exec(path) ?? [];
  const log = file.logs.get(device);
  if (kind === "records" && log !== undefined) return json(recordPage(file, log, Number(after)));
  if (kind === "epochs" && log !== undefined) return json(epochPage(file, log, Number(after)));
  const blob = file.blobs.get(BLOB.exec(path)?.[1] ?? "");
  return blob === undefined ? problem(404, "not-found") : giveBlob(file, blob, question);
}

function logIn(file: ExportFile, body: Uint8Array | null): LocalAnswer {
  const { loginHash, recoveryLoginHash, vault, tag } = file.description;
  const { loginKey }: { loginKey?: unknown } = JSON.parse(Buffer.from(body ?? "{}").toString("utf8"));
  const hash = createHash("sha256")
    .update(Buffer.from(String(loginKey), "base64"))
    .digest();
  const isRight = [loginHash, recoveryLoginHash].some((known) => timingSafeEqual(hash, Buffer.from(known, "hex")));
  if (!isRight) return problem(401, "login-refused");
  const heads = [...file.logs].map(([device, log]) => ({ device, ...headOf(file, log) }));
  const structures = { vaultObject: file.vaultObject.toString("base64"), roster: file.roster.toString("base64") };
  return json({ token: TOKEN, expiresAt: FAR, vault, tag, ...structures, heads, tail: null, envelopes: [] });
}

/** The newest record that is there. */
function headOf(file: ExportFile, { records, receipts }: ExportedLog): object {
  let number = 0;
  for (const each of records.keys()) number = Math.max(number, each);
  const record = records.get(number);
  const receipt = receipts.get(number);
  const hash = record === undefined ? "0".repeat(64) : sha256(file.read(record));
  const signed = receipt === undefined ? null : file.read(receipt).toString("base64");
  return { number, hash, receipt: signed, damagedRecords: [], damagedEpochs: [] };
}

function recordPage(file: ExportFile, { records, receipts }: ExportedLog, after: number): object {
  return page(file, records, after, "records", (number, record) => {
    const receipt = receipts.get(number);
    const signed = receipt === undefined ? "" : file.read(receipt).toString("base64");
    return { number, record: record.toString("base64"), receipt: signed };
  });
}

function epochPage(file: ExportFile, { epochs }: ExportedLog, after: number): object {
  return page(file, epochs, after, "envelopes", (number, envelope) => {
    return { number, envelope: envelope.toString("base64") };
  });
}

/** As much behind `after` as fits, and where it goes on. */
function page(
  file: ExportFile,
  members: ReadonlyMap<number, TarMember>,
  after: number,
  name: string,
  itemOf: (number: number, bytes: Buffer) => object,
): object {
  const numbers = [...members.keys()].filter((number) => number > after).sort((a, b) => a - b);
  const items: object[] = [];
  let size = 0;
  let last: number | null = null;
  for (const number of numbers) {
    const item = itemOf(number, file.read(members.get(number) as TarMember));
    size += JSON.stringify(item).length + 1;
    if (items.length > 0 && size > PAGE_BYTES - 1_024) return { [name]: items, next: last };
    items.push(item);
    last = number;
  }
  return { [name]: items, next: null };
}

/** As a server gives it: an altered blob is missing as a whole, and is given in ranges, of which each part is verified (P-42). */
function giveBlob(file: ExportFile, blob: TarMember, { headers }: Question): LocalAnswer {
  const type = { "content-type": "application/octet-stream" };
  const [, from, to] = RANGE.exec(String(headers?.["range"] ?? "")) ?? [];
  if (from === undefined || to === undefined) {
    const bytes = file.read(blob);
    return file.isWhole(blob) ? { status: 200, headers: type, body: bytes } : problem(404, "not-found");
  }
  file.isWhole(blob);
  const body = file.readStretch(blob, Number(from), Number(to) + 1);
  if (body.length === 0) return { status: 416, headers: {}, body };
  const end = Number(from) + body.length - 1;
  return { status: 206, headers: { ...type, "content-range": `bytes ${from}-${end}/${blob.sizeBytes}` }, body };
}

function json(value: object): LocalAnswer {
  return { status: 200, headers: { "content-type": "application/json" }, body: Buffer.from(JSON.stringify(value)) };
}

function problem(status: number, code: string): LocalAnswer {
  const body = { type: `urn:coffre:problem:${code}`, title: code, status, retryable: false };
  return {
    status,
    headers: { "content-type": "application/problem+json" },
    body: Buffer.from(JSON.stringify(body)),
  };
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
