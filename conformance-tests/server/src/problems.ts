// The closed table of problems (docs/protocol.md 1). Rule: a test compares it with the page.

export type ProblemCode = keyof typeof PROBLEMS;

export const PROBLEMS = {
  malformed: { statuses: [400, 411], isRetryable: false },
  unauthorized: { statuses: [401], isRetryable: false },
  "login-refused": { statuses: [401], isRetryable: false },
  "second-factor-required": { statuses: [401], isRetryable: false },
  "device-refused": { statuses: [401], isRetryable: false },
  "device-revoked": { statuses: [401], isRetryable: false },
  forbidden: { statuses: [403], isRetryable: false },
  "registration-closed": { statuses: [403], isRetryable: false },
  "invitation-required": { statuses: [403], isRetryable: false },
  "invitation-refused": { statuses: [403], isRetryable: false },
  "not-found": { statuses: [404], isRetryable: false },
  "login-taken": { statuses: [409], isRetryable: false },
  "vault-exists": { statuses: [409], isRetryable: false },
  "tag-differs": { statuses: [409], isRetryable: false },
  "number-differs": { statuses: [409], isRetryable: false },
  "epoch-differs": { statuses: [409], isRetryable: false },
  "epoch-too-high": { statuses: [409], isRetryable: false },
  "roster-behind": { statuses: [409], isRetryable: false },
  "roster-records": { statuses: [409], isRetryable: false },
  "record-conflict": { statuses: [409], isRetryable: false },
  "record-needs": { statuses: [409], isRetryable: false },
  "base-needs": { statuses: [409], isRetryable: false },
  "body-too-large": { statuses: [413], isRetryable: false },
  "not-the-named-bytes": { statuses: [422], isRetryable: true },
  "too-many-requests": { statuses: [429], isRetryable: true },
  internal: { statuses: [500], isRetryable: true },
  busy: { statuses: [503], isRetryable: true },
  starting: { statuses: [503], isRetryable: true },
  "quota-exceeded": { statuses: [507], isRetryable: false },
  "storage-full": { statuses: [507], isRetryable: true },
} as const satisfies Record<string, { readonly statuses: readonly number[]; readonly isRetryable: boolean }>;

export const PROBLEM_PREFIX = "urn:coffre:problem:";
