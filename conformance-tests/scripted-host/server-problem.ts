// Errors of the in-memory server (docs/protocol.md P-4). Rule: every code stands in this table with its status; a request
// that cannot go on throws a Problem, and the server turns it into an answer.

import type { HttpResponse } from "./http-exchange.ts";

const PROBLEMS = {
  malformed: [400, false],
  unauthorized: [401, false],
  "login-refused": [401, false],
  "second-factor-required": [401, false],
  "device-refused": [401, false],
  "device-revoked": [401, false],
  forbidden: [403, false],
  "registration-closed": [403, false],
  "invitation-required": [403, false],
  "invitation-refused": [403, false],
  "not-found": [404, false],
  "login-taken": [409, false],
  "vault-exists": [409, false],
  "tag-differs": [409, false],
  "number-differs": [409, false],
  "epoch-differs": [409, false],
  "epoch-too-high": [409, false],
  "roster-behind": [409, false],
  "roster-records": [409, false],
  "record-conflict": [409, false],
  "record-needs": [409, false],
  "base-needs": [409, false],
  "body-too-large": [413, false],
  "not-the-named-bytes": [422, true],
  "too-many-requests": [429, true],
  internal: [500, true],
  busy: [503, true],
  starting: [503, true],
  "quota-exceeded": [507, false],
  "storage-full": [507, true],
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

/** Ends a request; `fields` stand in the problem beside the usual ones. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(code: ProblemCode, fields: Readonly<Record<string, unknown>> = {}) {
    super(code);
    this.code = code;
    this.fields = fields;
  }
}

/** The answer of RFC 9457; `retryAfterS` in seconds, where there is one. */
export function problemResponse(
  code: ProblemCode,
  fields: Readonly<Record<string, unknown>> = {},
  retryAfterS?: number,
): HttpResponse {
  const [status, retryable] = PROBLEMS[code];
  const body = { type: `urn:coffre:problem:${code}`, title: code.replaceAll("-", " "), status, retryable, ...fields };
  const retry = status === 429 || status === 503 ? (retryAfterS ?? 1) : retryAfterS;
  return {
    status,
    headers: {
      "content-type": "application/problem+json",
      ...(retry === undefined ? {} : { "retry-after": String(retry) }),
    },
    body: Buffer.from(JSON.stringify(body), "utf8"),
  };
}
