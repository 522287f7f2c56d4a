// What a server's answer means (docs/protocol.md P-4): classified once, here. Rule: decisions go by status and problem
// type, never by text; whatever is not a Coffre answer is trouble, not success.

import type { Answer, NoAnswerReason, Response } from "../border/answers.ts";
import type { FailureCode, WaitingReason } from "../border/reasons.ts";
import { CoffreError } from "../errors.ts";

/** A problem that the server named. */
export interface Problem {
  readonly kind: "problem";
  readonly status: number;
  readonly code: string;
  readonly body: { readonly [field: string]: unknown };
}

/** The exchange may work later, or through another network. */
export interface Trouble {
  readonly kind: "trouble";
  readonly reason: WaitingReason;
  readonly failure: FailureCode;
  readonly retryAfterMs: number | null;
  /** True when the connection broke or timed out, which a smaller body may survive. */
  readonly broken: boolean;
}

export type Exchange =
  | { readonly kind: "ok"; readonly status: number; readonly body: string | null }
  | { readonly kind: "unauthorized" }
  | { readonly kind: "too-large" }
  /** The server got other bytes than were sent: memory, or something on the way, altered them. */
  | { readonly kind: "altered" }
  | Problem
  | Trouble;

/** Thrown by flows when an exchange failed in a way that the machine above them should wait for. */
export class PeerTrouble extends CoffreError {
  readonly trouble: Trouble;

  constructor(trouble: Trouble) {
    super(trouble.failure as `peer-${string}`, "the server could not be used");
    this.trouble = trouble;
  }
}

const PROBLEM_PREFIX = "urn:coffre:problem:";
/** The longest that a server can ask us to wait. */
export const MAX_RETRY_AFTER_MS = 3_600_000;

/** Classifies an answer to `request`, `upload` or `download`. */
export function classify(answer: Answer<"request"> | Answer<"upload"> | Answer<"download">): Exchange {
  switch (answer.kind) {
    case "response":
      return classifyResponse(answer);
    case "no-answer":
      return noAnswer(answer.reason);
    case "part-failed":
    case "cancelled":
    case "failed":
      return trouble("server-error", "host-error", null);
  }
}

function classifyResponse(response: Response): Exchange {
  const { status } = response;
  if (status >= 200 && status < 300) {
    // A portal's page says 200 to everything.
    if (isPage(response)) return trouble("server-error", "peer-not-coffre", null);
    return { kind: "ok", status, body: response.body };
  }
  const problem = readProblem(response);
  // A proxy's own 413 and 401 carry no problem of ours, and mean the same.
  if (status === 413) return { kind: "too-large" };
  const retryAfterMs = retryAfter(response.headers["retry-after"]);
  if (problem === null) {
    if (status === 429 || status === 503) return trouble("server-busy", "peer-busy", retryAfterMs);
    if (status >= 500) return trouble("server-error", "peer-error", retryAfterMs);
    return trouble("server-error", "peer-not-coffre", retryAfterMs);
  }
  switch (problem.code) {
    case "unauthorized":
      return { kind: "unauthorized" };
    case "too-many-requests":
    case "busy":
    case "starting":
      return trouble("server-busy", "peer-busy", retryAfterMs);
    case "storage-full":
      return trouble("server-full", "peer-full", retryAfterMs);
    case "quota-exceeded":
      return trouble("quota-exceeded", "peer-quota-exceeded", retryAfterMs);
    case "not-the-named-bytes":
      return { kind: "altered" };
    default:
      // Whether it helps to ask again is the server's word, also of problems that this version does not know (P-4).
      if (problem.body["retryable"] !== true && status < 500) return problem;
      return trouble("server-error", "peer-error", retryAfterMs);
  }
}

/** A text for people: a Coffre server answers in JSON, in raw bytes, or with nothing (P-1). */
function isPage({ headers }: Response): boolean {
  return /^text\//i.test(headers["content-type"] ?? "");
}

function readProblem(response: Response): Problem | null {
  if (response.body === null || !(response.headers["content-type"] ?? "").startsWith("application/problem+json")) {
    return null;
  }
  const body = parseObject(response.body);
  const type = body?.["type"];
  if (body === null || typeof type !== "string" || !type.startsWith(PROBLEM_PREFIX)) return null;
  return { kind: "problem", status: response.status, code: type.slice(PROBLEM_PREFIX.length), body };
}

function noAnswer(reason: NoAnswerReason): Trouble {
  switch (reason) {
    case "tls":
      return trouble("server-unreachable", "peer-tls", null);
    case "pin":
      return trouble("server-unreachable", "peer-pin", null);
    case "protocol":
    case "too-large":
      return trouble("server-error", "peer-not-coffre", null);
    case "unreachable":
      return trouble("server-unreachable", "peer-unreachable", null);
    case "timeout":
    case "reset":
      return { ...trouble("server-unreachable", "peer-unreachable", null), broken: true };
  }
}

/** Trouble that no connection broke. */
export function trouble(reason: WaitingReason, failure: FailureCode, retryAfterMs: number | null): Trouble {
  return { kind: "trouble", reason, failure, retryAfterMs, broken: false };
}

/** `Retry-After` in seconds (RFC 9110 §10.2.3); its date form is left to the back-off, since clocks differ. */
function retryAfter(text: string | undefined): number | null {
  if (text === undefined || !/^[0-9]{1,6}$/.test(text)) return null;
  return Math.min(Number(text) * 1_000, MAX_RETRY_AFTER_MS);
}

/** The JSON object in `text`, or null when it is none. */
export function parseObject(text: string): { readonly [field: string]: unknown } | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  return value as { readonly [field: string]: unknown };
}
