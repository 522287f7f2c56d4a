// `download`: one exchange whose body is opened part by part (docs/host-api.md H-23). Rule: only authentic bytes, of the content
// that their context names, are written or answered, whatever the body's SHA-256 says; what has no seal has to have that SHA-256.

import type { IncomingMessage } from "node:http";
import type { Answers, DownloadedPart, DownloadPart, EffectBody } from "coffre-engine";
import { RefusedEffect, type Turn } from "../../../../host-loop/src/index.ts";
import { BODY_BYTES, type BodyBuffers } from "../body-buffers.ts";
import type { Connections } from "../connections.ts";
import { exchange, type Receiver } from "../exchange.ts";
import { releaseLater } from "../release.ts";
import { decodeText } from "../response-text.ts";
import { beginTurn } from "../runtime.ts";
import { openInPlace, sha256 } from "../sealing.ts";
import type { Slots } from "../slots.ts";
import { WorkFiles } from "../work-files.ts";

type DownloadEffect = EffectBody & { kind: "download" };

const TEXT_BYTES = 65_536;
const MOST_BYTES = 64 * 1024 * 1024;

/** Carries out a `download` effect. */
export async function downloadParts(
  { slots, buffers, connections }: { slots: Slots; buffers: BodyBuffers; connections: Connections },
  effect: DownloadEffect,
  signal: AbortSignal,
): Promise<Answers["download"]> {
  if (effect.maxBytes > MOST_BYTES) throw new RefusedEffect(`expected at most ${MOST_BYTES} bytes`);
  const receive = (buffer: Buffer): Promise<Answers["download"]> =>
    receiveBody(slots, connections, effect, buffer, signal);
  if (effect.maxBytes <= BODY_BYTES) return await buffers.use(receive);
  return await receive(Buffer.allocUnsafeSlow(effect.maxBytes));
}

async function receiveBody(
  slots: Slots,
  connections: Connections,
  effect: DownloadEffect,
  buffer: Buffer,
  signal: AbortSignal,
): Promise<Answers["download"]> {
  const receiver = new BodyReceiver(effect, buffer);
  const range = effect.range;
  const end = await exchange(
    connections,
    {
      server: effect.server,
      method: "GET",
      path: effect.path,
      bearer: effect.bearer,
      headers: range === undefined ? {} : { range: `bytes=${range[0]}-${range[1] - 1}` },
      body: null,
      timeoutMs: effect.timeoutMs,
    },
    receiver,
    signal,
  );
  if (end.kind === "no-answer") return end;
  const bytes = receiver.bytes();
  const { status, headers, elapsedMs } = end;
  const head = { kind: "response", status, headers, elapsedMs, sizeBytes: bytes.length } as const;
  if (!receiver.isWanted()) return { ...head, body: decodeText(bytes, TEXT_BYTES), sha256Ok: null, parts: [] };
  const isWhole = effect.sha256 !== null && status === 200;
  const sha256Ok = isWhole ? sha256(bytes).toString("hex") === effect.sha256 : null;
  const body = { bytes, firstByte: receiver.firstByte(), isNamed: sha256Ok === true };
  const parts = await openParts(slots, effect, body, beginTurn(signal));
  return { ...head, body: null, sha256Ok, parts };
}

/** A body that came: where it begins in the resource, and whether it is all of it and has the SHA-256 of the effect. */
interface Body {
  readonly bytes: Buffer;
  readonly firstByte: number;
  readonly isNamed: boolean;
}

/** Receives a body into one buffer: what was asked for up to its limit, another status's text up to a smaller one. */
class BodyReceiver implements Receiver {
  readonly #effect: DownloadEffect;
  readonly #buffer: Buffer;
  #length = 0;
  #wanted = false;
  #first = 0;

  constructor(effect: DownloadEffect, buffer: Buffer) {
    this.#effect = effect;
    this.#buffer = buffer;
  }

