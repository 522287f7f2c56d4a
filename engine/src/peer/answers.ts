// The bodies of a server's successful answers, read field by field with limits (docs/protocol.md §3–§6).
// Rule: hostile until parsed; whatever does not fit is `peer-malformed`, and unknown fields are ignored (P-3).

import { fromBase64 } from "../bytes.ts";
import { CoffreError } from "../errors.ts";
import type { KdfCost } from "../format/contexts.ts";
import { checkKdf } from "../format/vault-object.ts";
import type { BlobId, DeviceId, Digest, VaultId } from "../ids.ts";
import { parseBlobId, parseDeviceId, parseDigest, parseVaultId } from "../ids.ts";
import { parseObject } from "./exchange.ts";

type Fields = { readonly [field: string]: unknown };

export interface Kdf extends KdfCost {
  readonly salt16: Uint8Array;
  readonly serverKey: Uint8Array;
}

export interface Token {
  readonly token: string;
}

export interface Head {
  readonly number: number;
  readonly hash: Digest;
  readonly receipt: Uint8Array | null;
}

/** What the server says of itself that it cannot give back, by number. */
export interface DamagedNumbers {
  readonly damagedRecords: readonly number[];
  readonly damagedEpochs: readonly number[];
}

/** What a server may say of how a device uses it. */
export interface DeviceUse {
  /** When it last got a token; null when the server does not say. */
  readonly seenAtMs: number | null;
  /** What it stored and is there. */
  readonly storedBytes: number | null;
}

export interface DeviceHead extends Head, DamagedNumbers {
  readonly epoch: number;
  readonly damaged: readonly BlobId[];
}

export interface LoggedRecord {
  readonly number: number;
  readonly record: Uint8Array;
  readonly receipt: Uint8Array;
}

export interface RecordPage {
  readonly records: readonly LoggedRecord[];
  /** The number after which to page on; null at the end. */
  readonly next: number | null;
}

export interface LoggedEnvelope {
  readonly number: number;
  readonly envelope: Uint8Array;
}

export interface StartBundle extends Token {
  readonly vault: VaultId;
  readonly vaultObject: Uint8Array;
  readonly tag: Digest;
  readonly roster: Uint8Array;
  readonly heads: readonly (Head & DamagedNumbers & DeviceUse & { readonly device: DeviceId })[];
  readonly tail: (RecordPage & { readonly device: DeviceId }) | null;
  readonly envelopes: readonly (LoggedEnvelope & { readonly device: DeviceId })[];
}

/** The fields of a JSON body. */
export function readBody(body: string | null): Fields {
  const fields = body === null ? null : parseObject(body);
  if (fields === null) throw malformed("a JSON object");
  return fields;
}

export function readServerKey(body: string | null): Uint8Array {
  return readBytes(readBody(body), "serverKey", 32);
}

export function readKdf(body: string | null): Kdf {
  const fields = readBody(body);
  const kdf = {
    memoryKiB: readInt(fields, "memoryKiB"),
    passes: readInt(fields, "passes"),
    lanes: readInt(fields, "lanes"),
  };
  checkKdf(kdf);
  return { ...kdf, salt16: readBytes(fields, "salt16", 16), serverKey: readBytes(fields, "serverKey", 32) };
}

export function readToken(body: string | null): Token {
  return { token: tokenOf(readBody(body)) };
}

export function readChallenge(body: string | null): Uint8Array {
  return readBytes(readBody(body), "challenge", 32);
}

/** What an authenticator needs, and codes that replace it, one use each. */
export interface Enrolment {
  readonly secret: string;
  readonly uri: string;
  readonly recoveryCodes: readonly string[];
}

export function readEnrolment(body: string | null): Enrolment {
  const fields = readBody(body);
  const codes = fields["recoveryCodes"];
  if (!Array.isArray(codes) || codes.length > 32) throw malformed("a list in recoveryCodes");
  const [secret, uri] = [readText(fields, "secret"), readText(fields, "uri")];
  if (!/^[A-Z2-7]{16,128}$/.test(secret)) throw malformed("base32 in secret");
  if (!uri.startsWith("otpauth://totp/") || uri.length > 1_024) throw malformed("an address in uri");
  return { secret, uri, recoveryCodes: codes.map((code: unknown) => codeOf({ code })) };
}

function codeOf(fields: Fields): string {
  const code = readText(fields, "code");
  if (!/^[0-9A-Za-z-]{1,64}$/.test(code)) throw malformed("a code");
  return code;
}

/** The server's clock in its discovery document. */
export function readServerTime(body: string | null): number {
  const timeMs = Date.parse(readText(readBody(body), "time"));
  if (!Number.isSafeInteger(timeMs)) throw malformed("a time");
  return timeMs;
}

export function readReceipt(body: string | null): Uint8Array {
  return readBytes(readBody(body), "receipt");
}

export function readDeviceHead(body: string | null): DeviceHead {
  const fields = readBody(body);
  const damaged = readIds(fields, "damaged");
  return { ...headOf(fields), ...damagedOf(fields), epoch: readInt(fields, "epoch"), damaged };
}

export function readMissing(body: string | null): BlobId[] {
  return readIds(readBody(body), "missing");
}

