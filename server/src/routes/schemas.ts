// JSON schemas that several routes share. Rule: every request and answer has a schema, and the OpenAPI document is made
// from these.

import { type Static, type TSchema, Type } from "typebox";

/** P-85: what a body of JSON takes where its route says nothing else. */
export const JSON_LIMIT_BYTES = 4_096;
/** A vault object, and a roster with the few devices of a new account. */
export const ACCOUNT_LIMIT_BYTES = 16_384;
/** A roster of 256 KiB in base64. */
export const ROSTER_LIMIT_BYTES = 360_448;

/** 64 lower-case hex digits. */
export const IdText = Type.String({ pattern: "^[0-9a-f]{64}$", description: "64 lower-case hex digits" });

/** Base64 with padding (RFC 4648 §4); `description` says of what. */
export const Base64 = (description: string) =>
  Type.String({ contentEncoding: "base64", pattern: "^[A-Za-z0-9+/]*={0,2}$", maxLength: 400_000, description });

/** RFC 3339 in UTC. */
export const Time = Type.String({ description: "RFC 3339 in UTC" });

/** A number that counts from 1. */
export const Positive = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });

/** A number, or 0 for "before the first". */
export const Counted = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

export const Nullable = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);

/** A number in a path: decimal, no leading zero. */
export const NumberText = Type.String({ pattern: "^[1-9][0-9]{0,15}$", description: "a decimal number from 1" });

/** `?after=n` of a page. */
export const AfterQuery = Type.Object({
  after: Type.Optional(Type.String({ pattern: "^(0|[1-9][0-9]{0,15})$", description: "page on after this number" })),
});

export const DeviceParams = Type.Object({ device: IdText });
export const NumberedDeviceParams = Type.Object({ device: IdText, number: NumberText });

/** Bytes as they are; without `type` because the body is a stream and not JSON (OpenAPI 3.1). */
export const Bytes = Type.Unsafe<unknown>({ contentMediaType: "application/octet-stream" });

/** A raw request or answer body. */
export const rawContent = (description: string) => ({
  description,
  content: { "application/octet-stream": { schema: Bytes } },
});

/** RFC 9457, with the members of P-4. */
export const Problem = Type.Object(
  {
    type: Type.String({ pattern: "^urn:coffre:problem:[a-z-]+$" }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.Optional(Type.String()),
    retryable: Type.Boolean(),
  },
  { additionalProperties: true },
);

/** Any answer that is no success. */
export const problems = {
  "4xx": { description: "a problem", content: { "application/problem+json": { schema: Problem } } },
  "5xx": { description: "a problem", content: { "application/problem+json": { schema: Problem } } },
} as const;

export const Empty = Type.Null({ description: "no content" });

export const RecordItem = Type.Object({
  number: Positive,
  record: Base64("header and sealed body"),
  receipt: Base64("receipt"),
});

/** What is damaged of a device's log (P-32). */
export const damagedNumbers = {
  damagedRecords: Type.Array(Positive, { description: "records whose bytes the server lost" }),
  damagedEpochs: Type.Array(Positive, { description: "envelopes whose bytes the server lost" }),
};

export const Head = Type.Object({
  device: IdText,
  number: Counted,
  hash: IdText,
  receipt: Nullable(Base64("receipt")),
  ...damagedNumbers,
});

export type Body<Schema extends TSchema> = Static<Schema>;
