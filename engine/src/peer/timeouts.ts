// How long an exchange may stand still before the host gives it up (`timeoutMs` of docs/host-api.md §3). Rule: every effect that
// talks to a server takes its time from here.

/** A small request for which a person waits in front of the screen. */
export const PERSON_TIMEOUT_MS = 30_000;
/** A small request of a run. */
export const REQUEST_TIMEOUT_MS = 60_000;
/** A body that is sent: a blob, a record or an envelope. */
export const UPLOAD_TIMEOUT_MS = 60_000;

/** A body that is fetched. Even a slow link gives 20 bytes in each millisecond. */
export function downloadTimeoutMs(sizeBytes: number): number {
  return REQUEST_TIMEOUT_MS + Math.ceil(sizeBytes / 20);
}