/** The answers to `count` audits; null for what the server lacks. */
export function readAnswers(body: string | null, count: number): (Uint8Array | null)[] {
  const answers = readBody(body)["answers"];
  if (!Array.isArray(answers) || answers.length !== count) throw malformed(`${count} answers`);
  return answers.map((answer: unknown) => (answer === null ? null : readBytes({ answer }, "answer", 32)));
}

export function readRecordPage(body: string | null): RecordPage {
  return recordPageOf(readBody(body));
}

export function readEnvelopePage(body: string | null): { envelopes: LoggedEnvelope[]; next: number | null } {
  const fields = readBody(body);
  return { envelopes: readList(fields, "envelopes", 10_000).map(envelopeOf), next: nextOf(fields) };
}

export function readStartBundle(body: string | null): StartBundle {
  const fields = readBody(body);
  const tail = fields["tail"];
  return {
    token: tokenOf(fields),
    vault: parseVaultId(readText(fields, "vault")),
    vaultObject: readBytes(fields, "vaultObject"),
    tag: parseDigest(readText(fields, "tag")),
    roster: readBytes(fields, "roster"),
    heads: readList(fields, "heads", 64).map((item) => ({
      ...headOf(item),
      ...damagedOf(item),
      ...useOf(item),
      device: deviceOf(item),
    })),
    tail: tail === null || tail === undefined ? null : tailOf(tail),
    envelopes: readList(fields, "envelopes", 10_000).map((item) => ({ ...envelopeOf(item), device: deviceOf(item) })),
  };
}

/** The head inside a 409 `record-conflict`. */
export function readConflictHead(body: Fields): Head {
  return headOf(asFields(body["head"]));
}

/** The ids and the envelope's absence inside a 409 `record-needs`. */
export function readRecordNeeds(body: Fields): { missing: BlobId[]; envelope: boolean } {
  return { missing: readIds(body, "missing"), envelope: body["envelope"] === true };
}

function tailOf(value: unknown): RecordPage & { device: DeviceId } {
  const fields = asFields(value);
  return { ...recordPageOf(fields), device: deviceOf(fields) };
}

function recordPageOf(fields: Fields): RecordPage {
  const records = readList(fields, "records", 10_000).map((item) => ({
    number: readInt(item, "number"),
    record: readBytes(item, "record"),
    receipt: readBytes(item, "receipt"),
  }));
  return { records, next: nextOf(fields) };
}

function envelopeOf(fields: Fields): LoggedEnvelope {
  return { number: readInt(fields, "number"), envelope: readBytes(fields, "envelope") };
}

function headOf(fields: Fields): Head {
  const receipt = fields["receipt"];
  return {
    number: readInt(fields, "number"),
    hash: parseDigest(readText(fields, "hash")),
    receipt: receipt === null || receipt === undefined ? null : readBytes(fields, "receipt"),
  };
}

/** Servers of before know no damaged records and name none. */
function damagedOf(fields: Fields): DamagedNumbers {
  return { damagedRecords: readNumbers(fields, "damagedRecords"), damagedEpochs: readNumbers(fields, "damagedEpochs") };
}

/** Servers of before say nothing of it. */
function useOf(fields: Fields): DeviceUse {
  const { seenAt } = fields;
  const seenAtMs = typeof seenAt === "string" ? Date.parse(seenAt) : Number.NaN;
  return {
    seenAtMs: Number.isSafeInteger(seenAtMs) ? seenAtMs : null,
    storedBytes: typeof fields["storedBytes"] === "number" ? readInt(fields, "storedBytes") : null,
  };
}

function nextOf(fields: Fields): number | null {
  return fields["next"] === null || fields["next"] === undefined ? null : readInt(fields, "next");
}

function deviceOf(fields: Fields): DeviceId {
  return parseDeviceId(readText(fields, "device"));
}

function tokenOf(fields: Fields): string {
  const token = readText(fields, "token");
  if (!/^[A-Za-z0-9._~+/=-]{1,4096}$/.test(token)) throw malformed("a token");
  return token;
}

function asFields(value: unknown): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformed("an object");
  return value as Fields;
}

function readText(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== "string") throw malformed(`text in ${name}`);
  return value;
}

function readInt(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw malformed(`a number in ${name}`);
  return value;
}

function readBytes(fields: Fields, name: string, length?: number): Uint8Array {
  const bytes = fromBase64(readText(fields, name));
  if (length !== undefined && bytes.length !== length) throw malformed(`${length} bytes in ${name}`);
  return bytes;
}

function readList(fields: Fields, name: string, max: number): Fields[] {
  const value = fields[name];
  if (!Array.isArray(value) || value.length > max) throw malformed(`a list in ${name}`);
  return value.map(asFields);
}

function readIds(fields: Fields, name: string): BlobId[] {
  const value = fields[name];
  if (!Array.isArray(value) || value.length > 10_000) throw malformed(`a list in ${name}`);
  return value.map((id) => {
    if (typeof id !== "string") throw malformed(`ids in ${name}`);
    return parseBlobId(id);
  });
}

function readNumbers(fields: Fields, name: string): number[] {
  const value = fields[name];
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > 1_000) throw malformed(`a list in ${name}`);
  return value.map((item) => readInt({ [name]: item }, name));
}

function malformed(expected: string): CoffreError {
  return new CoffreError("peer-malformed", `expected ${expected} in the server's answer`);
}
