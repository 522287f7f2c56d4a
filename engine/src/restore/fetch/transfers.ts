// What a download says of a blob, and downloads that a flow waits for. Rule: authenticity is the part's own (H-23); a
// blob that is missing, altered or cut short is named as that, and trouble is never mistaken for damage.

import type { Answer, DownloadedPart } from "../../border/answers.ts";
import type { EffectBody } from "../../border/effects.ts";
import type { DamageCode, FailureCode } from "../../border/reasons.ts";
import type { DownloadPart } from "../../border/transfers.ts";
import { fromBase64 } from "../../bytes.ts";
import { CoffreError } from "../../errors.ts";
import type { ChunkRef } from "../../format/chunk-refs.ts";
import { FULL_BLOB_BYTES } from "../../format/ladder.ts";
import { SLOT } from "../../keys/slots.ts";
import { classify, type Trouble } from "../../peer/exchange.ts";
import { failureOf, refusalOf } from "../../peer/failures.ts";
import { downloadTimeoutMs } from "../../peer/timeouts.ts";
import { type Flow, perform } from "../../runtime/flow.ts";
import type { Session } from "../session.ts";

export type DownloadBody = EffectBody & { readonly kind: "download" };

/** What came of a download. */
export type Transfer =
  | { readonly kind: "parts"; readonly parts: readonly DownloadedPart[] }
  | { readonly kind: "damage"; readonly code: DamageCode }
  | { readonly kind: "unauthorized" }
  | { readonly kind: "refused"; readonly code: FailureCode }
  | { readonly kind: "trouble"; readonly trouble: Trouble };

/** Reads the answer to a download. */
export function readTransfer(answer: Answer<"download">): Transfer {
  // More bytes than a blob can have are another blob's, or nobody's.
  if (answer.kind === "no-answer" && answer.reason === "too-large") return { kind: "damage", code: "blob-altered" };
  // The range begins behind the blob's end.
  if (answer.kind === "response" && answer.status === 416) return { kind: "damage", code: "blob-truncated" };
  const exchange = classify(answer);
  switch (exchange.kind) {
    case "ok":
      return { kind: "parts", parts: answer.kind === "response" ? answer.parts : [] };
    case "unauthorized":
      return { kind: "unauthorized" };
    case "too-large":
    case "altered":
    case "problem":
      if (exchange.kind === "problem" && exchange.code === "not-found") return { kind: "damage", code: "blob-missing" };
      return { kind: "refused", code: failureOf(refusalOf(exchange)) };
    case "trouble":
      return { kind: "trouble", trouble: exchange };
  }
}

/** What a part that did not come says of its blob, or of what is `sought` in it; null for one that came or could not be written. */
export function damageOf(part: DownloadedPart | undefined, sought: "chunk" | "list"): DamageCode | null {
  switch (part?.kind) {
    case "other-content":
      return `${sought}-not-authentic`;
    case "not-authentic":
      return "blob-altered";
    case undefined:
    case "outside":
      return "blob-truncated";
    case "ok":
    case "not-written":
      return null;
  }
}

type SealOfPart = { readonly slot: string; readonly context: string };

/** One list's opened bytes, at most 262,144, or what is wrong with its blob. Errors as `Session.get`. */
export function* fetchPart(
  session: Session,
  blob: string,
  ref: ChunkRef,
  seal: SealOfPart,
): Flow<Uint8Array | DamageCode> {
  const part = yield* openPart(session, blob, ref, seal, "answer");
  if (typeof part === "string") return part;
  if (part?.kind === "ok" && part.bytes !== undefined) return fromBase64(part.bytes);
  return damageOf(part, "list") ?? "blob-altered";
}

/** Has a chunk fetched, opened and held against its id, and its bytes thrown away. What is wrong with it, or null. */
export function* tryPart(session: Session, blob: string, ref: ChunkRef, seal: SealOfPart): Flow<DamageCode | null> {
  const part = yield* openPart(session, blob, ref, seal, []);
  return typeof part === "string" ? part : damageOf(part, "chunk");
}

function* openPart(
  session: Session,
  blob: string,
  ref: ChunkRef,
  seal: SealOfPart,
  to: DownloadPart["to"],
): Flow<DownloadedPart | DamageCode | undefined> {
  const { line } = session;
  for (;;) {
    line.requests += 1;
    const answer = yield* perform({
      kind: "download",
      server: line.server,
      path: `/v1/blobs/${blob}`,
      bearer: session.token,
      range: [ref.offsetBytes, ref.offsetBytes + ref.sealedBytes],
      sha256: null,
      // As much as a server without ranges gives.
      maxBytes: FULL_BLOB_BYTES,
      key: SLOT.dedup,
      seals: [seal],
      roots: [],
      parts: [{ offset: ref.offsetBytes, length: ref.sealedBytes, seal: 0, to }],
      timeoutMs: downloadTimeoutMs(ref.sealedBytes),
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
    return transfer.parts[0];
  }
}
