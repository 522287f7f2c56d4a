// The blobs of an export: each comes whole, and its SHA-256 is compared before a byte of it counts. Rule: what the server cannot give
// is named and left out; everything else is written.

import type { DownloadedPart } from "../../border/answers.ts";
import type { DamageCode } from "../../border/reasons.ts";
import type { DownloadPart } from "../../border/transfers.ts";
import { fromBase64, toHex } from "../../bytes.ts";
import { CoffreError } from "../../errors.ts";
import { type BlobId, ID_BYTES, parseBlobId } from "../../ids.ts";
import { downloadTimeoutMs } from "../../peer/timeouts.ts";
import { type Flow, perform } from "../../runtime/flow.ts";
import { readTransfer } from "../fetch/transfers.ts";
import type { Session } from "../session.ts";
import { type ExportFile, WORK_NAME } from "./export-file.ts";

/** As much as a reference blob may have (docs/format.md F-56). */
const MAX_BLOB_BYTES = 8_388_608;
/** As many whole ids as an answer holds. */
const STRETCH_BYTES = 6_144 * ID_BYTES;

/** A blob that came, with the parts that were asked for; or what is wrong with it. */
type Came = { readonly sizeBytes: number; readonly part: DownloadedPart | undefined } | DamageCode;

/** Writes a blob at the place of the next member's content; its size, or why it cannot be had. */
export function* writeBlob(session: Session, file: ExportFile, blob: BlobId): Flow<number | DamageCode> {
  const to = [{ root: 0, path: WORK_NAME, offset: file.contentAt }];
  const came = yield* load(session, blob, [{ offset: 0, length: null, to }], [file.work]);
  return typeof came === "string" ? came : came.sizeBytes;
}

/** The ids in a reference blob, or why they cannot be read. */
export function* readReferences(session: Session, blob: BlobId): Flow<BlobId[] | DamageCode> {
  const whole = yield* load(session, blob, [], []);
  if (typeof whole === "string") return whole;
  if (whole.sizeBytes % ID_BYTES !== 0) return "blob-altered";
  const ids: BlobId[] = [];
  for (let offset = 0; offset < whole.sizeBytes; offset += STRETCH_BYTES) {
    const length = Math.min(STRETCH_BYTES, whole.sizeBytes - offset);
    const came = yield* load(session, blob, [{ offset, length, to: "answer" }], []);
    if (typeof came === "string") return came;
    if (came.part?.kind !== "ok" || came.part.bytes === undefined) return "blob-altered";
    const bytes = fromBase64(came.part.bytes);
    for (let at = 0; at < bytes.length; at += ID_BYTES) ids.push(parseBlobId(toHex(bytes.subarray(at, at + ID_BYTES))));
  }
  return ids;
}

/** Fetches a blob with at most one part; what is damaged is asked for once more, in case only the way was bad. */
function* load(session: Session, blob: BlobId, parts: readonly DownloadPart[], roots: readonly string[]): Flow<Came> {
  const first = yield* loadOnce(session, blob, parts, roots);
  return typeof first === "string" ? yield* loadOnce(session, blob, parts, roots) : first;
}

function* loadOnce(
  session: Session,
  blob: BlobId,
  parts: readonly DownloadPart[],
  roots: readonly string[],
): Flow<Came> {
  const { line } = session;
  for (;;) {
    line.requests += 1;
    const answer = yield* perform({
      kind: "download",
      server: line.server,
      path: `/v1/blobs/${blob}`,
      bearer: session.token,
      sha256: blob,
      maxBytes: MAX_BLOB_BYTES,
      key: null,
      seals: [],
      roots,
      parts,
      timeoutMs: downloadTimeoutMs(MAX_BLOB_BYTES),
    });
    const transfer = readTransfer(answer);
    if (transfer.kind === "trouble") {
      yield* line.pause(transfer.trouble);
      continue;
    }
    line.retry.succeeded();
    if (transfer.kind === "unauthorized") {
      yield* session.renew();
      continue;
    }
    session.accepted();
    if (transfer.kind === "damage") return transfer.code;
    if (transfer.kind === "refused") throw new CoffreError(transfer.code as `peer-${string}`, "a blob was refused");
    if (answer.kind !== "response" || answer.sha256Ok !== true) return "blob-altered";
    const [part] = transfer.parts;
    if (part?.kind === "not-written") {
      throw part.reason === "no-space"
        ? new CoffreError("host-no-space", "there is no room for the export")
        : new CoffreError("host-target", "the export could not be written");
    }
    return { sizeBytes: answer.sizeBytes, part };
  }
}
