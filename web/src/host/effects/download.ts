// `download`: one exchange whose body is opened part by part (docs/host-api.md H-23). Rule: only authentic bytes, of the content
// that their context names, are written or answered, whatever the body's SHA-256 says; what has no seal has to have that SHA-256.

import type { Answers, DownloadedPart, DownloadPart, EffectBody } from "coffre-engine";
import { checkCancelled, RefusedEffect } from "../../../../host-loop/src/index.ts";
import { decodeText, exchange } from "../exchange.ts";
import { WORK } from "../places.ts";
import { open, sha256 } from "../sealing.ts";
import type { Slots } from "../slots.ts";
import type { WorkFolder } from "../work-folder.ts";

type DownloadEffect = EffectBody & { kind: "download" };

const TEXT_BYTES = 65_536;
const MOST_BYTES = 64 * 1024 * 1024;

/** Carries out a `download` effect. */
export async function downloadParts(
  { slots, work }: { readonly slots: Slots; readonly work: WorkFolder | null },
  effect: DownloadEffect,
  signal: AbortSignal,
): Promise<Answers["download"]> {
  if (effect.maxBytes > MOST_BYTES) throw new RefusedEffect(`expected at most ${MOST_BYTES} bytes`);
  if (effect.roots.some((root) => root !== WORK)) throw new RefusedEffect("expected the work folder");
  const { server, path, bearer, range, timeoutMs } = effect;
  const headers: Record<string, string> = range === undefined ? {} : { range: `bytes=${range[0]}-${range[1] - 1}` };
  const end = await exchange(
    { server, method: "GET", path, bearer, headers, body: null, timeoutMs },
    (status) => (isWanted(status) ? { most: effect.maxBytes, beyond: "refuse" } : { most: TEXT_BYTES, beyond: "drop" }),
    signal,
  );
  if (end.kind === "no-answer") return end;
  const { status, elapsedMs, body } = end;
  const head = { kind: "response", status, headers: end.headers, elapsedMs, sizeBytes: body.length } as const;
  if (!isWanted(status)) return { ...head, body: decodeText(body, TEXT_BYTES), sha256Ok: null, parts: [] };
  const first = status === 206 ? firstByteOf(end.contentRange, range?.[0] ?? 0) : 0;
  const isWhole = effect.sha256 !== null && status === 200;
  const sha256Ok = isWhole ? (await sha256(body)).toHex() === effect.sha256 : null;
  const parts: DownloadedPart[] = [];
  for (const part of effect.parts) {
    checkCancelled(signal);
    const from = part.offset - first;
    const to = part.length === null ? body.length : from + part.length;
    const stretch = body.subarray(from, to);
    if (from < 0 || from > to || to > body.length) parts.push({ kind: "outside" });
    else if (part.seal !== undefined) parts.push(await openPart(slots, work, effect, part, part.seal, stretch));
    else parts.push(sha256Ok === true ? await give(work, part, stretch) : { kind: "not-authentic" });
  }
  return { ...head, body: null, sha256Ok, parts };
}

async function openPart(
  slots: Slots,
  work: WorkFolder | null,
  effect: DownloadEffect,
  part: DownloadPart,
  seal: number,
  sealed: Uint8Array<ArrayBuffer>,
): Promise<DownloadedPart> {
  const under = effect.seals[seal];
  const root = under === undefined ? null : slots.find(under.slot);
  if (under === undefined || root === null) throw new RefusedEffect("expected a slot that is there to open under");
  const digestKey = effect.key === null ? null : slots.find(effect.key);
  if (effect.key !== null && digestKey === null) throw new RefusedEffect("expected the slot of the key of contents");
  const opened = await open(root, digestKey, under.context, sealed);
  return opened.kind === "opened" ? await give(work, part, opened.bytes) : opened;
}

/** Answers the bytes of a part, or writes them into its files. */
async function give(
  work: WorkFolder | null,
  part: DownloadPart,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<DownloadedPart> {
  if (part.to === "answer") return { kind: "ok", bytes: bytes.toBase64() };
  for (const to of part.to) {
    // A browser without storage reads a vault, and keeps no file of it.
    if (work === null) return { kind: "not-written", reason: "permission" };
    const failure = await work.write(to.path, to.offset, bytes);
    if (failure !== null) return { kind: "not-written", reason: failure };
  }
  return { kind: "ok" };
}

/** Whether the status says that the resource, or a range of it, came. */
function isWanted(status: number): boolean {
  return status === 200 || status === 206;
}

/** Where a `Content-Range` begins (RFC 9110 §14.4); `asked` where it says nothing that can be read. */
function firstByteOf(contentRange: string | null, asked: number): number {
  const match = /^bytes ([0-9]{1,15})-/.exec(contentRange ?? "");
  return match === null ? asked : Number(match[1]);
}
