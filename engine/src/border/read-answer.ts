// One reader for each kind of answer (docs/host-api.md §3). Rule: every answer passes here once, before anything of it is
// written; only entries of a listing are read elsewhere, since no entry fails a listing (`scanned-entry.ts`).

import type * as told from "./answers.ts";
import {
  base64,
  byKind,
  count,
  digest,
  type Fields,
  fieldsOf,
  list,
  nullable,
  number,
  object,
  oneOf,
  optional,
  type Read,
  text,
  truth,
  untouched,
} from "./fields.ts";
import type * as seen from "./sights.ts";

const nothing = object<object>({}) as Read<never>;
const bytes = object<{ readonly bytes: string }>({ bytes: base64 }) as Read<never>;
const bytesOrNone = object<{ readonly bytes?: string }>({ bytes: optional(base64) }) as Read<never>;

/** What has a reason, one of these. */
function because<T extends string>(reasons: Readonly<Record<T, true>>): Read<never> {
  return object<{ readonly reason: T }>({ reason: oneOf(reasons) }) as Read<never>;
}

const SCAN_FAILURES: Readonly<Record<seen.ScanFailure, true>> = {
  permission: true,
  io: true,
  vanished: true,
  "not-a-folder": true,
  "too-long": true,
};

const listedFolder = object<seen.ListedFolder>({
  path: text,
  identity: optional(text),
  mounted: optional(truth),
  partial: optional(truth),
  entries: list(untouched<seen.ListedFolder["entries"][number]>),
  end: truth,
});
const failedFolder = object<seen.FailedFolder>({ path: text, failed: oneOf(SCAN_FAILURES) });

const scannedFolder: Read<seen.ScannedFolder> = (value, name) => {
  const fields = fieldsOf(value, name);
  if (fields["own"] === true) return { path: text(fields["path"], "path"), own: true };
  return "failed" in fields ? failedFolder(value, name) : listedFolder(value, name);
};

const stat = object<seen.Stat>({
  sizeBytes: number,
  mtimeS: number,
  mtimeUs: number,
  ctimeS: optional(number),
  ctimeUs: optional(number),
  mode: optional(number),
  identity: text,
});

const hashedFile = byKind<seen.HashedFile>({
  ok: object<seen.ReadFile>({ stat, digests: list(digest) }),
  changed: nothing,
  vanished: nothing,
  unreadable: because<seen.UnreadableReason>({ permission: true, io: true, "not-a-file": true, size: true }),
});

const noAnswer = because<told.NoAnswerReason>({
  unreachable: true,
  timeout: true,
  reset: true,
  tls: true,
  pin: true,
  "too-large": true,
  protocol: true,
});

const response: Fields<told.Response> = {
  status: count,
  headers: object<told.ResponseHeaders>({
    "content-type": optional(text),
    "retry-after": optional(text),
    etag: optional(text),
  }),
  body: nullable(text),
  elapsedMs: number,
};

const failedPart = object<told.FailedPart>({
  part: count,
  reason: oneOf({ changed: true, vanished: true, unreadable: true }),
});

const downloadedPart = byKind<told.DownloadedPart>({
  ok: bytesOrNone,
  "not-authentic": nothing,
  "other-content": nothing,
  outside: nothing,
  "not-written": because<told.PartNotWritten["reason"]>({ "no-space": true, permission: true, io: true }),
});

const finishedItem = byKind<told.FinishedItem>({
  ok: nothing,
  exists: nothing,
  conflict: because<told.ItemConflict["reason"]>({ "link-in-path": true, "not-a-folder": true, "is-a-folder": true }),
  "no-space": nothing,
  refused: because<told.ItemRefused["reason"]>({ permission: true, name: true, io: true }),
});

/** What may be said to every effect. */
const always = {
  cancelled: nothing,
  failed: because<told.Failed["reason"]>({
    "host-answer-too-large": true,
    "host-unsupported": true,
    "host-error": true,
  }),
};

const ANSWERS: { readonly [K in told.AnsweredKind]: Read<told.Answer<K>> } = {
  scan: byKind<told.Answer<"scan">>({
    ...always,
    // The root's own stat is read as that of an entry.
    scanned: object<told.Scanned>({ identity: text, stat: untouched, folders: list(scannedFolder) }),
    "root-unavailable": because<seen.RootFailure>({ ...SCAN_FAILURES, "own-folder": true }),
  }),
  hash: byKind<told.Answer<"hash">>({ ...always, hashed: object<told.Hashed>({ files: list(hashedFile) }) }),
  upload: byKind<told.Answer<"upload">>({
    ...always,
    response: object<told.Uploaded>({ ...response, sha256: digest, sizeBytes: count, answers: optional(list(text)) }),
    "no-answer": noAnswer,
    "part-failed": object<told.PartFailed>({ parts: list(failedPart) }),
  }),
  download: byKind<told.Answer<"download">>({
    ...always,
    response: object<told.Downloaded>({
      ...response,
      sizeBytes: count,
      sha256Ok: nullable(truth),
      parts: list(downloadedPart),
    }),
    "no-answer": noAnswer,
  }),
  seal: byKind<told.Answer<"seal">>({ ...always, sealed: bytes, absent: nothing }),
  open: byKind<told.Answer<"open">>({
    ...always,
    opened: bytesOrNone,
    "not-authentic": nothing,
    "other-content": nothing,
    absent: nothing,
  }),
  "finish-file": byKind<told.Answer<"finish-file">>({
    ...always,
    finished: object<told.Finished>({ items: list(finishedItem) }),
  }),
  request: byKind<told.Answer<"request">>({
    ...always,
    response: object<told.Response>(response),
    "no-answer": noAnswer,
  }),
  wake: byKind<told.Answer<"wake">>({ ...always, woken: nothing }),
  derive: byKind<told.Answer<"derive">>({
    ...always,
    derived: bytesOrNone,
    weak: because<told.WeakPassphrase["reason"]>({ "too-short": true, "too-few-different": true, "too-common": true }),
    "no-passphrase": nothing,
    absent: nothing,
  }),
  secret: byKind<told.Answer<"secret">>({ ...always, done: bytesOrNone, absent: nothing }),
};

/** The answer to an effect of this kind; `host-malformed` when there is no such answer to it, or a field does not fit. */
export function readAnswer<K extends told.AnsweredKind>(kind: K, answer: unknown): told.Answer<K> {
  return ANSWERS[kind](answer, `an answer to ${kind}`);
}
