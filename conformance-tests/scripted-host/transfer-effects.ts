// The effects that talk to a server: `request`, `upload`, `download` (docs/host-api.md H-10, H-22, H-23). Rule: one
// effect is one exchange; whatever comes back is one answer.

import type { Answers, DownloadedPart, Failed, Response } from "../../engine/src/border/answers.ts";
import type { EffectBody } from "../../engine/src/border/effects.ts";
import type { DownloadPart, FilePart, UploadPart } from "../../engine/src/border/transfers.ts";
import { fromBase64, toBase64, toHex } from "./border-text.ts";
import { type BytePlane, isContext, openContent } from "./byte-plane.ts";
import { literalContent, writtenContent } from "./file-content.ts";
import type { FileTree } from "./file-tree.ts";
import { asFile, readFile } from "./folder-effects.ts";
import type { HttpResponse } from "./http-exchange.ts";
import { isCreatable, joinPath, splitPath } from "./path-text.ts";
import { sha256 } from "./server-structures.ts";
import type { Slots } from "./slots.ts";
import type { LinkOutcome, VirtualLink } from "./virtual-link.ts";

type Body<K extends EffectBody["kind"]> = Extract<EffectBody, { kind: K }>;
type Stop = () => void;
type PartFailure = "changed" | "vanished" | "unreadable";

/** What the transfers work on. */
export interface TransferGround {
  readonly tree: FileTree;
  readonly slots: Slots;
  readonly plane: BytePlane;
  readonly link: VirtualLink;
}

const BODY_BYTES = 8_388_608;
const PIECE_BYTES = 65_536;
const REQUEST_CHARACTERS = 393_216 - 24_000;
const ERROR_BODY_BYTES = 65_536;
const WORK_FILE_MODE = 0o600;
const WRONG: Failed = { kind: "failed", reason: "host-error" };

export function startRequest(
  { link }: TransferGround,
  effect: Body<"request">,
  finish: (answer: Answers["request"]) => void,
): Stop {
  const text = effect.json === undefined ? null : JSON.stringify(effect.json);
  if (text !== null && text.length > REQUEST_CHARACTERS) {
    finish({ kind: "no-answer", reason: "too-large" });
    return () => {};
  }
  const body = text === null ? null : Buffer.from(text, "utf8");
  const { method, path, server, timeoutMs } = effect;
  const request = { method, path, bearer: effect.bearer ?? null, range: null, body };
  return link.send(server, request, timeoutMs, undefined, (outcome) => {
    finish(outcome.kind === "answered" ? responseOf(outcome) : outcome);
  });
}

export function startUpload(
  ground: TransferGround,
  effect: Body<"upload">,
  finish: (answer: Answers["upload"] | Failed) => void,
): Stop {
  const built = buildBody(ground, effect);
  if (built.kind !== "body") {
    finish(built);
    return () => {};
  }
  const sha = toHex(sha256(built.bytes));
  const path = effect.path.replaceAll("{sha256}", sha);
  const request = { method: effect.method, path, bearer: effect.bearer ?? null, range: null, body: built.bytes };
  return ground.link.send(effect.server, request, effect.timeoutMs, effect.rateBytesPerS, (outcome) => {
    if (outcome.kind !== "answered") finish(outcome);
    else
      finish({ ...responseOf(outcome), sha256: sha, sizeBytes: built.bytes.length, ...answersOf(effect, built.bytes) });
  });
}

/** What the server would answer to the questions about the body (H-39). */
function answersOf({ audits }: Body<"upload">, body: Uint8Array): { answers?: string[] } {
  if (audits === undefined) return {};
  return { answers: audits.map(({ piece, nonce }) => toBase64(sha256(fromBase64(nonce), pieceOf(body, piece)))) };
}

/** A blob's piece as audits count them. */
export function pieceOf(blob: Uint8Array, piece: number): Uint8Array {
  return blob.subarray(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES);
}

type BuiltBody =
  | { readonly kind: "body"; readonly bytes: Uint8Array }
  | Extract<Answers["upload"], { kind: "part-failed" }>
  | Failed;

function buildBody(ground: TransferGround, effect: Body<"upload">): BuiltBody {
  const pieces: Uint8Array[] = [];
  const failed: { part: number; reason: PartFailure }[] = [];
  for (const [index, part] of effect.parts.entries()) {
    const bytes = readPart(ground, effect, part);
    if (bytes === "wrong") return WRONG;
    if (typeof bytes === "string") {
      failed.push({ part: index, reason: bytes });
      continue;
    }
    if (part.seal === undefined) {
      pieces.push(bytes);
      continue;
    }
    const seal = effect.seals[part.seal];
    const root = seal === undefined ? null : ground.slots.read(seal.slot);
    const context = seal?.context.replaceAll("{digest}", "digest" in part ? part.digest : "");
    if (root === null || context === undefined || !isContext(context)) return WRONG;
    pieces.push(ground.plane.seal(root, context, bytes));
  }
  if (failed.length > 0) return { kind: "part-failed", parts: failed };
  const bytes = pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces);
  return bytes.length > BODY_BYTES ? WRONG : { kind: "body", bytes };
}

function readPart(
  ground: TransferGround,
  effect: Body<"upload">,
  part: UploadPart,
): Uint8Array | PartFailure | "wrong" {
  if ("bytes" in part) return fromBase64(part.bytes);
  if ("zeros" in part) return new Uint8Array(part.zeros);
  return readFilePart(ground, effect, part);
}

