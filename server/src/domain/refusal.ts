// The closed table of problems (docs/protocol.md 1). Rule: a caller's fault is a `Refusal` with a code of this table,
// and its words carry no names, paths, keys or tokens (P-8).

type ProblemRow = { readonly status: number; readonly retryable: boolean; readonly title: string };

/** Every problem that an answer may name, with its HTTP status (docs/protocol.md 1). */
export const PROBLEMS = {
  malformed: { status: 400, retryable: false, title: "The request is not of the schema." },
  unauthorized: { status: 401, retryable: false, title: "There is no token, or none that is valid here." },
  "login-refused": { status: 401, retryable: false, title: "Login, key and code do not fit together." },
  "second-factor-required": { status: 401, retryable: false, title: "A code of the second factor is needed." },
  "device-refused": { status: 401, retryable: false, title: "Challenge, signature and device do not fit together." },
  "device-revoked": { status: 401, retryable: false, title: "The vault's owner has revoked this device." },
  forbidden: { status: 403, retryable: false, title: "The token's scope does not allow this." },
  "registration-closed": { status: 403, retryable: false, title: "This server takes no new accounts." },
  "invitation-required": { status: 403, retryable: false, title: "This server asks for an invitation." },
  "invitation-refused": { status: 403, retryable: false, title: "The invitation is unknown or used up." },
  "not-found": { status: 404, retryable: false, title: "There is nothing here." },
  "login-taken": { status: 409, retryable: false, title: "The login belongs to another vault." },
  "vault-exists": { status: 409, retryable: false, title: "The vault exists with other content." },
  "tag-differs": { status: 409, retryable: false, title: "The stored vault object has another tag." },
  "number-differs": { status: 409, retryable: false, title: "The number is not the next one." },
  "epoch-differs": { status: 409, retryable: false, title: "Another envelope has this number." },
  "epoch-too-high": { status: 409, retryable: false, title: "The number is too far above the newest envelope's." },
  "roster-behind": { status: 409, retryable: false, title: "The stored roster is newer or holds more." },
  "roster-records": { status: 409, retryable: false, title: "A revocation names a record that is not in the log." },
  "record-conflict": { status: 409, retryable: false, title: "The record does not follow the head of the log." },
  "record-needs": { status: 409, retryable: false, title: "The record needs what is not stored yet." },
  "base-needs": { status: 409, retryable: false, title: "The base needs blobs that are not stored yet." },
  "body-too-large": { status: 413, retryable: false, title: "The body is larger than the announced limit." },
  "not-the-named-bytes": { status: 422, retryable: true, title: "The body's SHA-256 is not the id." },
  "too-many-requests": { status: 429, retryable: true, title: "There were too many requests." },
  internal: { status: 500, retryable: true, title: "The server failed." },
  busy: { status: 503, retryable: true, title: "The server is busy." },
  starting: { status: 503, retryable: true, title: "The server is starting or stopping." },
  "quota-exceeded": { status: 507, retryable: false, title: "The share of the account or device is used up." },
  "storage-full": { status: 507, retryable: true, title: "The server's disk is full." },
} as const satisfies Record<string, ProblemRow>;

export type ProblemCode = keyof typeof PROBLEMS;

/** An answer that is no success, thrown by the domain and turned into a problem by the routes. */
export class Refusal extends Error {
  readonly code: ProblemCode;
  /** Further members of the problem, such as `head` or `missing`. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** After how many seconds the same request may succeed; null when that is not known. */
  readonly retryAfterS: number | null;

  /** `detail` says what was expected and what came; it must not quote the request. */
  constructor(
    code: ProblemCode,
    detail = "",
    fields: Readonly<Record<string, unknown>> = {},
    retryAfterS: number | null = null,
  ) {
    super(detail);
    this.name = "Refusal";
    this.code = code;
    this.fields = fields;
    this.retryAfterS = retryAfterS;
  }
}

/** The Refusal for bytes or JSON that are not of their schema. */
export function malformed(detail: string): Refusal {
  return new Refusal("malformed", detail);
}

/** Throws when our own reasoning is wrong: the request fails with 500 and nothing is stored. */
export function invariant(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new Error(`invariant broken: ${rule}`);
}