  begin(status: number, headers: IncomingMessage["headers"]): { most: number; beyond: "refuse" | "drop" } {
    this.#length = 0;
    this.#wanted = status === 200 || status === 206;
    this.#first = status === 206 ? firstByteOf(headers["content-range"], this.#effect.range?.[0] ?? 0) : 0;
    if (this.#wanted) return { most: this.#effect.maxBytes, beyond: "refuse" };
    return { most: Math.min(TEXT_BYTES, this.#buffer.length), beyond: "drop" };
  }

  take(bytes: Buffer): void {
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
    releaseLater(bytes);
  }

  /** Whether the status says that the resource, or a range of it, came. */
  isWanted(): boolean {
    return this.#wanted;
  }

  /** Where in the resource the body begins. */
  firstByte(): number {
    return this.#first;
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }
}

/** Where a `Content-Range` begins (RFC 9110 §14.4); `asked` where it says nothing that can be read. */
function firstByteOf(contentRange: string | undefined, asked: number): number {
  const match = /^bytes ([0-9]{1,15})-/.exec(contentRange ?? "");
  return match === null ? asked : Number(match[1]);
}

async function openParts(slots: Slots, effect: DownloadEffect, body: Body, turn: Turn): Promise<DownloadedPart[]> {
  const files = new WorkFiles(effect.roots);
  const parts: DownloadedPart[] = [];
  try {
    // Opening happens in place, so a part that is asked for twice, or overlaps another, is opened from a copy.
    const inPlace = !hasOverlap(effect.parts);
    for (const part of effect.parts) {
      const found = stretchOf(body, part);
      if (found === null) parts.push({ kind: "outside" });
      else if (part.seal === undefined) parts.push(body.isNamed ? give(part, found, files) : { kind: "not-authentic" });
      else
        parts.push(openPart(slots, effect, { ...part, seal: part.seal }, inPlace ? found : Buffer.from(found), files));
      if (turn.isOver()) await turn.pass();
    }
    files.close();
    return parts.map((part, index) => keptPart(part, effect.parts[index]?.to ?? [], files));
  } finally {
    files.close();
  }
}

/** The part as it is told when its files were closed. */
function keptPart(part: DownloadedPart, to: DownloadPart["to"], files: WorkFiles): DownloadedPart {
  if (part.kind !== "ok" || to === "answer") return part;
  for (const { root, path } of to) {
    const failure = files.failureOf(root, path);
    if (failure !== null) return { kind: "not-written", reason: failure };
  }
  return part;
}

/** The bytes of a part as they came, or null when it lies beyond them. */
function stretchOf({ bytes, firstByte }: Body, { offset, length }: DownloadPart): Buffer | null {
  const from = offset - firstByte;
  const to = length === null ? bytes.length : from + length;
  return from < 0 || from > to || to > bytes.length ? null : bytes.subarray(from, to);
}

function hasOverlap(parts: readonly DownloadPart[]): boolean {
  let end = 0;
  for (const part of [...parts].sort((a, b) => a.offset - b.offset)) {
    if (part.offset < end) return true;
    end = part.offset + (part.length ?? Number.POSITIVE_INFINITY);
  }
  return false;
}

function openPart(
  slots: Slots,
  effect: DownloadEffect,
  part: DownloadPart & { readonly seal: number },
  sealed: Buffer,
  files: WorkFiles,
): DownloadedPart {
  const under = effect.seals[part.seal];
  const root = under === undefined ? null : slots.find(under.slot);
  if (under === undefined || root === null) throw new RefusedEffect("expected a slot that is there to open under");
  const digestKey = effect.key === null ? null : slots.find(effect.key);
  if (effect.key !== null && digestKey === null) throw new RefusedEffect("expected the slot of the key of contents");
  const opened = openInPlace(root, digestKey, under.context, sealed);
  return opened.kind === "opened" ? give(part, opened.bytes, files) : opened;
}

/** Answers the bytes of a part, or writes them into its files. */
function give(part: DownloadPart, bytes: Buffer, files: WorkFiles): DownloadedPart {
  if (part.to === "answer") return { kind: "ok", bytes: bytes.toString("base64") };
  for (const to of part.to) {
    const failure = files.write(to.root, to.path, to.offset, bytes);
    if (failure !== null) return { kind: "not-written", reason: failure };
  }
  return { kind: "ok" };
}