function readFilePart(
  { tree, slots, plane }: TransferGround,
  effect: Body<"upload">,
  part: FilePart,
): Uint8Array | PartFailure | "wrong" {
  const root = effect.roots[part.root];
  const key = effect.key === null ? null : slots.read(effect.key);
  if (root === undefined || key === null) return "wrong";
  const file = asFile(tree.find(root, splitPath(part.path)));
  if (file.kind !== "ok") return file.kind;
  // Content never changes in place: what is digested here is what is sealed.
  const bytes = readFile(tree, file, part.offset, part.length);
  if (bytes.length !== part.length || toHex(plane.digest(key, bytes)) !== part.digest) return "changed";
  return bytes;
}

export function startDownload(
  ground: TransferGround,
  effect: Body<"download">,
  finish: (answer: Answers["download"] | Failed) => void,
): Stop {
  const { server, path, timeoutMs } = effect;
  const isKeyAbsent = effect.key !== null && ground.slots.read(effect.key) === null;
  if (
    isKeyAbsent ||
    effect.seals.some(({ slot, context }) => ground.slots.read(slot) === null || !isContext(context))
  ) {
    finish(WRONG);
    return () => {};
  }
  const request = {
    method: "GET" as const,
    path,
    bearer: effect.bearer ?? null,
    range: effect.range ?? null,
    body: null,
  };
  return ground.link.send(server, request, timeoutMs, undefined, (outcome) => {
    if (outcome.kind !== "answered") finish(outcome);
    else finish(takeDownload(ground, effect, outcome) ?? WRONG);
  });
}

function takeDownload(
  ground: TransferGround,
  effect: Body<"download">,
  outcome: Extract<LinkOutcome, { kind: "answered" }>,
): Answers["download"] | null {
  const { response } = outcome;
  const bytes = response.body;
  if (response.status !== 200 && response.status !== 206) {
    const cut = { ...response, body: bytes.subarray(0, ERROR_BODY_BYTES) };
    return { ...responseOf({ ...outcome, response: cut }), sizeBytes: bytes.length, sha256Ok: null, parts: [] };
  }
  if (bytes.length > effect.maxBytes) return { kind: "no-answer", reason: "too-large" };
  const startsAt = response.status === 206 ? (effect.range?.[0] ?? 0) : 0;
  const { status, headers } = response;
  const isNamed = effect.sha256 !== null && toHex(sha256(bytes)) === effect.sha256;
  const parts: DownloadedPart[] = [];
  for (const part of effect.parts) {
    const taken = takePart(ground, effect, part, { bytes, startsAt, isNamed: isNamed && status === 200 });
    if (taken === null) return null;
    parts.push(taken);
  }
  return {
    kind: "response",
    status,
    headers,
    body: null,
    elapsedMs: outcome.elapsedMs,
    sizeBytes: bytes.length,
    sha256Ok: effect.sha256 === null ? null : isNamed,
    parts,
  };
}

function takePart(
  { slots, plane, tree }: TransferGround,
  effect: Body<"download">,
  part: DownloadPart,
  { bytes, startsAt, isNamed }: { readonly bytes: Uint8Array; readonly startsAt: number; readonly isNamed: boolean },
): DownloadedPart | null {
  const from = part.offset - startsAt;
  const to = part.length === null ? bytes.length : from + part.length;
  if (from < 0 || from > to || to > bytes.length) return { kind: "outside" };
  const stretch = bytes.subarray(from, to);
  if (part.seal === undefined) {
    return isNamed ? givePart(tree, effect, part, stretch) : { kind: "not-authentic" };
  }
  const seal = effect.seals[part.seal];
  const root = seal === undefined ? null : slots.read(seal.slot);
  if (seal === undefined || root === null) return null;
  const digestKey = effect.key === null ? null : slots.read(effect.key);
  const opened = openContent(plane, root, digestKey, seal.context, stretch);
  if (opened === null || opened.kind !== "opened") return opened;
  return givePart(tree, effect, part, opened.bytes);
}

function givePart(tree: FileTree, effect: Body<"download">, part: DownloadPart, bytes: Uint8Array): DownloadedPart {
  if (part.to === "answer") return { kind: "ok", bytes: toBase64(bytes) };
  for (const place of part.to) {
    const failure = writeWork(tree, effect.roots[place.root], place.path, place.offset, bytes);
    if (failure !== null) return { kind: "not-written", reason: failure };
  }
  return { kind: "ok" };
}

/** Writes into a file below a work folder; the folder and the file are made as needed. */
export function writeWork(
  tree: FileTree,
  root: string | undefined,
  path: string,
  offset: number,
  bytes: Uint8Array,
): "no-space" | "permission" | "io" | null {
  const names = splitPath(path);
  if (root === undefined || names.length === 0 || !names.every(isCreatable)) return "io";
  if (tree.freeBytes !== null && tree.freeBytes < bytes.length) return "no-space";
  const locator = `${root}/${joinPath(names)}`;
  const found = tree.find(locator);
  if (found.kind === "failed" && found.failure !== "vanished") return writeFailure(found.failure);
  if (found.kind === "found" && found.node.kind !== "file") return "io";
  if (found.kind === "failed") tree.write(locator, literalContent(""), WORK_FILE_MODE);
  const node = tree.at(locator);
  if (node.kind !== "file") return "io";
  node.content = writtenContent(node.content, offset, bytes);
  tree.stamp(node);
  if (tree.freeBytes !== null) tree.freeBytes -= bytes.length;
  return null;
}

function writeFailure(failure: string): "no-space" | "permission" | "io" {
  return failure === "no-space" || failure === "permission" ? failure : "io";
}

function responseOf({
  response,
  elapsedMs,
}: {
  readonly response: HttpResponse;
  readonly elapsedMs: number;
}): Response {
  const text = Buffer.from(response.body).toString("utf8");
  const body = Buffer.from(text, "utf8").equals(response.body) ? text : null;
  return { kind: "response", status: response.status, headers: response.headers, body, elapsedMs };
}
